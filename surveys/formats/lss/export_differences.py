"""What is different between a questionnaire and the same one read back from a file."""

from collections.abc import Iterator
from typing import Any

from surveys.formats.imported import Loss, LossKind

_TEXTS = ("title", "help", "text", "label", "message", "description", "unit")
_CONDITIONS = ("show_if", "required_if", "rules", "check", "value")
# Losses of a whole question, which everything in it is covered by.
_OF_ALL = ".type"


def differences(ours: Any, again: Any, reported: set[str]) -> list[Loss]:
    """A loss for each difference that is not ``reported`` yet, by path."""
    covered = {path.removesuffix(_OF_ALL) for path in reported if path.endswith(_OF_ALL)}
    covered |= reported
    return [
        Loss(path, _kind(path), _short(was), f"It comes back as {_short(now)}.")
        for path, was, now in _compare(ours, again, "")
        if not any(path == known or path.startswith((f"{known}.", f"{known}["))
                   for known in covered)
    ]  # fmt: skip


def _compare(was: Any, now: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(was, dict) and isinstance(now, dict):
        for name in dict.fromkeys([*was, *now]):
            inner = f"{path}.{name}" if path else str(name)
            yield from _compare(was.get(name), now.get(name), inner)
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for index, (a, b) in enumerate(zip(was, now, strict=True)):
            yield from _compare(a, b, f"{path}[{index}]")
    elif was != now:
        yield path, was, now


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= 300 else f"{text[:300]}…"


def _kind(path: str) -> LossKind:
    names = path.replace("]", "").replace("[", ".").split(".")
    if any(name in _CONDITIONS for name in names):
        return "condition"
    if any(name in _TEXTS for name in names):
        return "text"
    return "question" if names[-1] == "type" else "attribute"
