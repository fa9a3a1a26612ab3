"""Answers to the three questions about a plan, as the desk and the command line show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from roadmap.draft import BudgetSource
from roadmap.errors import InvalidDraft
from roadmap.evidence.links import gather_evidence, priority_of
from roadmap.models import Roadmap
from roadmap.scenarios.branching import plan_with
from roadmap.scenarios.comparing import Comparison, Planned, compare
from roadmap.scenarios.questions import (
    MustStart,
    Selection,
    chain_from,
    cut_budgets,
    must_start,
    select_within,
    slip,
    stretch,
)

# What a milestone without evidence weighs: the middle of the scale.
NO_EVIDENCE = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Answer:
    """``steps`` would make it true; they are empty where the question only asks for dates.

    ``chains``: by code, how the milestone that slips holds it up.
    """

    question: str
    steps: tuple[dict[str, Any], ...]
    before: Planned
    after: Planned | None = None
    comparison: Comparison | None = None
    chains: Mapping[str, tuple[str, ...]] | None = None
    starts: Sequence[MustStart] = ()
    selection: Selection | None = None
    code: str = ""
    by: date | None = None
    without_evidence: int = 0


def answer_question(
    session: Session, roadmap: Roadmap, given: Mapping[str, str], *, now: datetime
) -> Answer | None:
    """The answer to what ``given`` asks: ``question`` is slip, finish or budget; None without one.

    slip: code, days. finish: code, by. budget: percent, how (leave_out, stretch or alike).
    Raises ``InvalidDraft`` naming the field.
    """
    question = given.get("question", "")
    if not question:
        return None
    before = plan_with(roadmap, ())
    if question == "slip":
        return _slip(roadmap, before, given)
    if question == "finish":
        return _finish(before, given)
    if question == "budget":
        return _budget(session, roadmap, before, given, now)
    raise InvalidDraft(where="question", reason="expected slip, finish or budget")


def _slip(roadmap: Roadmap, before: Planned, given: Mapping[str, str]) -> Answer:
    code, days = given.get("code", ""), _whole(given, "days")
    about = {"question": "slip", "code": code, "days": days}
    changes = slip(before, code=code, days=days)
    step = {"op": "change_milestones", "changes": changes, "about": about}
    after = plan_with(roadmap, [step])
    return Answer(
        "slip", (step,), before, after, compare(before, after),
        chains=chain_from(after, origin=code), code=code,
    )  # fmt: skip


def _finish(before: Planned, given: Mapping[str, str]) -> Answer:
    code = given.get("code", "")
    text = given.get("by", "").strip()
    try:
        # A year alone is its last day.
        by = date(int(text), 12, 31) if len(text) == 4 else date.fromisoformat(text)
    except ValueError:
        raise InvalidDraft(where="by", reason="expected a date such as 2028-12-31") from None
    return Answer(
        "finish", (), before, starts=must_start(before, code=code, by=by), code=code, by=by
    )


def _budget(
    session: Session, roadmap: Roadmap, before: Planned, given: Mapping[str, str], now: datetime
) -> Answer:
    percent = _whole(given, "percent")
    how = given.get("how", "leave_out")
    about = {"question": "budget", "percent": percent, "how": how}
    if not any(any(each.budget.values()) for each in before.draft.milestones):
        raise InvalidDraft(where="percent", reason="no milestone has a budget yet")
    selection, missing = None, 0
    if how == "stretch":
        changes: Mapping[str, Any] = stretch(before, percent=percent)
        steps = [{"op": "change_milestones", "changes": changes, "about": about}]
    elif how == "alike":
        changes = cut_budgets(before.draft, percent=percent)
        steps = [{"op": "change_milestones", "changes": changes, "about": about}]
    elif how == "leave_out":
        weights, missing = weights_of(session, roadmap, now=now)
        source = given.get("source", "")
        if source and source not in list(BudgetSource):
            raise InvalidDraft(where="source", reason=f"expected one of {', '.join(BudgetSource)}")
        selection = select_within(
            before, percent=percent, weights=weights,
            sources=[BudgetSource(source)] if source else tuple(BudgetSource),
            kept=[code for code in given.get("kept", "").replace(",", " ").split() if code],
        )  # fmt: skip
        steps = [{"op": "remove_milestones", "codes": list(selection.left_out), "about": about}]
        steps = steps if selection.left_out else []
    else:
        raise InvalidDraft(where="how", reason="expected leave_out, stretch or alike")
    if steps and not steps[0].get("changes", True):
        steps = []  # no milestone has a budget
    after = plan_with(roadmap, steps)
    return Answer(
        "budget", tuple(steps), before, after, compare(before, after), selection=selection,
        without_evidence=missing,
    )  # fmt: skip


def weights_of(
    session: Session, roadmap: Roadmap, *, now: datetime
) -> tuple[dict[str, Decimal], int]:
    """What each milestone weighs: its priority; and how many have none and weigh the middle."""
    evidence = gather_evidence(session, roadmap=roadmap, now=now)
    weights, missing = {}, 0
    for milestone in roadmap.milestones:
        priority = priority_of(evidence.get(milestone.code, ()))
        missing += priority is None
        weights[milestone.code] = NO_EVIDENCE if priority is None else Decimal(priority["score"])
    return weights, missing


def _whole(given: Mapping[str, str], field: str) -> int:
    try:
        return int(given.get(field, "").strip())
    except ValueError:
        raise InvalidDraft(where=field, reason="expected a whole number") from None


def step_text(step: Mapping[str, Any]) -> str:
    """A step of a scenario as a sentence."""
    about = step.get("about") or {}
    if about.get("question") == "slip":
        days = about["days"]
        return _("%(code)s starts %(days)s days later", code=about["code"], days=days)
    if about.get("question") == "budget" and about["how"] == "stretch":
        return _("%(percent)s %% less money a year: what is paid for takes longer",
                 percent=about["percent"])  # fmt: skip
    if about.get("question") == "budget" and about["how"] == "alike":
        return _("%(percent)s %% less money for everyone alike", percent=about["percent"])
    match step["op"]:
        case "change_milestones":
            return "; ".join(
                f"{code}: " + ", ".join(
                    f"{field} = {'–' if value is None else value}"
                    for field, value in changes.items()
                )
                for code, changes in list(step["changes"].items())[:5]
            )  # fmt: skip
        case "add_milestone":
            return _("New milestone %(code)s", code=step["code"])
        case "remove_milestones":
            number = len(step["codes"])
            return ngettext(
                "Without %(number)s milestone: %(codes)s",
                "Without %(number)s milestones: %(codes)s", number,
                number=number, codes=", ".join(step["codes"]),
            )  # fmt: skip
        case "add_dependency":
            return _(
                "New dependency: %(after)s waits for %(before)s (%(kind)s, %(days)s days)",
                before=step["from"], after=step["to"], kind=step.get("kind", "FS"),
                days=step.get("lag_days", 0),
            )  # fmt: skip
        case "change_dependency":
            return f"{step['from']} → {step['to']}: {dict(step['changes'])}"
        case _:
            return _("Without the dependency of %(after)s on %(before)s",
                     before=step["from"], after=step["to"])  # fmt: skip


def answer_document(answer: Answer) -> dict[str, Any]:
    """The answer as JSON values, for programs."""
    document: dict[str, Any] = {"question": answer.question}
    if answer.question == "finish":
        assert answer.by is not None
        return document | {
            "code": answer.code,
            "by": answer.by.isoformat(),
            "starts": [
                {"code": each.code, "latest": each.latest.isoformat(),
                 "earliest": each.earliest.isoformat(), "too_late": each.too_late}
                for each in answer.starts
            ],
        }  # fmt: skip
    assert answer.comparison is not None
    comparison = answer.comparison
    document |= {
        "makespan_days": {"before": comparison.makespan_before, "after": comparison.makespan_after},
        "moved": [
            {"code": each.code, "start_days": each.start_days, "finish_days": each.finish_days,
             "slack_before": each.before.total_slack if each.before else None,
             "slack_after": each.after.total_slack if each.after else None}
            for each in comparison.moved
        ],
        "kpis_missed": [
            {"code": each.code, "kpi": each.kpi.name.in_language("en"), "due": each.due.isoformat()}
            for each in comparison.kpis
            if each.in_time_before and each.in_time_after is False
        ],
        "budget": {
            "before": {key.value: format(v, "f") for key, v in comparison.budget_before.items()},
            "after": {key.value: format(v, "f") for key, v in comparison.budget_after.items()},
        },
    }  # fmt: skip
    if answer.selection is not None:
        chosen = answer.selection
        document["left_out"] = list(chosen.left_out)
        document["limit"] = format(chosen.limit, "f")
        document["exact"] = chosen.exact
        document["without_evidence"] = answer.without_evidence
    return document
