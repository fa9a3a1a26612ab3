"""Whether this database is a demonstration: written once, while it is still empty."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from core.models import InstanceFact

_KIND = "kind"
_DEMONSTRATION = "demonstration"


def is_demonstration(session: Session) -> bool:
    """True where the demonstration was built; such a database never becomes a real one."""
    return (
        session.scalar(select(InstanceFact.value).where(InstanceFact.key == _KIND))
        == _DEMONSTRATION
    )


def mark_as_demonstration(session: Session) -> None:
    """Declare the database a demonstration. The caller has made sure that it is empty."""
    session.execute(insert(InstanceFact).values(key=_KIND, value=_DEMONSTRATION))
