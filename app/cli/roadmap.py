"""`flask roadmap`: the group of its commands, and the list of roadmaps."""

from decimal import Decimal

from app.cli.output import CommandGroup, emit, json_option
from app.database import get_database
from roadmap.roadmaps import edition_versions, list_roadmaps

roadmap_group = CommandGroup("roadmap", help="Roadmaps: milestones, dependencies, dates.")


@roadmap_group.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the roadmaps and their published editions."""
    with get_database().reading() as session:
        document = [
            {
                "slug": roadmap.slug,
                "title": roadmap.title.in_language("en"),
                "editions": edition_versions(session, roadmap=roadmap),
            }
            for roadmap in list_roadmaps(session)
        ]
    lines = [f"{each['slug']}  {each['title']}" for each in document]
    emit(document, as_json=as_json, text="\n".join(lines) or "There are no roadmaps yet.")


def as_number(support: Decimal) -> int | float:
    """Support as a JSON number; its at most 15 digits survive a double unchanged."""
    return int(support) if support == support.to_integral_value() else float(support)
