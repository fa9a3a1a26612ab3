"""What the names in ``${…}`` stand for."""

from dataclasses import dataclass, field

from surveys.formats.xlsform.syntax import Untranslatable
from surveys.formats.xlsform.values import Value
from surveys.language.evaluation import Kind
from surveys.language.expressions import Reference


@dataclass(slots=True)
class Scope:
    """``values`` by name; ``unknown``: names that are in the form, and why they cannot be used."""

    values: dict[str, Value] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, value: Value) -> None:
        if name in self.values or name in self.unknown:
            self.forget(name, f"there are several questions {name[:60]}")
            return
        self.values[name] = value

    def forget(self, name: str, why: str) -> None:
        self.values.pop(name, None)
        self.unknown.setdefault(name, why)

    def find(self, name: str) -> Value:
        found = self.values.get(name)
        if found is None:
            raise Untranslatable(self.unknown.get(name, f"there is no question {name[:60]} here"))
        return found


_KINDS = {
    "single_choice": Kind.OPTION, "multiple_choice": Kind.OPTIONS, "ranking": Kind.OPTIONS,
    "number": Kind.NUMBER, "rating": Kind.NUMBER, "date": Kind.DATE, "short_text": Kind.TEXT,
    "long_text": Kind.TEXT, "upload": Kind.FILES, "consent": Kind.BOOLEAN, "year": Kind.NUMBER,
    "quarter": Kind.QUARTER, "budget": Kind.OPTIONS,
}  # fmt: skip


def answer_value(type_name: str, reference: Reference, codes: dict[str, str]) -> Value | None:
    """The answer to a question of ``type_name``; None where it has none.

    ``codes``: ours by theirs, where choices are made.
    """
    kind = _KINDS.get(type_name)
    if kind is None:
        return None
    return Value(
        kind, reference, codes=codes, ordered=type_name == "ranking", ticked=kind == Kind.BOOLEAN
    )
