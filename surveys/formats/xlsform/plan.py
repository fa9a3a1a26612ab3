"""How the rows of an XLSForm are laid out here: sections, and what is asked in each.

Top-level groups are sections; groups within them are merged into them, their label as an
information text. Rows drawn as one table are a matrix.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from surveys.formats.lss.names import Names, clean_codes
from surveys.formats.xlsform.kept import COLUMN, read_kept, read_note
from surveys.formats.xlsform.questions import LOST_TYPES, SIMPLE_TYPES
from surveys.formats.xlsform.structure import Group, Item, every_item, table_at, table_of
from surveys.formats.xlsform.tables import Line, Lose, Tables
from surveys.question_checks import QUESTION_CODE, check_code
from surveys.schema import MAX_OPTIONS, MAX_QUESTIONS, MAX_SECTIONS


@dataclass(slots=True, eq=False)
class Entry:
    """What becomes one question. ``around``: the groups within the section that it stands in,
    the outermost first.

    ``rows``: ours by the names of the rows of a matrix.
    """

    what: Literal["item", "matrix", "label", "kept"]
    line: Line
    items: list[Item]
    around: tuple[Group, ...]
    name: str
    code: str = ""
    rows: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class SectionPlan:
    """``group`` is None for what stands outside of all groups."""

    group: Group | None
    code: str = ""
    entries: list[Entry] = field(default_factory=list)
    text: Item | None = None


@dataclass(slots=True)
class Plan:
    """``counted``: how many rows ask something, carried or not. ``left_out``: why, by name."""

    sections: list[SectionPlan] = field(default_factory=list)
    counted: int = 0
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def entries(self) -> Iterator[Entry]:
        for section in self.sections:
            yield from section.entries


def plan_of(members: list[Item | Group], tables: Tables, lose: Lose) -> Plan:
    """What becomes what, with codes of ours; what has no counterpart is listed as lost."""
    planner = _Planner(tables, lose)
    planner.top(members)
    planner.name_all()
    planner.plan.counted = sum(1 for _ in every_item(members))
    return planner.plan


class _Planner:
    def __init__(self, tables: Tables, lose: Lose) -> None:
        self.tables = tables
        self.lose = lose
        self.plan = Plan()
        self.kept: dict[Line, bool] = {}

    def top(self, members: list[Item | Group]) -> None:
        loose: SectionPlan | None = None
        index = 0
        while index < len(members):
            member = members[index]
            is_section = isinstance(member, Group) and not member.repeats and not (
                table_of(member) or self.is_kept(member)
            )  # fmt: skip
            if is_section:
                assert isinstance(member, Group)
                loose = None
                section = SectionPlan(member)
                self.plan.sections.append(section)
                self.members(member.members, section, ())
                index += 1
                continue
            if loose is None:
                loose = SectionPlan(None)
                self.plan.sections.append(loose)
            index += self.member(members, index, loose, ())
        self.plan.sections = [s for s in self.plan.sections if s.entries or s.text]

    def members(
        self, members: list[Item | Group], section: SectionPlan, around: tuple[Group, ...]
    ) -> None:
        index = 0
        while index < len(members):
            index += self.member(members, index, section, around)

    def member(
        self, members: list[Item | Group], index: int, section: SectionPlan,
        around: tuple[Group, ...],
    ) -> int:  # fmt: skip
        """Lay out the member at ``index``; how many were used up."""
        member = members[index]
        if isinstance(member, Group):
            self.group(member, section, around)
            return 1
        if read_note(member.line) == {"is": "said"}:
            self.plan.left_out[member.name] = f"{member.name[:60]} is only said in another text"
            return 1
        if rows := table_at(members, index):
            head, *rest = rows
            section.entries.append(Entry("matrix", head.line, rest, around, head.name))
            return len(rows)
        if self.is_kept(member):
            section.entries.append(Entry("kept", member.line, [member], around, member.name))
            return 1
        if is_section_text(member.line) and section.text is None and not section.entries:
            section.text = member
            return 1
        why = self.reason_lost(member)
        if why is None:
            section.entries.append(Entry("item", member.line, [member], around, member.name))
        else:
            self.lose(member.line.path, "question", f"{member.type} {member.name}", why)
            self.plan.left_out[member.name] = f"the question {member.name[:60]} is lost"
        return 1

    def group(self, group: Group, section: SectionPlan, around: tuple[Group, ...]) -> None:
        if group.repeats:
            self.lose(group.line.path, "question", f"repeat {group.name}",
                      "Questions that are repeated have no counterpart here.")  # fmt: skip
            for item in every_item(group.members):
                self.plan.left_out[item.name] = f"{item.name[:60]} is repeated there"
                self.lose(item.line.path, "question", f"{item.type} {item.name}",
                          f"It stands in the repeat {group.name[:60]}.")  # fmt: skip
            return
        if self.is_kept(group):
            items = list(every_item(group.members))
            section.entries.append(Entry("kept", group.line, items, around, group.name))
            return
        if rows := table_of(group):
            section.entries.append(Entry("matrix", group.line, rows, (*around, group), group.name))
            return
        inside = (*around, group)
        if group.line.texts.get("label"):
            section.entries.append(Entry("label", group.line, [], inside, group.name))
        self.members(group.members, section, inside)

    def is_kept(self, member: Item | Group) -> bool:
        """Whether the rows of ``member`` stand for a question that the form keeps, unchanged."""
        line = member.line
        if "question" not in read_note(line):
            return False
        if line not in self.kept:
            items = [member] if isinstance(member, Item) else list(every_item(member.members))
            kept = read_kept(line, rows_of(line, items, self.tables), "q")
            self.kept[line] = not isinstance(kept, str)
            if isinstance(kept, str):
                self.lose(f"{line.path}, column {COLUMN}", "attribute", line.get(COLUMN), kept)
        return self.kept[line]

    def reason_lost(self, item: Item) -> str | None:
        """Why there is no counterpart for ``item``, or None."""
        if item.type in LOST_TYPES:
            return f"There are no questions for {LOST_TYPES[item.type]} here."
        if item.type not in SIMPLE_TYPES and item.type != "range":
            return f"The type {item.type[:60]!r} is not known."
        if item.list.startswith("${"):
            return "Choices that come from a repeat have no counterpart here."
        if item.list and item.list not in self.tables.choices:
            return f"The sheet choices has no list {item.list[:60]!r}."
        if len(self.tables.choices.get(item.list, ())) > MAX_OPTIONS:
            return f"The list {item.list[:60]!r} has more than {MAX_OPTIONS:,} choices."
        if item.type == "calculate" and not item.line.get("calculation"):
            return "It has no calculation."
        return None

    def name_all(self) -> None:
        """Codes, as few as possible of them changed; the changes are listed."""
        entries = list(self.plan.entries)
        if len(entries) > MAX_QUESTIONS:
            raise entries[MAX_QUESTIONS].line.refuse(
                "type", f"a questionnaire has at most {MAX_QUESTIONS:,} questions"
            )
        names = Names()
        wanted = [_wanted(entry.line, entry.name or "note") for entry in entries]
        for entry, name, code in zip(entries, wanted, names.free_all(wanted), strict=True):
            entry.code = code
            self.renamed(entry.line, name, code)
            if entry.what == "matrix":
                self.name_rows(entry)
        sections = Names()
        loose = 0
        if len(self.plan.sections) > MAX_SECTIONS:
            beyond = self.plan.sections[MAX_SECTIONS]
            line = beyond.group.line if beyond.group else beyond.entries[0].line
            raise line.refuse("type", f"a questionnaire has at most {MAX_SECTIONS} sections")
        groups = [section.group for section in self.plan.sections if section.group is not None]
        wanted = [_wanted(group.line, group.name) for group in groups]
        codes = zip(wanted, sections.free_all(wanted), strict=True)
        for section in self.plan.sections:
            if section.group is None:
                loose += 1
                section.code = sections.free(f"section{loose}")
                continue
            name, section.code = next(codes)
            self.renamed(section.group.line, name, section.code)

    def name_rows(self, entry: Entry) -> None:
        names = [item.name for item in entry.items]
        prefix = f"{entry.name}_"
        bare = [name.removeprefix(prefix) for name in names]
        if not all(name.startswith(prefix) and len(name) > len(prefix) for name in names):
            bare = names
        codes = clean_codes(bare, row=True)
        for item, name, code in zip(entry.items, bare, codes, strict=True):
            entry.rows.setdefault(item.name, code)
            self.renamed(item.line, name, code)

    def renamed(self, line: Line, name: str, code: str) -> None:
        if name and code != name:
            self.lose(f"{line.path}, column name", "attribute", name,
                      f"It is called {code} here.")  # fmt: skip


def rows_of(line: Line, items: list[Item], tables: Tables) -> list[Line]:
    """The rows that stand for one question, those of its choices included."""
    lines = [item.line for item in items]
    lists = dict.fromkeys(item.list for item in items if item.list)
    choices = [choice for name in lists for choice in tables.choices.get(name, ())]
    return [*([] if line in lines else [line]), *lines, *choices]


def is_section_text(line: Line) -> bool:
    """Whether the note is the text at the top of its section."""
    return read_note(line).get("is") == "section text" and line.get("type") == "note"


def _wanted(line: Line, name: str) -> str:
    """The code it had here, where it had to change on the way out."""
    code = read_note(line).get("code")
    return code if isinstance(code, str) and check_code(code, QUESTION_CODE) is None else name
