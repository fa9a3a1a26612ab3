"""What a reader of a questionnaire format gives: the document, and what it could not carry over."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

LossKind = Literal["question", "condition", "attribute", "text"]


@dataclass(frozen=True, slots=True)
class Loss:
    """Something in the file that the questionnaire does not say.

    ``path`` says where in the file (``group 2/question Q5/attribute array_filter``), ``what`` is
    the original, ``why`` is a sentence for the person who imports.
    """

    path: str
    kind: LossKind
    what: str
    why: str


@dataclass(slots=True)
class ImportedQuestionnaire:
    """``questions`` and ``conditions_found`` count in the terms of the file, carried or not.

    ``expressions``: of each kind of expression there is in the file, how many were found and how
    many carried over; conditions are among them.
    """

    document: dict[str, Any]
    questions: int
    conditions_found: int = 0
    conditions_carried: int = 0
    lost: list[Loss] = field(default_factory=list)
    expressions: dict[str, tuple[int, int]] = field(default_factory=dict)

    def report(self) -> dict[str, Any]:
        """What a command prints, as JSON values."""
        report: dict[str, Any] = {
            "questions": self.questions,
            "languages": list(self.document["languages"]),
            "conditions": {"found": self.conditions_found, "carried": self.conditions_carried},
        }
        if self.expressions:
            report["expressions"] = {
                kind: {"found": found, "carried": carried}
                for kind, (found, carried) in sorted(self.expressions.items())
            }
        return report | {"lost": [asdict(loss) for loss in self.lost]}
