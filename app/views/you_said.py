"""You said, we did: what became of the proposals made in a consultation, for everyone."""

from dataclasses import dataclass

from flask import Blueprint, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import public
from app.caching import cacheable
from app.database import read_session
from app.i18n import format_number, localized, localized_lang
from app.proposal_texts import DECISION_LABELS, KIND_LABELS, people_text, proposal_title
from app.results_chart import Bar
from core.clock import utc_now
from roadmap.proposals.feedback import YouSaid, what_we_did
from roadmap.proposals.kinds import NOT_TAKEN_UP, ProposalKind, Verdict
from roadmap.proposals.outcomes import Outcome
from surveys.consultations import Phase, get_consultation, phase_of
from surveys.errors import ConsultationNotFound
from surveys.inviting.table_cells import write_csv
from surveys.models import Consultation

blueprint = Blueprint("you_said", __name__, url_prefix="/consultations/<slug>")

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A proposal as the page shows it; ``title_lang`` and ``reason_lang`` where they differ."""

    outcome: Outcome
    roadmap: str
    title: str
    title_lang: str
    reason: str
    reason_lang: str
    kind: str
    decision: str
    people: str


@blueprint.get("/you-said-we-did")
@public
@cacheable
def show(slug: str) -> str:
    consultation, parts = _find(slug)
    lines = _lines(parts)
    kind, decision = request.args.get("kind", ""), request.args.get("decision", "")
    search = request.args.get("search", "").strip()[:100]
    chosen = [line for line in lines if _matches(line, kind, decision, search)]
    pages = max(1, -(-len(chosen) // _PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    counts = {
        verdict: sum(line.outcome.decision is verdict for line in lines) for verdict in Verdict
    }
    given = {"kind": kind, "decision": decision, "search": search}
    return render_template(
        "proposals/you_said.html",
        consultation=consultation,
        closed=phase_of(consultation, now=utc_now()).is_closed,
        lines=chosen[(page - 1) * _PAGE : page * _PAGE],
        matching=len(chosen),
        total=len(lines),
        in_work=sum(part.in_work for part in parts),
        counts={verdict: count for verdict, count in counts.items() if count},
        bars=[
            Bar(str(DECISION_LABELS[verdict]), count, len(lines))
            for verdict, count in counts.items()
            if count
        ],
        not_taken_up=[line for line in lines if line.outcome.decision in NOT_TAKEN_UP],
        roadmaps=[part.roadmap for part in parts],
        kinds=[(each.value, KIND_LABELS[each]) for each in ProposalKind],
        decisions=[(each.value, DECISION_LABELS[each]) for each in counts if counts[each]],
        decision_labels=DECISION_LABELS,
        given=given,
        page=page,
        pages=pages,
        address=lambda number: url_for(
            "you_said.show", slug=slug, page=number,
            **{name: value for name, value in given.items() if value},
        ),
    )  # fmt: skip


@blueprint.get("/you-said-we-did.csv")
@public
@cacheable
def as_csv(slug: str) -> Response:
    """All of it as a table; a number that is not published is empty."""
    consultation, parts = _find(slug)
    response = make_response(
        write_csv(
            ("number", "roadmap", "kind", "subject", "title", "people", "decision", "reason",
             "section", "into", "edition", "edition_address"),
            (_row(line) for line in _lines(parts)),
        )
    )  # fmt: skip
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = f"you-said-we-did-{consultation.slug}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _row(line: Line) -> list[str]:
    each = line.outcome
    address = ""
    if each.edition:
        address = url_for(
            "editions.show", slug=line.roadmap, version=each.edition, _external=True
        )  # fmt: skip
    return [
        f"P{each.number}", line.roadmap, each.kind.value, each.subject, line.title,
        "" if each.people is None else str(each.people), each.decision.value, line.reason,
        each.section, " ".join(f"P{number}" for number in each.into), each.edition or "", address,
    ]  # fmt: skip


def _find(slug: str) -> tuple[Consultation, list[YouSaid]]:
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    if consultation.current_version_id is None or (
        phase_of(consultation, now=utc_now()) is Phase.PREPARED
    ):
        raise ConsultationNotFound(slug=slug)
    return consultation, what_we_did(session, consultation=consultation)


def _lines(parts: list[YouSaid]) -> list[Line]:
    return [_line(each, part.roadmap.slug) for part in parts for each in part.outcomes]


def _line(each: Outcome, roadmap: str) -> Line:
    title, title_lang = proposal_title(each.title, each.kind, each.subject, each.wanted)
    people = people_text(each.people)
    if each.people == 0:
        people = format_number(0)
    return Line(
        outcome=each,
        roadmap=roadmap,
        title=title,
        title_lang=title_lang,
        reason=localized(each.reason),
        reason_lang=localized_lang(each.reason),
        kind=str(KIND_LABELS[each.kind]),
        decision=str(DECISION_LABELS[each.decision]),
        people=people,
    )


def _matches(line: Line, kind: str, decision: str, search: str) -> bool:
    each = line.outcome
    words = f"P{each.number} {each.subject} {each.section} {line.title} {line.reason}".casefold()
    return (
        (not kind or each.kind == kind)
        and (not decision or each.decision == decision)
        and search.casefold() in words
    )
