"""What the address of a picture asks for, and addresses of pictures near it.

Whatever an address says, a picture comes out of it: what is not understood is left aside.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.i18n import format_number, localized
from app.roadmap_pictures import Source
from app.roadmap_texts import AGENDA_TITLES
from roadmap.models import Roadmap
from roadmap.pictures.bands import SCALES
from roadmap.pictures.filtering import Choice, Only, year_of
from roadmap.pictures.layout import nested_areas
from roadmap.pictures.neighbourhood import MOST_STEPS

# In percent; 0 is as wide as the page.
ZOOMS = (25, 50, 75, 100, 150, 200)
FIT = "fit"
LAYERS = {"time": _l("by time"), "depth": _l("by what waits for what")}
LINES = {"dates": _l("what decides the dates"), "evidence": _l("how strong the evidence is")}
SCALE_TITLES = {"": _l("what fits"), "quarter": _l("quarters"), "year": _l("years")}
ONLY_TITLES = {
    Only.CRITICAL.value: _l("critical"),
    Only.NEAR.value: _l("critical or nearly so"),
    Only.CONTESTED.value: _l("part of a contradiction"),
}
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Look:
    """How the graph is drawn; ``zoom`` is one of ``ZOOMS`` in percent, or ``FIT``."""

    layers: str = "time"
    scale: str = ""
    lines: str = "dates"
    zoom: str = "100"

    @property
    def factor(self) -> float:
        return int(self.zoom) / 100 if self.zoom != FIT else 0

    @property
    def closer(self) -> str:
        """The next zoom up; empty at the end."""
        now = 0 if self.zoom == FIT else int(self.zoom)
        return next((str(zoom) for zoom in ZOOMS if zoom > now), "")

    @property
    def further(self) -> str:
        now = 0 if self.zoom == FIT else int(self.zoom)
        return next((str(zoom) for zoom in reversed(ZOOMS) if zoom < now), "")


def read_choice(args: Mapping[str, str]) -> Choice:
    """The milestones an address asks for."""

    def text(name: str) -> str:
        return args.get(name, "").strip()[:_LONGEST]

    def steps(name: str) -> int:
        number = _number(args.get(name, ""))
        return 1 if number is None else min(number, MOST_STEPS)

    year = _number(args.get("year", ""))
    return Choice(
        area=text("area"),
        agenda=text("agenda") if text("agenda") in AGENDA_TITLES else "",
        lead=text("lead"),
        only=text("only") if text("only") in ONLY_TITLES else "",
        words=text("words"),
        year=year if year and year <= 9999 else None,
        around=text("around"),
        before=steps("before"),
        after=steps("after"),
    )


def read_look(args: Mapping[str, str]) -> Look:
    """How an address asks for the graph to be drawn."""
    zoom = FIT if "whole" in args else args.get("zoom", "")
    return Look(
        layers=args.get("layers", "") if args.get("layers") in LAYERS else "time",
        scale=args.get("scale", "") if args.get("scale") in SCALES else "",
        lines=args.get("lines", "") if args.get("lines") in LINES else "dates",
        zoom=zoom if zoom == FIT or zoom in map(str, ZOOMS) else "100",
    )


def arguments(*values: Any) -> dict[str, str]:
    """What of a choice, a look … has to stand in an address: all that is not as it is anyway."""
    found = {}
    for value in values:
        plain = type(value)()
        for name, setting in asdict(value).items():
            if setting != getattr(plain, name):
                found[name] = str(setting)
    if "around" not in found:
        found = {name: text for name, text in found.items() if name not in ("before", "after")}
    return found


def addresses(endpoint: str, slug: str, *values: Any, **more: str) -> Callable[..., str]:
    """A function that gives the address of the same picture with some arguments changed."""
    now = arguments(*values) | more

    def address(_to: str = "", **changes: Any) -> str:
        asked = now | {name: str(value) for name, value in changes.items()}
        kept = {name: text for name, text in asked.items() if text}
        anchor = kept.pop("_anchor", None)
        return url_for(_to or endpoint, slug=slug, _anchor=anchor, **kept)

    return address


def chosen_in_words(choice: Choice, source: Source) -> list[tuple[str, dict[str, str]]]:
    """Each part of a choice in words, with the change of address that takes it away."""
    found: list[tuple[str, dict[str, str]]] = []
    if choice.around:
        found.append(
            (
                _(
                    "around %(code)s, %(before)s steps back and %(after)s on",
                    code=choice.around,
                    before=format_number(choice.before),
                    after=format_number(choice.after),
                ),
                {"around": "", "before": "", "after": ""},
            )
        )
    if choice.area:
        title = source.draft.areas.get(choice.area)
        name = localized(title) if title is not None else choice.area
        found.append((_("area: %(name)s", name=name), {"area": ""}))
    if choice.agenda:
        found.append((str(AGENDA_TITLES[choice.agenda]), {"agenda": ""}))
    if choice.lead:
        found.append((_("lead: %(name)s", name=choice.lead), {"lead": ""}))
    if choice.only:
        found.append((str(ONLY_TITLES[choice.only]), {"only": ""}))
    if choice.year:
        found.append((_("in %(year)s", year=choice.year), {"year": ""}))
    if choice.words:
        found.append((_("with the words “%(words)s”", words=choice.words), {"words": ""}))
    return found


def filter_context(outline: Roadmap, source: Source, choice: Choice) -> dict[str, Any]:
    """What the form that chooses milestones needs, and what every page of a roadmap needs."""
    return {
        "roadmap": outline,
        "plan": source.plan,
        "milestones": source.milestones,
        "choice": choice,
        "choice_words": chosen_in_words(choice, source),
        "areas": nested_titles(source),
        "leads": sorted({each.lead for each in source.draft.milestones} - {""}),
        "years": _years(outline, source),
        "only_titles": ONLY_TITLES,
        "most_steps": MOST_STEPS,
        "all_count": len(source.draft.milestones),
    }


def nested_titles(source: Source) -> list[tuple[str, str]]:
    """(code, title) of all areas, each followed by its parts, which are set in."""
    return [
        (code, "\N{EN SPACE}" * level + localized(source.draft.areas[code]))
        for code, level in nested_areas(tuple(source.draft.areas), source.draft.parents)
    ]


def _years(outline: Roadmap, source: Source) -> list[int]:
    """The years the roadmap runs through, as far as the calendar goes and a list can hold."""
    last = year_of(outline.start, source.plan.schedule.makespan_days)
    return [] if last is None else list(range(outline.start.year, last + 1))[:100]


def _number(text: str) -> int | None:
    """Digits as a number; None for anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 6 else None
