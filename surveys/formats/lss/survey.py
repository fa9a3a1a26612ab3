"""What a LimeSurvey export says of the whole survey; its texts told plainly, its losses named."""

import re
from typing import Any

from surveys.errors import UnreadableFile
from surveys.formats.imported import Loss, LossKind
from surveys.formats.lss.attributes import SETTINGS, SURVEY_TEXTS
from surveys.formats.lss.file import LimeSurvey
from surveys.formats.lss.tailoring import Insertion
from surveys.formats.lss.texts import plain_text, take_insertions
from surveys.language.expressions import Expression
from surveys.schema import LANGUAGE_TAG, MAX_TEXT, SCHEMA

_LONGEST_HTML = 3 * MAX_TEXT


class Reporter:
    """Turns texts into plain ones and keeps the list of what was lost.

    ``languages``: those of the survey that are language codes, the base language first.
    """

    def __init__(self, named: list[str]) -> None:
        self.lost: list[Loss] = []
        # What is inserted into texts, by the number of its mark.
        self.insertions: list[Insertion] = []
        # The number of the question whose texts are read.
        self.qid = ""
        self.languages: list[str] = []
        for language in named:
            if re.fullmatch(LANGUAGE_TAG, language):
                self.languages.append(language)
            else:
                self.lose(
                    f"survey/language {language}", "attribute", language, "It is no language code."
                )
        if not self.languages:
            raise UnreadableFile(reason="The export names no language that is a language code.")

    def lose(self, path: str, kind: LossKind, what: str, why: str) -> None:
        self.lost.append(Loss(path, kind, what[:2000], why))

    def mark(self, expression: Expression) -> str:
        """A mark for an expression of ours, to stand in a text."""
        self.insertions.append(Insertion(str(expression), "", "", expression))
        return f"\ue000{len(self.insertions) - 1}\ue001"

    def say(self, texts: dict[str, str], path: str, otherwise: str) -> dict[str, str]:
        """Plain texts by language, complete in the first language where there is any text.

        What is inserted into them is marked, see ``surveys.formats.lss.tailoring``.
        """
        said: dict[str, str] = {}
        reported: set[str] = set()
        if "" in texts:
            # Said once, for all languages.
            rest = {language: html for language, html in texts.items() if language}
            texts = {self.languages[0]: texts[""]} | rest

        def lose_once(what: str, why: str) -> None:
            if why not in reported:
                reported.add(why)
                self.lose(path, "text", what, why)

        for language, html in texts.items():
            if language not in self.languages:
                lose_once(html, f"The language {language} is not one of the survey's.")
                continue
            marked, taken = take_insertions(html[:_LONGEST_HTML], len(self.insertions))
            self.insertions += [Insertion(source, path, language, qid=self.qid) for source in taken]
            plain = plain_text(marked)
            for missing in plain.missing:
                lose_once(html, f"Texts are plain here; it holds {missing}.")
            if len(plain.text) > MAX_TEXT or len(html) > _LONGEST_HTML:
                lose_once(html, f"Texts have at most {MAX_TEXT:,} characters; it was cut there.")
            if plain.text:
                said[language] = plain.text[:MAX_TEXT]
        base = self.languages[0]
        if base not in said and (said or otherwise):
            said[base] = next(iter(said.values()), otherwise[:MAX_TEXT])
        return {language: said[language] for language in self.languages if language in said}


def about_the_survey(survey: LimeSurvey, reporter: Reporter) -> dict[str, Any]:
    """The document without its sections; what else the survey says of itself is lost."""
    texts, say = survey.texts, reporter.say
    title = say(texts.get("surveyls_title", {}), "survey/title", "Untitled")
    document: dict[str, Any] = {"schema": SCHEMA, "title": title}
    description = say(texts.get("surveyls_description", {}), "survey/description", "")
    welcome = say(texts.get("surveyls_welcometext", {}), "survey/welcome text", "")
    joined = {}
    for language in reporter.languages:
        parts = [said[language] for said in (description, welcome) if language in said]
        if parts:
            joined[language] = "\n".join(dict.fromkeys(parts))[:MAX_TEXT]
    if joined:
        joined.setdefault(reporter.languages[0], next(iter(joined.values())))
        document["description"] = joined
    document["languages"] = reporter.languages
    _lose_settings(survey, reporter)
    return document


def _lose_settings(survey: LimeSurvey, reporter: Reporter) -> None:
    lose = reporter.lose
    emails = []
    for name, texts in survey.texts.items():
        why = next((w for prefix, w in SURVEY_TEXTS if name.startswith(prefix)), None)
        if "email" in name:
            emails.append(name)
        elif why is not None:
            what = texts.get(reporter.languages[0]) or next(iter(texts.values()))
            lose(f"survey/{name}", "text", what, why)
    if emails:
        lose(
            "survey/e-mail templates", "text", ", ".join(emails),
            "E-mails are written from the platform's own templates.",
        )  # fmt: skip
    for name, value in survey.settings.items():
        defaults, why = SETTINGS.get(name, (None, ""))
        if defaults is not None and value.strip() and value.strip() not in defaults:
            lose(f"survey/setting {name}", "attribute", value, why)
    for table, rows in survey.other_tables.items():
        for number, row in enumerate(rows, start=1):
            what = "; ".join(f"{name}={value}" for name, value in row.items() if value)
            lose(
                f"table {table}/row {number}", "attribute", what,
                "It is not part of a questionnaire here.",
            )  # fmt: skip
    for number, (table, row) in enumerate(survey.strays, start=1):
        what = "; ".join(f"{name}={value}" for name, value in row.items() if value)
        if table == "questions":
            lose(
                f"question {row.get('title', '')}", "question", what,
                "It lies in a group that the file does not hold.",
            )  # fmt: skip
            continue
        lose(
            f"table {table}/stray row {number}", "attribute", what,
            "It is about a question that the file does not hold.",
        )  # fmt: skip
