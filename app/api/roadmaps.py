"""Roadmaps and their editions."""

from flask import url_for

from app.api.documents import EditionEntry, EditionList, RoadmapEntry, RoadmapList
from app.api.operations import PREFIX, Reply, operation
from app.api.paging import absolute
from app.database import read_session
from roadmap.editions.publishing import get_edition, list_editions
from roadmap.models import Edition
from roadmap.roadmaps import get_roadmap, list_roadmaps


@operation("GET", "/roadmaps", summary="List roadmaps", tag="Roadmaps", answer=RoadmapList)
def list_all_roadmaps() -> Reply:
    """Every roadmap, by name."""
    entries = [
        RoadmapEntry(
            slug=roadmap.slug,
            title=roadmap.title.as_dict(),
            simulated=roadmap.simulated,
            links={
                "editions": absolute(f"{PREFIX}/roadmaps/{roadmap.slug}/editions"),
                "page": absolute(url_for("roadmaps.show", slug=roadmap.slug)),
            },
        )
        for roadmap in list_roadmaps(read_session())
    ]
    return Reply(RoadmapList(items=entries, total=len(entries)))


@operation(
    "GET", "/roadmaps/<slug>/editions", summary="List editions", tag="Roadmaps",
    answer=EditionList, refusals=(404,),
)  # fmt: skip
def list_published_editions(slug: str) -> Reply:
    """The editions of a roadmap, oldest first."""
    session = read_session()
    get_roadmap(session, slug=slug)
    entries = [_entry(slug, edition) for edition in list_editions(session, slug=slug)]
    return Reply(EditionList(items=entries, total=len(entries)))


@operation(
    "GET", "/roadmaps/<slug>/editions/<version>", summary="Read an edition", tag="Roadmaps",
    answer={"type": "object"}, refusals=(404,),
)  # fmt: skip
def read_edition(slug: str, version: str) -> Reply:
    """The canonical JSON (RFC 8785), byte for byte what its SHA-256 is of. It never changes."""
    edition = get_edition(read_session(), slug=slug, version=version)
    return Reply(raw=edition.document.encode(), etag=edition.sha256, frozen=True)


def _entry(slug: str, edition: Edition) -> EditionEntry:
    return EditionEntry(
        version=edition.version,
        sha256=edition.sha256,
        published_at=edition.published_at,
        withdrawn_at=edition.withdrawn_at,
        withdrawal_reason=edition.withdrawal_reason if edition.withdrawn_at else None,
        address=absolute(f"{PREFIX}/roadmaps/{slug}/editions/{edition.version}"),
    )
