"""What is common to all rows of an XLSForm: conditions, texts, and columns that are lost."""

from collections.abc import Callable
from typing import TypeVar

from surveys.formats.xlsform.expressions import Translator, insertion
from surveys.formats.xlsform.kept import kept_condition
from surveys.formats.xlsform.questions import parameters_of
from surveys.formats.xlsform.scope import Scope
from surveys.formats.xlsform.structure import Group
from surveys.formats.xlsform.syntax import Untranslatable
from surveys.formats.xlsform.tables import MEDIA, Line, Lose, Tables, Texts
from surveys.formats.xlsform.texts import read_text
from surveys.formats.xlsform.values import TRUE, joined
from surveys.language.expressions import AllOf, Expression

T = TypeVar("T")

MAX_EXPRESSIONS = 1_000_000
"""How many characters all expressions of a form may have together."""

_LOST_COLUMNS = {
    "default": "Nothing is filled in before somebody answers.",
    "trigger": "Calculations follow the answers at once.",
    "save_to": "Answers are not kept in entities.",
    "required_message": "Our own words say that an answer is needed.",
    "guidance_hint": "There is one help text only.",
    "repeat_count": "Nothing is repeated here.",
}  # fmt: skip


class RowReader:
    """Reads expressions and texts of rows, counts what was found, and lists what is lost.

    ``found``: of each kind of expression, how many there are and how many were carried over.
    """

    def __init__(self, tables: Tables, lose: Lose) -> None:
        self.tables = tables
        self.lose = lose
        self.languages = tables.languages
        self.found: dict[str, tuple[int, int]] = {}
        self.scope = Scope()
        self.translator = Translator(self.scope.find)
        self.characters_left = MAX_EXPRESSIONS
        self.groups: dict[Group, Expression | None] = {}
        # What was told already: a list of choices is read once for each of its questions.
        self.told: set[tuple[str, str]] = set()

    def translate(self, line: Line, column: str, read: Callable[[str], T]) -> T | None:
        """What ``read`` makes of the expression in ``column``, or None where it is lost."""
        source = line.get(column)
        self.characters_left -= len(source)
        if self.characters_left < 0:
            raise line.refuse(
                column, f"all expressions together have more than {MAX_EXPRESSIONS:,} characters"
            )
        found, carried = self.found.get(column, (0, 0))
        try:
            result = read(source)
        except Untranslatable as why:
            self.found[column] = (found + 1, carried)
            self.lose(
                f"{line.path}, column {column}", "condition", source, _lost_because(column, why)
            )
            return None
        self.found[column] = (found + 1, carried + 1)
        return result

    def condition(self, line: Line, column: str, name: str = "") -> Expression | None:
        if column == "relevant" and (kept := kept_condition(line)) is not None:
            found, carried = self.found.get(column, (0, 0))
            self.found[column] = (found + 1, carried + 1)
            return kept
        if not line.get(column):
            return None
        return self.translate(
            line, column, lambda source: self.translator.condition(source, itself=name)
        )

    def shown_if(self, line: Line, around: tuple[Group, ...], name: str) -> dict[str, str]:
        """Its own relevance and that of the groups around it."""
        parts = [self.group_condition(group) for group in around if group.line is not line]
        parts.append(self.condition(line, "relevant", name))
        said = [part for part in parts if part is not None]
        if len(said) == 1:
            return {} if said[0] == TRUE and not line.get("waymark") else {"show_if": str(said[0])}
        condition = joined(AllOf, said)
        return {} if condition == TRUE else {"show_if": str(condition)}

    def group_condition(self, group: Group) -> Expression | None:
        if group not in self.groups:
            self.groups[group] = self.condition(group.line, "relevant")
        return self.groups[group]

    def insert(self, name: str) -> Expression:
        return insertion(self.scope.find(name))

    def losing_text(self, line: Line, column: str) -> Callable[[str, str], None]:
        return lambda what, why: self.lose(f"{line.path}, column {column}", "text", what, why)

    def text(self, line: Line, column: str) -> Texts:
        """The texts of ``column`` by language; those that say nothing are left out."""
        texts = {
            language: read_text(text, self.insert, self.losing_text(line, column))
            for language, text in line.texts.get(column, {}).items()
        }
        return {language: text for language, text in texts.items() if text.strip()}

    def whole_text(self, line: Line, column: str, instead: str) -> Texts:
        """As ``text``, complete in the first language."""
        texts, first = self.text(line, column), self.languages[0]
        if first in texts:
            return texts
        if texts:
            language, text = next(iter(texts.items()))
            self.lose(f"{line.path}, column {column}", "text", text,
                      f"There is none in {first}; that in {language} stands in.")  # fmt: skip
            return {first: text} | texts
        said = read_text(instead, self.insert, self.losing_text(line, column))
        if any(line.get(media) or line.texts.get(media) for media in MEDIA) or column == "label":
            self.lose(f"{line.path}, column {column}", "text", "",
                      f"There is no label; {instead[:60]!r} stands in.")  # fmt: skip
        return {first: said or "-"}

    def complete(self, texts: Texts) -> Texts:
        first = self.languages[0]
        return texts if first in texts else {first: next(iter(texts.values()))} | texts

    def lost_columns(self, line: Line, *, group: bool) -> None:
        for column, why in _LOST_COLUMNS.items():
            said = line.get(column) or next(iter(line.texts.get(column, {}).values()), "")
            if said:
                self.lose(f"{line.path}, column {column}", "attribute", said, why)
        for column, text in line.cells.items():
            if "::" in column or (column == "parameters" and not _reads_parameters(line)):
                self.lose(f"{line.path}, column {column[:60]}", "attribute", text,
                          "A setting for other software.")  # fmt: skip
        self.lost_media(line)

    def lost_media(self, line: Line) -> None:
        for media in MEDIA:
            said = line.get(media) or next(iter(line.texts.get(media, {}).values()), "")
            if said and (line.path, media) not in self.told:
                self.told.add((line.path, media))
                self.lose(f"{line.path}, column {media}", "attribute", said,
                          "Pictures, sounds and films are not shown.")  # fmt: skip


def _reads_parameters(line: Line) -> bool:
    return line.get("type").lower() == "range" and set(parameters_of(line)) <= {
        "start", "end", "step", "",
    }  # fmt: skip


def _lost_because(column: str, why: Untranslatable) -> str:
    without = {
        "relevant": "It is asked of everybody",
        "required": "No answer is needed",
        "constraint": "Every answer is accepted",
        "calculation": "It is not calculated",
        "choice_filter": "All choices are offered",
    }
    return f"{without.get(column, 'It is left out')}: {why}."
