"""`flask roadmap evidence | rule | rules`: what input says about a roadmap, and by which rules."""

from collections.abc import Sequence

import click

from app.cli.output import emit, json_option, slug_argument
from app.cli.roadmap import roadmap_group
from app.database import get_database, operator_session
from app.projection import project_responses
from core.audit import OPERATOR
from core.clock import utc_now
from core.ids import clean_slug
from roadmap.evidence.declaring import declare_rule, list_rules, replace_rule, rules_document
from roadmap.evidence.gathering import evidence_rows
from roadmap.evidence.rules import RULES, say_parameters
from roadmap.roadmaps import get_roadmap
from surveys.consultations import get_consultation


@roadmap_group.command("evidence")
@slug_argument
@click.option("--subject", help="A milestone's or paragraph's code, or FROM>TO.")
@click.option("--public", help="all, or a respondent type.")
@json_option
def evidence(slug: str, subject: str | None, public: str | None, as_json: bool) -> None:
    """Say every figure that closed consultations and votes give for the roadmap SLUG.

    Each row has subject, rule ("name/version"), public ("all" or a respondent type), figure, value
    and n (null where disclosure control hides a number), and query. The query says how to compute
    the value again from the published results of the consultation it names, split by
    respondent_type, or from the published record of the vote: `key=value` pairs joined by `&`, as
    in an address. `question` is an entry of the results, options are numbered from 1 in their
    order; `values=1:0,2:1/2` gives option 1 the value 0 and option 2 one half. What each `compute`
    does is in docs/evidence-rules.md.
    """
    now = utc_now()
    with operator_session() as session:
        project_responses(session, now=now)
        roadmap = get_roadmap(session, slug=slug)
        rows = evidence_rows(session, roadmap=roadmap, now=now, subject=subject, public=public)
    lines = [
        f"{row.subject:<12} {row.rule:<22} {row.public:<30} {row.figure:<16}"
        f" {'hidden' if row.value is None else row.value}"
        f"{'' if row.n is None else f' (n = {row.n})'}"
        for row in rows
    ]
    emit(
        [row.as_document() for row in rows],
        as_json=as_json,
        text="\n".join(lines) or "No closed consultation or vote says anything yet.",
    )


@roadmap_group.command("rule")
@slug_argument
@click.argument("question")
@click.option("--consultation", default="", help="The consultation's slug; none for a vote.")
@click.option("--rule", "name", required=True, type=click.Choice(list(RULES)), help="The rule.")
@click.option(
    "--parameter", "parameters", multiple=True, metavar="NAME=VALUE",
    help="A parameter of the rule; may be given several times.",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="End the rule in force and declare the next version.")
@json_option
def rule(
    slug: str,
    question: str,
    consultation: str,
    name: str,
    parameters: Sequence[str],
    replace: bool,
    as_json: bool,
) -> None:
    """Declare that a QUESTION of a consultation, or a vote, speaks for the roadmap SLUG."""
    given = {}
    for text in parameters:
        key, equals, value = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r}: expected NAME=VALUE", param_hint="--parameter")
        given[key.strip()] = value
    now = utc_now()
    with operator_session() as session:
        roadmap = get_roadmap(session, slug=slug)
        asked = get_consultation(session, slug=clean_slug(consultation)) if consultation else None
        live = [
            each
            for each in list_rules(session, roadmap=roadmap)
            if each.rule == name
            and each.source == question
            and each.consultation_id == (asked.id if asked is not None else None)
        ]
        if replace and live:
            declared = replace_rule(
                session, roadmap=roadmap, rule_id=live[0].id, parameters=given, actor=OPERATOR,
                now=now,
            )  # fmt: skip
        else:
            declared = declare_rule(
                session, roadmap=roadmap, rule=name, source=question, consultation=asked,
                parameters=given, actor=OPERATOR, now=now,
            )  # fmt: skip
        document = {
            "rule": f"{declared.rule}/{declared.version}",
            "consultation": asked.slug if asked is not None else None,
            "source": question,
            "parameters": {k: v for k, v in declared.parameters.items() if k != "formula"},
        }
    emit(document, as_json=as_json, text=f"{question} now speaks by {document['rule']}.")


@roadmap_group.command("rules")
@slug_argument
@json_option
def rules(slug: str, as_json: bool) -> None:
    """List the rules in force for the roadmap SLUG, with their parameters and formulas."""
    with get_database().reading() as session:
        document = rules_document(session, get_roadmap(session, slug=slug))
    lines = [
        f"{each['rule']:<26} {each['consultation'] or 'vote'} {each['source']}"
        f"  {say_parameters(each['parameters'])}".rstrip()
        for each in document
    ]
    emit(document, as_json=as_json, text="\n".join(lines) or "No rule is declared yet.")
