"""`flask surveys route`: what a questionnaire asks for given answers, without a browser."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask_babel import force_locale

from app.cli.output import emit, json_option, note, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from app.presentation import problem_text
from core.clock import utc_now
from core.errors import NotFound
from surveys.consultations import get_consultation, get_questionnaire
from surveys.errors import UnreadableFile
from surveys.models import Consultation, QuestionnaireVersion
from surveys.questionnaire import Questionnaire
from surveys.routing import Route, route
from surveys.time_zones import local_time
from surveys.validation import Problem, validate

MAX_ANSWERS_BYTES = 20 * 1024 * 1024


class VersionNotFound(NotFound):
    """A consultation without this version, or without any."""

    code = "surveys.version_not_found"
    template = "The consultation {slug} has no {what}."
    remedy = "`flask surveys import` adds a version."


@surveys_group.command("route")
@slug_argument
@click.option(
    "--answers",
    "answers_file",
    required=True,
    type=click.Path(path_type=Path, allow_dash=True),
    help="A JSON file with an object of answers by question code; - reads standard input.",
)
@click.option("--language", help="The language of texts; the questionnaire's first unless given.")
@click.option("--version", "number", type=int, help="Another version than the newest.")
@json_option
def route_answers(
    slug: str, answers_file: Path, language: str | None, number: int | None, as_json: bool
) -> None:
    """Show which questions of the consultation SLUG are asked for given answers.

    Takes the newest version, whether published or a draft. Says what is shown and hidden, the
    texts with answers filled in, and what would keep these answers from being submitted.
    """
    answers = _read_answers(answers_file)
    now = utc_now()
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        version = find_version(consultation, number)
        questionnaire = get_questionnaire(session, version_id=version.id)
        today = local_time(now, consultation.time_zone).date()
    language = language or questionnaire.fallback
    if language.partition("-")[0] not in {
        code.partition("-")[0] for code in questionnaire.languages
    }:
        note(f"The questionnaire has no {language}; its texts are in {questionnaire.fallback}.")
    taken = route(questionnaire, answers, today=today)
    problems = validate(questionnaire, answers, complete=True, route_taken=taken, language=language)
    document = {
        "shown": list(taken.shown),
        "hidden": list(taken.hidden),
        "texts": _texts(questionnaire, taken, language),
        "errors": _errors(problems, language),
    }
    emit(document, as_json=as_json, text="" if as_json else _as_text(slug, document))


def _read_answers(file: Path) -> dict[str, Any]:
    """The answers in ``file``, refused where they are not one object of proper JSON."""
    if str(file) == "-":
        data = sys.stdin.buffer.read(MAX_ANSWERS_BYTES + 1)
    else:
        with file.open("rb") as stream:
            data = stream.read(MAX_ANSWERS_BYTES + 1)
    if len(data) > MAX_ANSWERS_BYTES:
        raise UnreadableFile(
            reason=f"The answers are larger than {MAX_ANSWERS_BYTES // 1024**2} MB."
        )
    try:
        answers = json.loads(data.decode("utf-8-sig"))
        json.dumps(answers, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise UnreadableFile(reason="The answers are nested too deep.") from None
    except UnicodeEncodeError:
        raise UnreadableFile(reason="The answers contain half of a character pair.") from None
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            reason=f"The answers are not UTF-8 text (byte {error.start + 1})."
        ) from None
    except json.JSONDecodeError as error:
        raise UnreadableFile(
            reason=f"The answers are not JSON: line {error.lineno}, column {error.colno}: "
            f"{error.msg}."
        ) from None
    except ValueError:  # an integer with thousands of digits
        raise UnreadableFile(reason="The answers contain a number that is too long.") from None
    if not isinstance(answers, dict):
        raise UnreadableFile(
            reason='The answers are not an object by question code, such as {"Q1": "yes"}.'
        )
    return answers


def find_version(consultation: Consultation, number: int | None) -> QuestionnaireVersion:
    if not consultation.versions:
        raise VersionNotFound(slug=consultation.slug, what="questionnaire yet")
    if number is None:
        return max(consultation.versions, key=lambda version: version.number)
    for version in consultation.versions:
        if version.number == number:
            return version
    raise VersionNotFound(slug=consultation.slug, what=f"version {number}")


def _texts(questionnaire: Questionnaire, taken: Route, language: str) -> dict[str, str]:
    """Titles of the questions and labels of the rows that are shown, answers filled in."""
    texts = {}
    for question in questionnaire.questions:
        if taken.shows(question.code):
            texts[question.code] = taken.text(question.title, language)
        for row in question.rows:
            name = f"{question.code}.{row.code}"
            if taken.shows(name):
                texts[name] = taken.text(row.label, language)
    return texts


def _errors(problems: list[Problem], language: str) -> list[dict[str, str]]:
    """Where each problem is, and what is wrong: in the language where the interface speaks it."""
    spoken = language.partition("-")[0]
    known = spoken in current_app.config["WAYMARK_LANGUAGES"]
    with force_locale(spoken) if known else nullcontext():
        return [{"code": problem.code, "message": problem_text(problem)} for problem in problems]


def _as_text(slug: str, document: dict[str, Any]) -> str:
    width = max((len(code) for code in document["shown"]), default=0)
    lines = [f"{slug}: {len(document['shown'])} asked, {len(document['hidden'])} hidden"]
    for code in document["shown"]:
        first, *more = document["texts"][code].split("\n")
        lines.append(f"  {code:<{width}}  {first}{' …' if more else ''}")
    if document["hidden"]:
        lines.append(f"Hidden: {', '.join(document['hidden'])}")
    if not document["errors"]:
        lines.append("These answers could be submitted.")
        return "\n".join(lines)
    lines.append(f"What keeps them from being submitted ({len(document['errors'])}):")
    lines += [f"  {error['code']}: {error['message']}" for error in document["errors"]]
    return "\n".join(lines)
