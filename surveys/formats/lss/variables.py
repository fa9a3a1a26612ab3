"""What LimeSurvey's expressions may name, and where an expression stands."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from surveys.formats.lss.meaning import Quantity, Several, Untranslatable, Variable

# Equations within equations.
_DEEPEST_EQUATION = 20

Member = Variable | Quantity


class TooDeep(Untranslatable):
    """It may be sayable once other equations are known."""


@dataclass(slots=True)
class Variables:
    """What expressions may name: by variable name (``Q1``, ``Q1_SQ2``, ``12X3X45SQ2``), and whole
    questions (``that.Q1``) as their variables by sub-question code."""

    named: dict[str, Member] = field(default_factory=dict)
    wholes: dict[str, dict[str, Variable]] = field(default_factory=dict)
    # What ``self`` is in the texts and sub-questions of a question, by its number.
    itself: dict[str, Variable | Several] = field(default_factory=dict)
    # Names (ours) that are not always shown.
    hideable: set[str] = field(default_factory=set)
    # LimeSurvey names of questions that were not carried over.
    lost: set[str] = field(default_factory=set)
    # Equations whose values are not known yet: what makes them known, by name.
    unknown: dict[str, Callable[[], None]] = field(default_factory=dict)
    # The relevance of questions that are never drawn though they have a value, by our code.
    undrawn: dict[str, list[str]] = field(default_factory=dict)
    # Whether answers have values of their own beside their codes.
    assessed: bool = False

    # How many equations are being looked at because another needs them.
    depth: int = 0

    def find(self, name: str) -> Member | None:
        """What ``name`` is; an equation is looked at first. Raises ``TooDeep``."""
        make_known = self.unknown.get(name)
        if make_known is not None:
            if self.depth == _DEEPEST_EQUATION:
                raise TooDeep("it depends on too many equations, one after the other")
            del self.unknown[name]
            self.depth += 1
            try:
                make_known()
            except TooDeep:
                self.unknown[name] = make_known
                raise
            finally:
                self.depth -= 1
        return self.named.get(name)

    def find_all(self) -> None:
        """Look at every equation; long chains become known from their ends."""
        left = 0
        while len(self.unknown) != left:
            left = len(self.unknown)
            names = list(self.unknown)
            for name in [*names, *reversed(names)]:
                with suppress(TooDeep):
                    self.find(name)


@dataclass(frozen=True, slots=True)
class Context:
    """Where an expression stands. ``this`` is what it is applied to, one after the other; ``self_``
    is its question. ``language``: in which labels are meant."""

    variables: Variables
    language: str = ""
    this: Variable | None = None
    self_: Variable | Several | None = None
    # Whether texts in it are HTML.
    html: bool = False
    depth: int = 0
