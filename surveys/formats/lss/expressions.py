"""LimeSurvey's expressions in our language, as far as it can say them.

``!`` binds tighter than any comparison, and a question that is hidden makes the whole expression
false (or empty) unless it is named with ``.NAOK``. What our language cannot say is refused with
``Untranslatable``: the importer then reports the expression.
"""

import re
from dataclasses import replace

from surveys.formats.lss.comparisons import apply_operator
from surveys.formats.lss.functions import FUNCTIONS
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
    has_no_value_without,
    implies_shown,
    joined,
    negation,
    number,
    pick,
    sayable,
    truth,
    words,
)
from surveys.formats.lss.simplify import simplified
from surveys.formats.lss.texts import plain_text, take_insertions
from surveys.formats.lss.tokens import LONGEST_EXPRESSION, read_tokens
from surveys.formats.lss.variables import Context, Member
from surveys.language.expressions import Call, Expression, Literal, Negative, Reference, all_of

MAX_DEPTH = 40
# Texts within texts: the question of a question whose text names another question.
_DEEPEST_TEXT = 4


def translate_condition(expression: str, context: Context) -> Expression:
    """Our condition for a LimeSurvey ``expression``, or ``Untranslatable``."""
    operand, needed = _parse(expression, context)
    condition = truth(operand)
    return simplified(all_of(*_guards(condition, needed, context), condition))


def translate_check(expression: str, context: Context) -> Expression:
    """As a condition; what is hidden is merely empty, so that nobody is held up by it."""
    return simplified(truth(_parse(expression, context)[0]))


def translate_number(expression: str, context: Context) -> Expression:
    """A number; unanswered where it has none."""
    return number(_parse(expression, context)[0])


def translate_operand(expression: str, context: Context) -> Operand:
    """The value of an expression, empty where something it needs is not shown."""
    operand, needed = _parse(expression, context)
    match operand:
        case Quantity(value):
            unknown = Call("number", (NOTHING,))
            return Quantity(simplified(_unless_hidden(value, needed, unknown, context)))
        case Moment(day):
            # A day that is not there has no literal: it cannot be guarded, and need not be.
            return Moment(day)
        case Truth(condition):
            return Truth(simplified(all_of(*_guards(condition, needed, context), condition)))
        case Variable(holds=Holds.NUMBER, reference=reference):
            return Quantity(reference)
        case Variable(holds=Holds.DATE, reference=reference):
            return Moment(reference)
        case Constant():
            return operand
        case _:
            return Words(simplified(_unless_hidden(words(operand), needed, NOTHING, context)))


def translate_saying(expression: str, context: Context) -> Expression:
    """What is filled into a text for ``{expression}``."""
    operand, needed = _parse(expression, context)
    said = sayable(operand)
    if all(has_no_value_without(said, reference) for reference in needed):
        return simplified(said)
    return simplified(_unless_hidden(words(operand), needed, NOTHING, context))


def text_value(html: str, context: Context) -> Expression:
    """A text with insertions as one value."""
    marked, insertions = take_insertions(html)
    inner = replace(context, depth=context.depth + 1, html=True)
    if inner.depth > _DEEPEST_TEXT:
        raise Untranslatable("texts are inserted into texts too deep")
    parts: list[Expression] = []
    for piece in re.split("(\ue000[0-9]+\ue001)", plain_text(marked).text):
        if piece.startswith("\ue000"):
            parts.append(translate_saying(insertions[int(piece[1:-1])], inner))
        elif piece:
            parts.append(Literal(piece))
    return joined(parts)


def _guards(value: Expression, needed: list[Reference], context: Context) -> list[Expression]:
    """What must hold besides, for what is needed to be asked."""
    return [
        relevant(reference, context)
        for reference in needed
        if not has_no_value_without(value, reference) and not implies_shown(value, reference)
    ]


def relevant(reference: Reference, context: Context) -> Expression:
    """That a question or row is asked, or would be if it were ever drawn."""
    relevances = context.variables.undrawn.get(str(reference))
    if relevances is None:
        return Call("shown", (reference,))
    inner = replace(context, depth=context.depth + 1)
    if inner.depth > _DEEPEST_TEXT:
        raise Untranslatable("it depends on equations that depend on equations too deep")
    return all_of(*(translate_condition(relevance, inner) for relevance in relevances))


def _unless_hidden(
    value: Expression, needed: list[Reference], otherwise: Expression, context: Context
) -> Expression:
    guards = _guards(value, needed, context)
    return either(all_of(*guards), value, otherwise) if guards else value


def _parse(expression: str, context: Context) -> tuple[Operand, list[Reference]]:
    """The operand, and what must be shown for it to count."""
    source = expression.strip()
    if len(source) > LONGEST_EXPRESSION:
        raise Untranslatable(f"it is longer than {LONGEST_EXPRESSION:,} characters")
    if source.startswith("{") and source.endswith("}"):
        source = source[1:-1]
    parser = _Parser(source, context)
    operand = parser.expression(1)
    if parser.peek() is not None:
        raise Untranslatable(f"“{parser.peek()}” is not expected there")
    return operand, list(dict.fromkeys(parser.needed))


_BINDING = {
    "or": 1, "and": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6,
}  # fmt: skip
_UNARY = 7
# Suffixes that say something about a question that no answer changes.
_STATIC = frozenset(
    {
        "qid",
        "gid",
        "sgqa",
        "type",
        "mandatory",
        "rowdivid",
        "relevance",
        "grelevance",
        "varName",
        "jsName",
        "gseq",
        "qseq",
    }
)


class _Parser:
    def __init__(self, source: str, context: Context) -> None:
        self.tokens = list(read_tokens(source))
        self.position = 0
        self.depth = 0
        self.context = context
        self.variables = context.variables
        # What must be shown for the expression to count: named without .NAOK.
        self.needed: list[Reference] = []

    def peek(self) -> str | None:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else None

    def peek_operator(self) -> str | None:
        if self.position < len(self.tokens) and self.tokens[self.position][0] == "sign":
            return self.tokens[self.position][1]
        return None

    def accept(self, sign: str) -> bool:
        if self.peek_operator() == sign:
            self.position += 1
            return True
        return False

    def expression(self, minimum: int) -> Operand:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Untranslatable("it is nested too deep")
        left = self.operand()
        while (operator := self.peek_operator()) and _BINDING.get(operator, 0) >= minimum:
            self.position += 1
            right = self.expression(_BINDING[operator] + 1)
            left = apply_operator(operator, left, right)
        if self.peek_operator() == "=":
            raise Untranslatable("it changes an answer, and answers are given by people only")
        self.depth -= 1
        return left

    def operand(self) -> Operand:
        if self.accept("!"):
            return Truth(negation(truth(self.expression(_UNARY))))
        if self.accept("-"):
            return Quantity(Negative(number(self.expression(_UNARY))))
        if self.accept("+"):
            return Quantity(number(self.expression(_UNARY)))
        if self.accept("("):
            inside = self.expression(1)
            if not self.accept(")"):
                raise Untranslatable("a closing parenthesis is missing")
            return inside
        if self.position >= len(self.tokens):
            raise Untranslatable("it ends too early")
        kind, text = self.tokens[self.position]
        self.position += 1
        if kind == "text":
            return self.text(text)
        if kind == "number":
            return Constant(text, quoted=False)
        if kind == "name":
            return self.call(text) if self.accept("(") else self.variable(text)
        raise Untranslatable(f"“{text}” is not expected there")

    def text(self, text: str) -> Operand:
        is_pattern = self.position > 2 and self.tokens[self.position - 3][1] == "regexMatch"
        if self.context.html and not is_pattern and re.search(r"<[A-Za-z/!]|&\w+;", text):
            inner = plain_text(text).text
            before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            # A line break between what is put together is one here, too.
            line = "\n" if re.search(r"<(br|p|/p|div|/div|li)\b", text) else ""
            text = f"{before}{inner}{after or line}" if inner else (line or text[:0])
        return Constant(text, quoted=True)

    def variable(self, name: str) -> Operand:
        if name.lower() in ("true", "false"):
            return Truth(Literal(name.lower() == "true"))
        if name == "LANG" and self.context.language:
            return Constant(self.context.language, quoted=True)
        base, suffixes = self.split(name)
        if base == "that" and suffixes:
            return self.one_or_several(*self.members(suffixes[0]), suffixes[1:])
        if base == "this" and self.context.this is not None:
            return self.attribute(self.context.this, suffixes)
        if base == "self" and isinstance(self.context.self_, Several):
            self_ = self.context.self_
            keys = [str(position) for position in range(len(self_.variables))]
            named = {
                variable.origin.facts.get("key", key): variable
                for key, variable in zip(keys, self_.variables, strict=True)
            }
            return self.one_or_several("self", named, suffixes)
        if base == "self" and isinstance(self.context.self_, Variable):
            return self.attribute(self.context.self_, suffixes)
        if base in ("that", "self", "this"):
            raise Untranslatable(f"“{name}” has no counterpart")
        variable = self.variables.find(base)
        if variable is None:
            root = base.split("_")[0]
            if base in self.variables.lost or root in self.variables.lost:
                raise Untranslatable(f"it depends on “{base}”, which could not be carried over")
            if base.startswith("TOKEN"):
                raise Untranslatable("what is known of the person invited is not known here")
            raise Untranslatable(f"there is no answer named “{base}”")
        return self.attribute(variable, suffixes)

    def attribute(self, variable: Member, suffixes: list[str]) -> Operand:
        if isinstance(variable, Quantity):
            return variable
        result: Operand = variable
        for suffix in suffixes:
            if suffix == "relevanceStatus":
                row = Reference(variable.reference.name, variable.reference.row)
                return Truth(relevant(row, self.context))
            if suffix in _STATIC and suffix in variable.origin.facts:
                return Constant(variable.origin.facts[suffix], quoted=True)
            if suffix == "question":
                return Words(self.title(variable))
            if suffix == "help":
                said = text_value(self.in_language(variable.origin.help), self.context)
                return Words(said)
            if suffix == "shown":
                result = self.label(variable)
            elif suffix in ("value", "valueNAOK") and self.variables.assessed and variable.codes:
                raise Untranslatable("answers are not scored here")
            elif suffix not in ("NAOK", "code", "value", "valueNAOK"):
                raise Untranslatable(f"“.{suffix}” has no counterpart")
        if variable.holds == Holds.NOTHING:
            return Constant("", quoted=True)
        if not {"NAOK", "valueNAOK"} & set(suffixes):
            self.need(variable)
        return result

    def label(self, variable: Variable) -> Operand:
        """The text of what was chosen; of other answers what was given."""
        if variable.holds == Holds.OPTION:
            return Words(Call("label", (variable.reference,)))
        labels = variable.origin.labels
        if variable.holds == Holds.TICK:
            html = self.in_language(labels.get("Y", {}))
            return Words(either(truth(variable), text_value(html, self.context), NOTHING))
        if variable.holds == Holds.PLACE:
            said = {
                code: text_value(self.in_language(texts), self.context)
                for code, texts in labels.items()
            }
            return Words(pick(variable, said))
        return variable

    def title(self, variable: Variable) -> Expression:
        """The text of the question and, after a colon, of the sub-question."""
        parts = [self.in_language(texts) for texts in variable.origin.texts]
        return text_value(": ".join(parts), self.context)

    def in_language(self, texts: dict[str, str]) -> str:
        return texts.get(self.context.language) or next(iter(texts.values()), "")

    def split(self, name: str) -> tuple[str, list[str]]:
        base, *suffixes = name.removeprefix("INSERTANS:").split(".")
        # 12X3X45SQ2 names survey, group and question by their numbers; the last is enough.
        return re.sub(r"^[0-9]+X[0-9]+(?=X[0-9])", "", base), suffixes

    def need(self, variable: Variable) -> None:
        reference = variable.reference
        row = Reference(reference.name, reference.row) if reference.row else None
        for candidate in (row, Reference(variable.question)):
            if candidate is not None and str(candidate) in self.variables.hideable:
                self.needed.append(candidate)
                return

    def members(self, code: str) -> tuple[str, dict[str, Variable]]:
        members = self.variables.wholes.get(code)
        if members is None:
            raise Untranslatable(f"“that.{code}” could not be carried over")
        return f"that.{code}", members

    def one_or_several(
        self, name: str, members: dict[str, Variable], attributes: list[str]
    ) -> Operand:
        """What ``that.Q1.sq_A`` stands for: a list of variables, which may be a single one."""
        several = self.several(name, members, attributes)
        if len(several.variables) == 1 and several.whole is None:
            own = [a for a in attributes if a in ("NAOK", "shown", "valueNAOK")]
            return self.attribute(several.variables[0], own)
        return several

    def several(self, name: str, members: dict[str, Variable], attributes: list[str]) -> Several:
        comments = {k: v for k, v in members.items() if k.endswith("comment")}
        partial, shown = False, False
        wanted = [a.removeprefix("sq_") for a in attributes if a.startswith("sq_")]
        if wanted:
            # Several of them are alternatives; each may stand anywhere in the code.
            members = {k: v for k, v in members.items() if any(part in k for part in wanted)}
            partial = True
        for attribute in attributes:
            if attribute.startswith("sq_"):
                continue
            if attribute.startswith("nosq_"):
                unwanted = attribute.removeprefix("nosq_")
                members = {k: v for k, v in members.items() if unwanted not in k}
                partial = True
            elif attribute == "nocomments":
                members = {k: v for k, v in members.items() if k not in comments}
            elif attribute == "comments":
                members, partial = comments, True
            elif attribute == "shown":
                shown = True
            elif attribute not in ("NAOK", "code", "value", "valueNAOK"):
                raise Untranslatable(f"“.{attribute}” has no counterpart")
        variables = tuple(members.values())
        if not variables:
            raise Untranslatable(f"“{name}” has no such parts")
        if not {"NAOK", "valueNAOK"} & set(attributes):
            for variable in variables:
                self.need(variable)
        names = {variable.question for variable in variables}
        whole = None if partial or len(names) != 1 else Reference(names.pop())
        return Several(variables, whole, shown)

    def call(self, name: str) -> Operand:
        arguments: list[Operand] = []
        if not self.accept(")"):
            while True:
                # In is_empty(Q.shown), what is shown is empty exactly when the answer is.
                self.drop_shown_suffix(name)
                arguments.append(self.expression(1))
                if self.accept(","):
                    continue
                if self.accept(")"):
                    break
                raise Untranslatable("a closing parenthesis is missing")
        function = FUNCTIONS.get(name.lower())
        if function is None:
            raise Untranslatable(f"the function {name}() has no counterpart")
        return function(arguments)

    def drop_shown_suffix(self, function: str) -> None:
        if function.lower() in ("is_empty", "empty", "count") and self.position < len(self.tokens):
            kind, text = self.tokens[self.position]
            if kind == "name":
                self.tokens[self.position] = (kind, re.sub(r"\.shown(?=\.|$)", "", text))
