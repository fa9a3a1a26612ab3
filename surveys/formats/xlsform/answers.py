"""The answers and calculations of an XLSForm, so that expressions can name them."""

from collections import defaultdict
from functools import partial

from surveys.formats.xlsform.kept import Kept, read_kept
from surveys.formats.xlsform.plan import Entry, Plan, rows_of
from surveys.formats.xlsform.questions import fields_of, option_codes
from surveys.formats.xlsform.rows import RowReader
from surveys.formats.xlsform.scope import answer_value
from surveys.formats.xlsform.structure import Item
from surveys.formats.xlsform.syntax import Untranslatable
from surveys.formats.xlsform.tables import Lose, Tables
from surveys.formats.xlsform.values import Value
from surveys.language.evaluation import Kind
from surveys.language.expression_types import SINGLE
from surveys.language.expressions import Expression, Reference

YES = frozenset({"yes", "true", "true()", "1", "x", "y"})
NO = frozenset({"", "no", "false", "false()", "0", "n"})


class AnswerReader(RowReader):
    """Knows what every name in the form stands for, and what is calculated."""

    def __init__(self, tables: Tables, plan: Plan, lose: Lose) -> None:
        super().__init__(tables, lose)
        self.plan = plan
        self.codes: dict[Entry, dict[str, str]] = {}
        self.kept: dict[Entry, Kept] = {}
        self.calculations: dict[Entry, Expression | None] = {}

    def know_answers(self) -> None:
        for name, why in self.plan.left_out.items():
            self.scope.unknown.setdefault(name, why)
        for entry in self.plan.entries:
            if entry.what == "kept":
                self.know_kept(entry)
            elif entry.what == "label":
                continue
            elif entry.what == "matrix":
                self.know_rows(entry)
            else:
                self.know_item(entry)

    def know_kept(self, entry: Entry) -> None:
        kept = read_kept(entry.line, rows_of(entry.line, entry.items, self.tables), entry.code)
        assert isinstance(kept, Kept), "the plan has looked at it"
        self.kept[entry] = kept
        if kept.question["type"] == "calculation" and len(entry.items) == 1:
            # Its value has to be read to know of which kind it is.
            entry.what = "item"
            return
        for name, value in kept.values.items():
            self.scope.add(name, value)

    def know_item(self, entry: Entry) -> None:
        (item,) = entry.items
        codes = self.list_codes(item)
        self.codes[entry] = codes
        value = answer_value(fields_of(item).question["type"], Reference(entry.code), codes)
        if self.is_shown_only(item):
            value = None
        if value is not None:
            self.scope.add(item.name, value)
        if item.other:
            self.scope.values.setdefault(
                f"{item.name}_other", Value(Kind.TEXT, Reference(f"{entry.code}_other"))
            )

    def know_rows(self, entry: Entry) -> None:
        codes = self.list_codes(entry.items[0])
        self.codes[entry] = codes
        kind = Kind.OPTION if entry.items[0].type == "select_one" else Kind.OPTIONS
        for item in entry.items:
            reference = Reference(entry.code, entry.rows[item.name])
            self.scope.add(item.name, Value(kind, reference, codes=codes))

    def list_codes(self, item: Item) -> dict[str, str]:
        choices = self.tables.choices.get(item.list, [])
        codes = option_codes(choices)
        if item.other:
            codes.setdefault("other", "other")
        for line in choices:
            ours = codes[line.get("name")]
            if ours != line.get("name") and (line.path, "name") not in self.told:
                self.told.add((line.path, "name"))
                self.lose(f"{line.path}, column name", "attribute", line.get("name"),
                          f"It is called {ours} here.")  # fmt: skip
        return codes

    def is_shown_only(self, item: Item) -> bool:
        """Whether the answer is calculated, or nothing can be answered at all."""
        return item.type not in ("calculate", "note") and (
            item.line.get("read_only").lower() in YES
        )

    def is_calculated(self, item: Item) -> bool:
        return bool(item.line.get("calculation")) and (
            item.type == "calculate" or self.is_shown_only(item)
        )

    def calculate(self) -> None:
        """The calculations, each after those that it needs."""
        waiting: dict[str, Entry] = {}
        for entry in self.plan.entries:
            if entry.what != "item" or not self.is_calculated(entry.items[0]):
                continue
            name = entry.items[0].name
            if name in waiting or name in self.scope.values:
                self.lose(entry.line.path, "question", f"calculate {name}",
                          "There is a question of this name already.")  # fmt: skip
                self.scope.forget(name, f"there are several questions {name[:60]}")
                continue
            waiting[name] = entry
        for name in _in_order({
            name: entry.line.get("calculation") for name, entry in waiting.items()
        }):  # fmt: skip
            entry = waiting[name]
            value = self.translate(entry.line, "calculation", partial(self._single, name))
            self.calculations[entry] = value.node if value is not None else None
            if value is None:
                self.scope.forget(name, f"the calculation {name[:60]} is lost")
                continue
            self.scope.add(name, Value(value.kind, Reference(entry.code), codes=value.codes))

    def _single(self, name: str, source: str) -> Value:
        value = self.translator.value(source, itself=name)
        if value.kind not in SINGLE:
            raise Untranslatable("a calculation gives one value")
        return value


def _in_order(sources: dict[str, str]) -> list[str]:
    """The names so that each follows those its source names; circles are broken somewhere."""
    needs: dict[str, list[str]] = defaultdict(list)
    for name, source in sources.items():
        needs[name] = [
            part.partition("}")[0].strip()
            for part in source.split("${")[1:]
            if part.partition("}")[0].strip() in sources
        ]
    done: dict[str, None] = {}
    begun: set[str] = set()
    for start in sources:
        waiting = [start]
        while waiting:
            name = waiting[-1]
            if name in done or name in begun:
                waiting.pop()
                done.setdefault(name)
                continue
            begun.add(name)
            waiting += [need for need in needs[name] if need not in begun]
    return list(done)
