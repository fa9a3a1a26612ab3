"""The rows of the survey sheet as a tree of groups: what belongs to what, and of which type."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from surveys.formats.xlsform.tables import Line, Lose

MAX_NESTING = 50
MAX_ITEMS = 5_000

_GROUP = re.compile(r"(begin|end)[ _]+(group|repeat|loop)")
_SELECT = re.compile(
    r"(?P<kind>select[ _]?one(?:[ _]from[ _]file|[ _]external)?|select1"
    r"|select[ _]multiple(?:[ _]from[ _]file)?|select all that apply|rank)"
    r"(?:[ _]from)?\s+(?P<list>\S+)(?P<other>\s+or[ _]other|\s+or specify other)?"
)
_SYNONYMS = {
    "string": "text", "int": "integer", "number": "integer", "trigger": "acknowledge",
    "photo": "image", "add note prompt": "note", "add text prompt": "text", "datetime": "dateTime",
    "date time": "dateTime", "calculation": "calculate", "gps": "geopoint", "location": "geopoint",
    "hidden value": "hidden",
}  # fmt: skip


@dataclass(slots=True, eq=False)
class Group:
    """A group or repeat. ``top``: the outermost group around it, itself where there is none."""

    line: Line
    parent: "Group | None"
    repeats: bool
    depth: int
    members: list["Item | Group"] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.line.get("name")

    @property
    def in_repeat(self) -> bool:
        group: Group | None = self
        while group is not None:
            if group.repeats:
                return True
            group = group.parent
        return False

    @property
    def appearance(self) -> set[str]:
        return set(self.line.get("appearance").lower().split())


@dataclass(slots=True, eq=False)
class Item:
    """A row that is no group. ``type`` in one spelling; ``list``: that of the choices."""

    line: Line
    type: str
    list: str = ""
    other: bool = False

    @property
    def name(self) -> str:
        return self.line.get("name")

    @property
    def appearance(self) -> set[str]:
        return set(self.line.get("appearance").lower().split())


def read_structure(lines: list[Line], lose: Lose) -> list[Item | Group]:
    """What stands outside of all groups, in order.

    Raises ``UnreadableFile`` where groups do not open and close in pairs, a row has no type or no
    name, or there is more than a questionnaire can hold.
    """
    top: list[Item | Group] = []
    open_group: Group | None = None
    count = 0
    for line in lines:
        written = " ".join(line.get("type").split())
        if not written:
            if line.get("name") or line.texts.get("label"):
                raise line.refuse("type", "is empty; expected a type such as text")
            continue
        if line.get("disabled").lower() in ("yes", "true"):
            lose(line.path, "question", f"{written} {line.get('name')}", "The row is disabled.")
            continue
        members = top if open_group is None else open_group.members
        match = _GROUP.fullmatch(written.lower())
        if match is not None and match.group(1) == "end":
            open_group = _closed(open_group, line, match.group(2))
            continue
        if match is None:
            count += 1
            if count > MAX_ITEMS:
                raise line.refuse("type", f"there are more than {MAX_ITEMS:,} questions")
            members.append(_item(line, written))
            continue
        depth = 1 if open_group is None else open_group.depth + 1
        if depth > MAX_NESTING:
            raise line.refuse("type", f"groups are nested more than {MAX_NESTING} deep")
        open_group = Group(line, open_group, match.group(2) != "group", depth)
        members.append(open_group)
    if open_group is not None:
        raise open_group.line.refuse("type", "the group is never closed; expected an end_group row")
    return top


def _closed(group: Group | None, line: Line, word: str) -> Group | None:
    if group is None:
        raise line.refuse("type", f"end_{word} closes nothing")
    if group.repeats != (word != "group"):
        opened = "repeat" if group.repeats else "group"
        raise line.refuse(
            "type", f"end_{word} closes the {opened} of row {group.line.number}; expected "
            f"end_{opened}"
        )  # fmt: skip
    return group.parent


def _item(line: Line, written: str) -> Item:
    if not line.get("name") and written.lower() not in ("audit", "note", "start", "end"):
        raise line.refuse("name", "is empty; expected the name of the question")
    match = _SELECT.fullmatch(written) or _SELECT.fullmatch(
        re.sub(r"^\S+( one| multiple| all that apply)?", lambda m: m.group().lower(), written)
    )
    if match is None:
        lowered = written.lower()
        return Item(line, _SYNONYMS.get(lowered, lowered))
    kind = match.group("kind").lower().replace(" ", "_")
    kind = {"select1": "select_one", "selectone": "select_one",
            "select_all_that_apply": "select_multiple"}.get(kind, kind)  # fmt: skip
    return Item(line, kind, match.group("list"), match.group("other") is not None)


def every_item(members: list[Item | Group]) -> Iterator[Item]:
    """All rows that are no groups, in order, those in groups included."""
    waiting = list(reversed(members))
    while waiting:
        member = waiting.pop()
        if isinstance(member, Item):
            yield member
        else:
            waiting += reversed(member.members)


TABLE_KINDS = ("select_one", "select_multiple")


def table_of(group: Group) -> list[Item] | None:
    """The rows of the matrix that a group with the appearance ``table-list`` is."""
    if "table-list" not in group.appearance or group.repeats or not group.members:
        return None
    items = [member for member in group.members if isinstance(member, Item)]
    return items if len(items) == len(group.members) and _same_table(items) else None


def table_at(members: list[Item | Group], start: int) -> list[Item] | None:
    """The matrix that begins with the row at ``start``: one with the appearance ``label``, then
    those with ``list-nolabel``; the former comes first."""
    head = members[start]
    if not isinstance(head, Item) or "label" not in head.appearance or head.type not in TABLE_KINDS:
        return None
    items = [head]
    for member in members[start + 1 :]:
        if not isinstance(member, Item) or not member.appearance & {"list-nolabel", "list_nolabel"}:
            break
        items.append(member)
    return items if len(items) > 1 and _same_table(items[1:]) else None


def _same_table(items: list[Item]) -> bool:
    first = items[0]
    return first.type in TABLE_KINDS and all(
        item.type == first.type and item.list == first.list and not item.other
        and not item.line.get("choice_filter") for item in items
    )  # fmt: skip
