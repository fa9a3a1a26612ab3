"""The secretariat's desk for a roadmap: where its work stands, and the way to each part of it."""

from dataclasses import dataclass

from flask import Blueprint, current_app, render_template, url_for
from flask_babel import gettext as _

from app.access import requires
from app.database import read_session
from roadmap.roadmaps import edition_versions, get_roadmap, list_roadmaps

blueprint = Blueprint("roadmap_desk", __name__, url_prefix="/desk/roadmaps")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the work on a roadmap; ``endpoint`` takes the roadmap's slug."""

    endpoint: str
    title: str
    text: str

    def address(self, slug: str) -> str:
        return url_for(self.endpoint, slug=slug)


@blueprint.get("/")
@requires("roadmap.edit")
def index() -> str:
    session = read_session()
    return render_template(
        "roadmap_desk/index.html",
        roadmaps=[
            (roadmap, edition_versions(session, roadmap=roadmap))
            for roadmap in list_roadmaps(session)
        ],
    )


@blueprint.get("/<slug>")
@requires("roadmap.edit")
def show(slug: str) -> str:
    session = read_session()
    roadmap = get_roadmap(session, slug=slug)
    return render_template(
        "roadmap_desk/show.html",
        roadmap=roadmap,
        editions=edition_versions(session, roadmap=roadmap),
        parts=desk_parts(),
    )


@blueprint.app_context_processor
def _navigation() -> dict[str, object]:
    return {"desk_parts": desk_parts}


def desk_parts() -> list[Part]:
    """In the order in which input becomes an edition."""
    parts = [
        Part("evidence.index", _("Evidence"),
             _("Which question speaks for what, by which rule, and what it says.")),
        Part("proposals_desk.index", _("Proposals"),
             _("What people asked for: group it, decide on it, say why.")),
        Part("contradictions_desk.index", _("Contradictions"),
             _("What contradicts itself, what is set aside for that, and what else could be.")),
        Part("roadmap_graph_desk.show", _("Graph"),
             _("Add, link and move milestones, and see at once what follows.")),
        Part("scenarios_desk.index", _("What if?"),
             _("Try changes on a branch, compare them, adopt or drop them.")),
        Part("writing_desk.index", _("Wording"),
             _("Chapters and paragraphs: write, comment, suggest, in every language.")),
        Part("roadmap_files.index", _("Files"),
             _("Bring a draft in from a spreadsheet or a planning tool, and take it out.")),
        Part("edition_desk.index", _("Editions"),
             _("Review, approve with two persons, publish, withdraw.")),
    ]  # fmt: skip
    return [part for part in parts if part.endpoint in current_app.view_functions]
