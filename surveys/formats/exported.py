"""What a writer of a questionnaire format gives: the file, and what it could not say."""

from dataclasses import asdict, dataclass, field
from typing import Any

from surveys.formats.imported import Loss


@dataclass(slots=True)
class ExportedQuestionnaire:
    """``data``: the bytes of the file. ``lost``: what of the questionnaire it does not say.

    The path of a loss leads through the questionnaire by codes: ``question Q3/rules[0].check``,
    ``section main/show_if``, ``title.fr``.
    """

    data: bytes
    lost: list[Loss] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """What a command prints, as JSON values."""
        return {"bytes": len(self.data), "lost": [asdict(loss) for loss in self.lost]}
