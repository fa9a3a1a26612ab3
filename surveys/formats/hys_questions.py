"""Which questions stand behind the columns of a "Have your say" export.

The export names no question types and lists no options, so both are inferred, by rules that never
lose a character of an answer. In this order:

1. *Matrix*: neighbouring columns ``stem: row`` with one stem, whose cells together are one closed
   set of labels. A header with a line break before the colon, as the Commission's exports write
   it, is a matrix row even on its own.
2. *Multiple choice*: some cells are joins of labels that also occur as a whole cell, and every
   cell can be read as a join in exactly one way (see ``find_joined_labels``).
3. *Single choice*: few distinct values, most of them repeated; or only well-known closed answers
   ("Yes", "No opinion", "4 - Important").
4. Everything else is text. So are file names: they name an uploaded document.

Blank cells are unanswered. White space around a cell is not part of it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

MAX_OPTIONS = 60
MAX_LABEL_LENGTH = 300
SHORT_TEXT_LENGTH = 255
# Tried in this order; a join is read only where labels known on their own prove it.
SEPARATORS = ("\n", ";", "|", ",")

_MATRIX_ROW = re.compile(r"\s*\n\s*:\s+(?=\S)")
_COLON = re.compile(r":\s+(?=\S)")
_SCALE_LABEL = re.compile(r"(\d{1,2})(?:\s*[-–—.:)]\s*\S.{0,60})?")
_FILE_NAME = re.compile(r"[^\s/]+(?: [^\s/]+)*\.[A-Za-z]\w{1,4}")
_CLOSED_ANSWERS = frozenset(
    ["yes", "no", "other", "no opinion", "don't know", "do not know", "i don't know",
     "i do not know", "not applicable", "no answer", "neutral"]
)  # fmt: skip
# Answers that do not lie on a scale come after those that do.
_LAST_OPTIONS = ("other", "don't know", "do not know", "i don't know", "i do not know",
                 "not applicable", "no answer", "no opinion")  # fmt: skip

Fragments = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InferredQuestion:
    """A question read out of one column, or of several for a matrix.

    ``kind`` is a question type of ``surveys.definition``. ``options`` are labels in the order a
    page shows them. ``columns`` are positions among the question columns, one per row of a matrix.
    ``separator`` joins the labels of a multiple choice in a cell.
    """

    kind: str
    title: str
    columns: tuple[int, ...]
    options: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    separator: str = ""

    def labels_in(self, cell: str) -> tuple[str, ...]:
        """The labels chosen in a cell of this closed question; none when it is blank."""
        text = cell.strip()
        if not text:
            return ()
        if self.kind != "multiple_choice":
            return (text,)
        known = {split_cell(label, self.separator): label for label in self.options}
        (reading,) = _readings(split_cell(text, self.separator), known)
        return tuple(known[part] for part in reading)


def infer_questions(
    headers: Sequence[str], columns: Sequence[Sequence[str]]
) -> tuple[InferredQuestion, ...]:
    """The questions behind ``columns`` (one sequence of cells per header), in their order."""
    values = [Counter(text for cell in cells if (text := cell.strip())) for cells in columns]
    questions: list[InferredQuestion] = []
    position = 0
    while position < len(headers):
        question = _matrix_at(position, headers, values) or _plain_question(
            position, headers[position], values[position]
        )
        questions.append(question)
        position += len(question.columns)
    return tuple(questions)


def is_closed(values: Counter[str]) -> bool:
    """Whether these cells look like choices among a fixed set of labels.

    Few labels, none of them long, and repeated as free text is not: at least half of the cells
    repeat another one (a quarter among 20 or fewer), and most labels occur more than once.
    """
    total, distinct = values.total(), len(values)
    if not 1 <= distinct <= MAX_OPTIONS or any(not _may_be_label(value) for value in values):
        return False
    if all(_FILE_NAME.fullmatch(value) for value in values):
        return False
    if all(_is_closed_answer(value) for value in values):
        return True
    once = sum(1 for count in values.values() if count == 1)
    return _repeats(total, distinct) and (distinct <= 7 or once * 2 <= distinct)


def find_joined_labels(values: Counter[str], separator: str) -> tuple[str, ...]:
    """The option labels of a column of joined choices, or nothing when that is not certain.

    A label is known when it occurs as a whole cell that is no join of other labels. At least one
    cell must be a join of known labels: before that, a separator is part of the text ("Yes, for
    some"). In a column of proven joins, a label that never occurs alone is known too, once it is
    found beside known labels and no single one of them touches it every time (else the two might
    be one label with a separator in it). In the end every cell must read in exactly one way; one
    that names a label twice does not, for nobody can choose it twice.
    """
    cells = {split_cell(value, separator): value for value in values}
    pieces = {piece for cell in cells for piece in cell}
    if len(cells) != len(values) or "" in pieces or len(pieces) > 4 * MAX_OPTIONS:
        return ()
    known = _undivided(cells)
    if len(known) == len(cells):
        return ()
    candidates = set(cells)
    while found := _labels_between(known) - candidates:
        candidates |= found
        known = _undivided(candidates)
    if any(_names_a_label_twice(label, known) for label in known):
        return ()
    chosen: Counter[Fragments] = Counter()
    for cell, value in cells.items():
        readings = _readings(cell, known)
        if len(readings) != 1:
            return ()
        for label in readings[0]:
            chosen[label] += values[value]
    labels = [label for label in known if label in chosen]
    if len(labels) > MAX_OPTIONS or not _repeats(chosen.total(), len(labels)):
        return ()
    texts = {label: _text_of(label, values, separator) for label in labels}
    if not all(_may_be_label(text) for text in texts.values()):
        return ()
    orders = [_readings(cell, known)[0] for cell in cells]
    return tuple(texts[label] for label in _in_form_order(labels, orders))


def split_cell(cell: str, separator: str) -> Fragments:
    """The pieces between separators, without white space around them; one at the end is nothing."""
    return tuple(piece.strip() for piece in cell.strip().rstrip(separator).split(separator))


def option_code(label: str, taken: Iterable[str]) -> str:
    """A code for an option: the number of a scale label ("5 - Very important"), else its words."""
    scale = _SCALE_LABEL.fullmatch(label)
    words = "-".join(re.findall(r"[a-z0-9]+", label.lower()))[:40].strip("-")
    code = base = scale.group(1) if scale else words or "option"
    suffix = 2
    while code in taken:
        code, suffix = f"{base}-{suffix}", suffix + 1
    return code


def in_scale_order(labels: Iterable[str]) -> tuple[str, ...]:
    """Numbered labels by number, the others as they came, "other" and "no opinion" at the end."""

    def place(label: str) -> tuple[int, int]:
        scale = _SCALE_LABEL.fullmatch(label)
        if scale:
            return 0, int(scale.group(1))
        plain = label.casefold()
        return (2, _LAST_OPTIONS.index(plain)) if plain in _LAST_OPTIONS else (1, 0)

    return tuple(sorted(labels, key=place))


# Matrices


def _matrix_at(
    start: int, headers: Sequence[str], values: Sequence[Counter[str]]
) -> InferredQuestion | None:
    """The matrix that begins with column ``start``, if one does."""
    for stem, rows in _shared_stems(start, headers):
        pooled: Counter[str] = Counter()
        for column in range(start, start + len(rows)):
            pooled.update(values[column])
        if is_closed(pooled):
            return InferredQuestion(
                kind="matrix",
                title=stem,
                columns=tuple(range(start, start + len(rows))),
                options=in_scale_order(pooled),
                rows=tuple(rows),
            )
    return None


def _shared_stems(start: int, headers: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Stems that column ``start`` shares with those after it, and their rows: most rows first."""
    marked = _MATRIX_ROW.search(headers[start])
    cuts = [marked] if marked else list(_COLON.finditer(headers[start]))
    found = []
    for cut in cuts:
        prefix = headers[start][: cut.end()]
        rows: list[str] = []
        for header in headers[start:]:
            row = _one_line(header.removeprefix(prefix))
            if not header.startswith(prefix) or not row or row in rows:
                break
            rows.append(row)
        if marked or len(rows) > 1:
            found.append((_one_line(headers[start][: cut.start()]), rows))
    # The longer stem on a tie: rows may begin alike, but what they all share belongs to the stem.
    return sorted(found, key=lambda match: (-len(match[1]), -len(match[0])))


# Single columns


def _plain_question(column: int, header: str, values: Counter[str]) -> InferredQuestion:
    title = _one_line(header) or f"Column {column + 1}"
    for separator in SEPARATORS:
        labels = find_joined_labels(values, separator)
        if labels:
            return InferredQuestion(
                "multiple_choice", title, (column,), options=labels, separator=separator
            )
    if is_closed(values):
        return InferredQuestion("single_choice", title, (column,), options=in_scale_order(values))
    long = any(len(value) > SHORT_TEXT_LENGTH or "\n" in value for value in values)
    return InferredQuestion("long_text" if long else "short_text", title, (column,))


def _is_closed_answer(value: str) -> bool:
    return value.casefold() in _CLOSED_ANSWERS or bool(_SCALE_LABEL.fullmatch(value))


def _may_be_label(value: str) -> bool:
    return len(value) <= MAX_LABEL_LENGTH and "\n" not in value


def _repeats(total: int, distinct: int) -> bool:
    return total > distinct and (total - distinct) >= total * (0.25 if total <= 20 else 0.5)


def _one_line(text: str) -> str:
    return " ".join(text.split())


# Joined labels


def _undivided(cells: Iterable[Fragments]) -> dict[Fragments, None]:
    """Those cells that are no join of others, shortest first."""
    known: dict[Fragments, None] = {}
    for cell in sorted(cells, key=lambda fragments: (len(fragments), fragments)):
        if not _readings(cell, known):
            known[cell] = None
    return known


def _readings(cell: Fragments, known: Iterable[Fragments]) -> list[tuple[Fragments, ...]]:
    """The ways to read ``cell`` as different labels one after the other; two at most."""
    known = known if isinstance(known, dict) else set(known)
    longest = max(map(len, known), default=0)
    readings: list[tuple[Fragments, ...]] = []
    # Positions from which the rest cannot be read at all; found ones are not tried again.
    dead: set[int] = set()

    def read(start: int, labels: tuple[Fragments, ...]) -> bool:
        if start == len(cell):
            readings.append(labels)
            return True
        if start in dead:
            return False
        readable = False
        for end in range(start + 1, min(len(cell), start + longest) + 1):
            label = cell[start:end]
            if label in known:
                readable = read(end, (*labels, label)) or readable
                if len(readings) > 1:
                    return True
        if not readable:
            dead.add(start)
        return readable

    read(0, ())
    return [labels for labels in readings if len(set(labels)) == len(labels)]


def _names_a_label_twice(cell: Fragments, known: dict[Fragments, None]) -> bool:
    """Whether ``cell``, itself undivided, could be cut into other labels if one came twice."""
    cuts = {0}
    for end in range(1, len(cell) + 1):
        if any(cell[start:end] in known and cell[start:end] != cell for start in cuts):
            cuts.add(end)
    return len(cell) in cuts


def _labels_between(known: dict[Fragments, None]) -> set[Fragments]:
    """New labels: the shortest gaps left beside known labels in at least two ways."""
    neighbours: dict[Fragments, list[tuple[Fragments, Fragments]]] = {}
    for cell in known:
        if 1 < len(cell) <= MAX_OPTIONS:
            for before, gap, after in _gaps(cell, known):
                neighbours.setdefault(gap, []).append((before, after))
    certain = [
        gap
        for gap, sides in neighbours.items()
        if gap not in known and len(sides) > 1 and not _always_touched(sides)
    ]
    shortest = min(map(len, certain), default=0)
    return {gap for gap in certain if len(gap) == shortest}


def _gaps(
    cell: Fragments, known: dict[Fragments, None]
) -> list[tuple[Fragments, Fragments, Fragments]]:
    """(label before, gap, label after) for each way to read all of ``cell`` but one gap."""
    others = known.keys() - {cell}
    found = []
    for start in range(len(cell)):
        for end in range(start + 1, len(cell) + 1):
            if end - start == len(cell) or cell[start:end] in others:
                continue
            left, right = _readings(cell[:start], others), _readings(cell[end:], others)
            if left and right:
                before = left[0][-1] if left[0] else ()
                after = right[0][0] if right[0] else ()
                found.append((before, cell[start:end], after))
    return found


def _always_touched(sides: Sequence[tuple[Fragments, Fragments]]) -> bool:
    before, after = {side[0] for side in sides}, {side[1] for side in sides}
    return (len(before) == 1 and () not in before) or (len(after) == 1 and () not in after)


def _text_of(label: Fragments, values: Iterable[str], separator: str) -> str:
    """The label as it is written in a cell, white space around its separators included."""
    if len(label) == 1:
        return label[0]
    pattern = rf"\s*{re.escape(separator)}\s*".join(map(re.escape, label))
    for value in values:
        match = re.search(pattern, value)
        if match:
            return match.group()
    return f"{separator} ".join(label)


def _in_form_order(
    labels: Sequence[Fragments], orders: Sequence[tuple[Fragments, ...]]
) -> list[Fragments]:
    """The order in which joined cells name the labels: that of the form. Else as they came."""
    after: dict[Fragments, set[Fragments]] = {label: set() for label in labels}
    for order in orders:
        for first, second in pairwise(order):
            after[second].add(first)
    try:
        return list(TopologicalSorter(after).static_order())
    except CycleError:
        return list(labels)
