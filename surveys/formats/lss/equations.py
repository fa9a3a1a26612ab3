"""LimeSurvey's equations: what their values are here, found when something needs them."""

from typing import Any

from surveys.formats.lss.expressions import text_value, translate_operand
from surveys.formats.lss.file import LimeQuestion
from surveys.formats.lss.meaning import (
    NOTHING,
    Constant,
    Holds,
    Moment,
    Operand,
    Quantity,
    numeral,
    words,
)
from surveys.formats.lss.texts import MARK, plain_text, take_insertions
from surveys.formats.lss.variables import Context
from surveys.language.expressions import Call, Expression

UNKNOWN_NUMBER = Call("number", (NOTHING,))


def source_of(question: LimeQuestion, language: str) -> str:
    """The equation: an attribute of its own in newer versions, else the text of the question."""
    texts = question.texts.get("question", {})
    return question.attribute("equation") or texts.get(language) or next(iter(texts.values()), "")


def equation_value(source: str, context: Context) -> tuple[Holds, Expression]:
    """What the equation gives: a number, a day or a text. May raise ``Untranslatable``."""
    marked, insertions = take_insertions(source)
    if MARK.fullmatch(plain_text(marked).text):
        return _typed(translate_operand(insertions[0], context))
    return Holds.TEXT, text_value(source, context)


def _typed(operand: Operand) -> tuple[Holds, Expression]:
    match operand:
        case Quantity(value):
            return Holds.NUMBER, value
        case Moment(day):
            return Holds.DATE, day
        case Constant(text, quoted=False):
            return Holds.NUMBER, numeral(text)
        case _:
            return Holds.TEXT, words(operand)


def title_equation(document: dict[str, Any], question: LimeQuestion) -> None:
    """A value that is never drawn, and whose text is nothing but itself, is called by its code."""
    if document["display"] != "none" or question.attribute("equation"):
        return
    for language, text in document["title"].items():
        if not MARK.sub("", text).strip():
            document["title"][language] = document["code"]
