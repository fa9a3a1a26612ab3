"""Who may read the draft's wording, comment on it and suggest changes, and when.

The secretariat always may. Delegates may while an edition in the making is in internal review or
a public draft, everybody who is signed in while it is a public draft.
"""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from roadmap.errors import DraftNotOpen
from roadmap.models import Candidate, Comment, Paragraph, Roadmap, Suggestion
from stakeholders.models import Account, AccountRole
from stakeholders.permissions import Role, is_allowed

# As ``editions.stages.Stage`` writes them.
INTERNAL_REVIEW, PUBLIC_DRAFT = "internal_review", "public_draft"


def find_candidate_in_review(session: Session, *, roadmap: Roadmap) -> Candidate | None:
    """The edition in the making that people may comment on; of several the newest."""
    return session.scalar(
        select(Candidate)
        .where(
            Candidate.roadmap_id == roadmap.id,
            Candidate.stage.in_((INTERNAL_REVIEW, PUBLIC_DRAFT)),
        )
        .order_by(Candidate.stage.desc(), Candidate.changed_at.desc(), Candidate.id.desc())
        .limit(1)
    )


def may_take_part(roles: Collection[Role], stage: str) -> bool:
    """Whether somebody with ``roles`` may comment at this stage of a candidate. Pure."""
    return (
        is_allowed(roles, "draft.write")
        or (stage == INTERNAL_REVIEW and Role.DELEGATE in roles)
        or (stage == PUBLIC_DRAFT and is_allowed(roles, "draft.comment"))
    )


def check_may_take_part(session: Session, *, roadmap: Roadmap, roles: Collection[Role]) -> None:
    """Raises ``DraftNotOpen`` where the draft is not open to these roles now."""
    if is_allowed(roles, "draft.write"):
        return
    candidate = find_candidate_in_review(session, roadmap=roadmap)
    if not may_take_part(roles, candidate.stage if candidate else ""):
        raise DraftNotOpen(slug=roadmap.slug)


def name_of(account: Account | None) -> str:
    """What others see of an account: its display name, and nothing of its e-mail address."""
    if account is None:
        return ""
    return account.display_name.partition("@")[0].strip() or "–"


def names_of(session: Session, ids: Collection[UUID | None]) -> Mapping[UUID | None, str]:
    """The names to show for these accounts."""
    wanted = {each for each in ids if each is not None}
    found = session.scalars(select(Account).where(Account.id.in_(wanted))) if wanted else ()
    return {account.id: name_of(account) for account in found}


def people_to_mention(
    session: Session, *, roadmap: Roadmap, roles: Collection[Role]
) -> Sequence[tuple[UUID, str]]:
    """Who somebody with ``roles`` can mention: (id, name) in the order of names.

    The secretariat, and whoever has taken part in this draft; for the secretariat the delegates
    as well. Nobody learns from it who else has an account.
    """
    offices = {Role.SECRETARIAT.value}
    if is_allowed(roles, "draft.write"):
        offices.add(Role.DELEGATE.value)
    taken_part = [
        select(table.account_id)
        .join(Paragraph, Paragraph.id == table.paragraph_id)
        .where(Paragraph.roadmap_id == roadmap.id, table.account_id.is_not(None))
        for table in (Comment, Suggestion)
    ]
    accounts = session.scalars(
        select(Account).where(
            Account.active.is_(True),
            or_(
                Account.id.in_(select(AccountRole.account_id).where(AccountRole.role.in_(offices))),
                *(Account.id.in_(query) for query in taken_part),
            ),
        )
    )
    return sorted(((each.id, name_of(each)) for each in accounts), key=lambda each: each[1])
