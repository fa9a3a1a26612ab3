"""What a question is written as in an XLSForm: rows of the survey sheet, lists of choices."""

from dataclasses import dataclass, field

from core.text import LocalizedText
from surveys.language.expressions import Expression, Literal
from surveys.questionnaire import Question

Said = str | LocalizedText
"""One text for all languages, or one in each."""


@dataclass(slots=True)
class Part:
    """A row. ``reference``: what of ours its answer is (``Q3.r1``), "" for none.

    ``show_if`` is that of a matrix row or option, not of the question. ``constraint`` is XPath.
    """

    type: str
    reference: str
    label: Said
    hint: Said | None = None
    appearance: str = ""
    parameters: str = ""
    constraint: list[str] = field(default_factory=list)
    message: dict[str, str] = field(default_factory=dict)
    required: bool = False
    show_if: Expression | None = None
    path: str = ""
    # The codes of the options by which the choices are made.
    list: str = ""
    name: str = ""
    read_only: bool = False


@dataclass(slots=True)
class Choice:
    name: str
    label: Said
    show_if: Expression | None = None


@dataclass(slots=True)
class Sheet:
    """How a question is written. ``grouped``: its rows stand in a group of their own.

    ``lost``: (field of the question, why): what other software does not do.
    """

    parts: list[Part] = field(default_factory=list)
    choices: dict[str, list[Choice]] = field(default_factory=dict)
    grouped: bool = False
    appearance: str = ""
    lost: list[tuple[str, str]] = field(default_factory=list)


def limits_of(question: Question) -> list[str]:
    """The least and the greatest number, in XPath."""
    return [
        f". {sign} {Literal(limit)}"
        for sign, limit in ((">=", question.minimum), ("<=", question.maximum))
        if isinstance(limit, (int, float))
    ]


def choices_of(question: Question) -> list[Choice]:
    return [Choice(option.code, option.label, option.show_if) for option in question.options]
