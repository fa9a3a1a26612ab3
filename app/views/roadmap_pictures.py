"""The pictures of a roadmap: graph, timeline, heat map. What they show stands in their address."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from flask import Response, render_template, request
from flask_babel import lazy_gettext as _l

from app.access import public
from app.caching import cacheable
from app.database import read_session
from app.i18n import current_language, interface_language
from app.limits import refuse_beyond
from app.picture_cache import once
from app.picture_choices import (
    LAYERS,
    LINES,
    SCALE_TITLES,
    ZOOMS,
    Look,
    addresses,
    arguments,
    filter_context,
    nested_titles,
    read_choice,
    read_look,
)
from app.roadmap_pictures import (
    MOST_IN_A_FILE,
    MOST_ON_A_PAGE,
    Source,
    Strength,
    accessible_names,
    dependency_lines,
    draw_graph,
    draw_timeline,
    evidence_strengths,
    evidence_text,
    read_source,
    simulate_dates,
)
from app.views.roadmaps import blueprint as roadmaps
from core.clock import utc_now
from roadmap.budgets import total_of
from roadmap.errors import PictureTooLarge
from roadmap.models import Roadmap
from roadmap.pictures.filtering import Choice, choose_milestones, with_parts
from roadmap.pictures.heatmap import HeatMilestone, Measure, heat_map

GRAPH = "roadmaps.graph"
# New ones for one address; what is drawn already is never counted.
_LARGE_DRAWINGS = "12 per minute; 120 per hour"
MEASURE_TITLES = {
    Measure.RUNNING: _l("milestones being worked on"),
    Measure.FINISHING: _l("milestones that finish"),
    Measure.BUDGET: _l("budget, in euros"),
    Measure.SLACK: _l("least slack, in days"),
}


@roadmaps.get("/<slug>/graph")
@public
@cacheable
def graph(slug: str) -> str:
    """The graph of what the address chooses; of a very large roadmap, its areas first."""
    outline, source = read_source(read_session(), slug=slug)
    return render_template(
        "roadmaps/graph.html",
        picture=graph_picture(outline, source, GRAPH),
        roadmap=outline,
    )


@roadmaps.get("/<slug>/graph.svg")
@public
@cacheable
def graph_file(slug: str) -> Response:
    """The same as a drawing that stands alone, also of what is too large for a page."""
    outline, source = read_source(read_session(), slug=slug)
    choice, look = read_choice(request.args), read_look(request.args)

    def render(codes: Sequence[str]) -> str:
        if len(codes) > MOST_IN_A_FILE:
            raise PictureTooLarge(count=len(codes), most=MOST_IN_A_FILE)
        if len(codes) > MOST_ON_A_PAGE:  # seconds of work, for anybody who varies the address
            refuse_beyond(_LARGE_DRAWINGS, "large drawings")
        drawing = _graph_drawing(outline, source, codes, look)
        return render_template(
            "roadmaps/graph.svg",
            drawing=drawing,
            names=accessible_names(source, drawing),
            look=look,
            roadmap=outline,
        )

    text = _picture("roadmaps.graph_file", outline, source, choice, look, render)
    answer = Response(text, mimetype="image/svg+xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}.svg"'
    return answer


@roadmaps.get("/<slug>/timeline")
@public
@cacheable
def timeline(slug: str) -> str:
    outline, source = read_source(read_session(), slug=slug)
    choice = read_choice(request.args)
    lines = request.args.get("lines") != "none"
    simulation = simulate_dates(read_session(), outline=outline, source=source)

    def render(codes: Sequence[str]) -> str:
        too_many = len(codes) > MOST_ON_A_PAGE
        drawing = None
        if codes and not too_many:
            today = (utc_now().date() - outline.start).days
            drawing = draw_timeline(source, codes, today=today, simulation=simulation)
        return render_template(
            "roadmaps/_timeline_view.html",
            drawing=drawing,
            lines=lines,
            simulation=simulation,
            address=addresses("roadmaps.timeline", slug, choice, lines="" if lines else "none"),
            **_shown(outline, source, choice, codes),
        )

    return render_template(
        "roadmaps/timeline.html",
        picture=_picture(
            "timeline", outline, source, choice, (lines, simulation is not None), render
        ),
        roadmap=outline,
    )


@roadmaps.get("/<slug>/heat-map")
@public
@cacheable
def heatmap(slug: str) -> str:
    """Areas × years; one of several measures, of what the address chooses."""
    outline, source = read_source(read_session(), slug=slug)
    choice = read_choice(request.args)
    asked = request.args.get("measure", "")
    measure = Measure(asked) if asked in list(Measure) else Measure.RUNNING

    def render(codes: Sequence[str]) -> str:
        dates = source.plan.schedule.dates
        counted = heat_map(
            [
                HeatMilestone(
                    source.milestones[code].area,
                    dates[code].earliest_start,
                    dates[code].earliest_finish,
                    dates[code].total_slack,
                    total_of(source.milestones[code].budget),
                )
                for code in codes
            ],
            source.areas,
            start=outline.start,
            measure=measure,
            parents=source.draft.parents,
        )
        return render_template(
            "roadmaps/_heatmap_view.html",
            heat=counted,
            measure=measure,
            measure_titles=MEASURE_TITLES,
            address=addresses("roadmaps.heatmap", slug, choice, measure=measure.value),
            **_shown(outline, source, choice, codes),
        )

    return render_template(
        "roadmaps/heatmap.html",
        picture=_picture("heatmap", outline, source, choice, measure, render),
        roadmap=outline,
    )


def graph_picture(outline: Roadmap, source: Source, endpoint: str) -> str:
    """The graph with its legend and filter, as the request's address asks for it.

    On the public page (``GRAPH``) with tables, and boxes that lead to their milestones; elsewhere
    a box leads to ``endpoint`` with its code.
    """
    choice, look = read_choice(request.args), read_look(request.args)

    def render(codes: Sequence[str]) -> str:
        drawing = names = None
        if codes and len(codes) <= MOST_ON_A_PAGE:
            drawing = _graph_drawing(outline, source, codes, look)
            names = accessible_names(source, drawing)
        return render_template(
            "roadmaps/_graph_view.html",
            drawing=drawing,
            names=names,
            look=look,
            layers=LAYERS,
            line_titles=LINES,
            scales=SCALE_TITLES,
            zooms=ZOOMS,
            evidence_text=evidence_text,
            lines=dependency_lines(source, source.between(codes))
            if drawing and endpoint == GRAPH
            else [],
            address=addresses(endpoint, outline.slug, choice, look),
            tables=endpoint == GRAPH,
            file_arguments=arguments(choice, look) | {"slug": outline.slug},
            **_shown(outline, source, choice, codes),
        )

    return _picture(endpoint, outline, source, choice, look, render)


def _graph_drawing(outline: Roadmap, source: Source, codes: Sequence[str], look: Look) -> Any:
    now = utc_now()
    return draw_graph(
        source,
        codes,
        strengths=evidence_strengths(read_session(), outline=outline, now=now),
        layers=look.layers,
        scale=look.scale,
        today=(now.date() - outline.start).days,
    )


def _picture(
    kind: str,
    outline: Roadmap,
    source: Source,
    choice: Choice,
    look: Any,
    render: Callable[[Sequence[str]], str],
) -> str:
    """What ``render`` makes of the codes chosen, made once for all that it depends on."""
    now = utc_now()
    strengths = evidence_strengths(read_session(), outline=outline, now=now)
    key = (
        kind, *source.state, outline.title, outline.start, _fingerprint(strengths), choice,
        look, current_language(), interface_language(), now.date(),
    )  # fmt: skip
    return once(key, lambda: render(choose_milestones(source.draft, source.plan, choice)))


def _fingerprint(strengths: Mapping[str, Strength]) -> str:
    """A state of the evidence in few bytes: every picture that is kept has one in its key."""
    return hashlib.sha256(repr(sorted(strengths.items(), key=itemgetter(0))).encode()).hexdigest()


def _shown(
    outline: Roadmap, source: Source, choice: Choice, codes: Sequence[str]
) -> dict[str, Any]:
    """What every picture says about what it shows, and its form to choose."""
    return filter_context(outline, source, choice) | {
        "codes": codes,
        "dependency_count": len(source.precedences),
        "dependencies_shown": len(source.between(codes)),
        "most": MOST_ON_A_PAGE,
        "parts": _parts(source, codes) if len(codes) > MOST_ON_A_PAGE else None,
    }


def _parts(source: Source, codes: Sequence[str]) -> list[tuple[str, str, int, int]]:
    """(area, title, milestones, critical ones) of what is too much for one picture.

    An area counts its parts, as its picture shows them.
    """
    dates, parents = source.plan.schedule.dates, source.draft.parents
    found = []
    for area, title in nested_titles(source):
        inside = with_parts(area, parents)
        mine = [code for code in codes if source.milestones[code].area in inside]
        if mine:
            found.append((area, title, len(mine), sum(dates[code].critical for code in mine)))
    return found
