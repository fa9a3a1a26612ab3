"""What proposals and decisions on them are called, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.i18n import format_number, localized, localized_lang
from core.text import LocalizedText
from roadmap.proposals.feedback import Standing
from roadmap.proposals.kinds import FEW, ProposalKind, Verdict

KIND_LABELS = {
    ProposalKind.NEW_MILESTONE: _l("New milestone"),
    ProposalKind.NEW_DEPENDENCY: _l("New dependency"),
    ProposalKind.DROP_DEPENDENCY: _l("Disputed dependency"),
    ProposalKind.DATE: _l("Date"),
    ProposalKind.WORDING: _l("Wording"),
    ProposalKind.PRIORITY: _l("Priority"),
    ProposalKind.OTHER: _l("Remark"),
}
DECISION_LABELS = {
    Verdict.ACCEPTED: _l("Accepted"),
    Verdict.ACCEPTED_IN_PART: _l("Accepted in part"),
    Verdict.REJECTED: _l("Rejected"),
    Verdict.LATER: _l("Later"),
    Verdict.MERGED: _l("Merged with another"),
    Verdict.SPLIT: _l("Split into several"),
    Verdict.OPEN: _l("Open"),
}
STANDING_LABELS = {
    Standing.NOT_READ: _l("Not read yet: points are read once the consultation has closed."),
    Standing.NOT_DECIDED: _l("Read, and not yet decided."),
    Standing.IN_WORK: _l("In work: there is no final decision yet."),
    Standing.DECIDED: _l("Decided"),
}


def proposal_title(
    title: LocalizedText, kind: str, subject: str, wanted: Mapping[str, Any]
) -> tuple[str, str]:
    """The secretariat's title, or what the kind and subject say; with the language it is in.

    The language is empty where it is the interface's.
    """
    if title:
        return localized(title), localized_lang(title)
    first, _arrow, then = subject.partition(">")
    sentences = {
        ProposalKind.NEW_MILESTONE: _("A new milestone"),
        ProposalKind.NEW_DEPENDENCY: _(
            "A new dependency: %(first)s before %(then)s (%(kind)s)",
            first=first, then=then, kind=wanted.get("kind", "FS"),
        ),
        ProposalKind.DROP_DEPENDENCY: _(
            "Drop the dependency: %(first)s before %(then)s", first=first, then=then
        ),
        ProposalKind.DATE: _("Whether %(subject)s can be reached at all", subject=subject)
        if wanted.get("ask") == "never"
        else _("Another date for %(subject)s", subject=subject),
        ProposalKind.WORDING: _("Take %(subject)s out", subject=subject)
        if wanted.get("stance") == "oppose"
        else _("Other words for %(subject)s", subject=subject),
        ProposalKind.PRIORITY: _("Another priority for %(subject)s", subject=subject),
        ProposalKind.OTHER: _("A remark"),
    }  # fmt: skip
    return sentences[ProposalKind(kind)], ""


def people_text(people: int | None) -> str:
    """How many people are behind a proposal, as far as that is published."""
    if people is None:
        return _("fewer than %(few)s, or hidden", few=format_number(FEW))
    return format_number(people)
