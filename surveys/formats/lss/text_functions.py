"""The functions of LimeSurvey's expressions about texts, patterns and days."""

import re

from surveys.formats.lss.arguments import Function, day_of, each_of, is_given, one_of
from surveys.formats.lss.meaning import (
    NOTHING,
    Constant,
    Holds,
    Moment,
    Operand,
    Quantity,
    Several,
    Truth,
    Untranslatable,
    Variable,
    Words,
    either,
    joined,
    sayable,
    words,
)
from surveys.language.expressions import Call, Expression, Literal, any_of
from surveys.language.patterns import compile_pattern

_MOST_LISTED = 25


def implode(arguments: list[Operand]) -> Operand:
    """``implode(separator, …)``: what is empty is put between, too."""
    if len(arguments) < 2:
        raise Untranslatable("implode() takes a separator and texts")
    between = words(arguments[0])
    parts: list[Expression] = []
    for operand in each_of(arguments[1:]):
        parts += [between, sayable(operand)]
    return Words(joined(parts[1:]))


def join(arguments: list[Operand]) -> Operand:
    """``join(…)``: one behind the other, with nothing between."""
    if not arguments:
        raise Untranslatable("join() takes texts")
    return Words(joined([sayable(operand) for operand in each_of(arguments)]))


def list_of(arguments: list[Operand]) -> Operand:
    """What is not empty, with commas between."""
    if len(arguments) == 1 and isinstance(arguments[0], Several):
        several = arguments[0]
        if several.shown and several.whole is not None:
            return Words(Call("join", (several.whole,)))
    listed = each_of(arguments)
    if len(listed) > _MOST_LISTED:
        raise Untranslatable("list() has too many values")
    parts: list[Expression] = []
    before: list[Expression] = []
    for operand in listed:
        given = is_given(operand)
        text = words(operand)
        if before:
            text = joined([either(any_of(*before), Literal(", "), NOTHING), text])
        parts.append(either(given, text, NOTHING))
        before.append(given)
    return Words(joined(parts))


def on_text(function: str) -> Function:
    def translate(arguments: list[Operand]) -> Operand:
        operand = one_of(arguments)
        if isinstance(operand, Variable) and operand.holds == Holds.OPTION:
            return Words(Call(function, (operand.reference,)))
        return Words(Call(function, (words(operand),)))

    return translate


def trimmed(arguments: list[Operand]) -> Operand:
    """Answers have no white space around them here."""
    operand = one_of(arguments)
    return Constant(operand.text.strip(), True) if isinstance(operand, Constant) else operand


def as_text(arguments: list[Operand]) -> Operand:
    """``strip_tags``, ``htmlspecialchars`` and the like: texts are plain here anyway."""
    return one_of(arguments)


def regex_match(arguments: list[Operand]) -> Operand:
    if len(arguments) != 2 or not isinstance(arguments[0], Constant):
        raise Untranslatable("the pattern must be written out")
    pattern = plain_pattern(arguments[0].text)
    operand = arguments[1]
    if isinstance(operand, Variable) and operand.holds == Holds.OPTION:
        return Truth(Call("matches", (operand.reference, Literal(pattern))))
    return Truth(Call("matches", (words(operand), Literal(pattern))))


_DELIMITED = re.compile(r"\s*([/#~!@%|])(.*)\1([a-zA-Z]*)\s*", re.DOTALL)
_BRACKETED = re.compile(r"\s*[({](.*)[)}]([a-zA-Z]*)\s*", re.DOTALL)


def plain_pattern(written: str) -> str:
    """The pattern without PHP's delimiters, flags in front; ``Untranslatable`` where it needs what
    a pattern that takes linear time cannot do."""
    match = _DELIMITED.fullmatch(written)
    if match is None:
        bracketed = _BRACKETED.fullmatch(written)
        body, flags = (bracketed[1], bracketed[2]) if bracketed else (written, "")
    else:
        body, flags = match[2].replace(f"\\{match[1]}", match[1]), match[3]
    if set(flags) - set("imsuUD"):
        raise Untranslatable(f"the pattern has a flag that is not known ({flags})")
    kept = "".join(flag for flag in "ims" if flag in flags)
    pattern = f"(?{kept}){body}" if kept else body
    try:
        compile_pattern(pattern)
    except ValueError as refused:
        raise Untranslatable(f"the pattern cannot be used here: {refused}") from None
    return pattern


def date_of(arguments: list[Operand]) -> Operand:
    """``date(format)`` of today, ``date(format, strtotime(day))`` of another day."""
    if not arguments or not isinstance(arguments[0], Constant) or len(arguments) > 2:
        raise Untranslatable("the format of the date must be written out")
    day = day_of(arguments[1]) if len(arguments) == 2 else Call("today", ())
    if day is None:
        raise Untranslatable("date() takes a day")
    if re.fullmatch(r"[Yy]-[mn]-[dj]", arguments[0].text):
        return Moment(day)
    if arguments[0].text == "Y":
        return Quantity(Call("year", (day,)))
    raise Untranslatable(f"the form “{arguments[0].text}” of a date has no counterpart")


def time_of(arguments: list[Operand]) -> Operand:
    if not arguments:
        return Moment(Call("today", ()))
    operand = one_of(arguments)
    if isinstance(operand, Constant) and operand.text.strip().lower() in ("now", "today"):
        return Moment(Call("today", ()))
    day = day_of(operand)
    if day is None:
        raise Untranslatable("strtotime() takes a day")
    return Moment(day)
