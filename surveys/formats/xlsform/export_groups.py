"""Questions of several answers, as groups of rows in an XLSForm."""

from core.text import LocalizedText
from surveys.formats.lss.messages import rule_message
from surveys.formats.xlsform.export_parts import Choice, Part, Said, Sheet, choices_of, limits_of
from surveys.language.expressions import Literal
from surveys.questionnaire import NO_OPINION, PRIORITY_LEVELS, STANCES, Option, Question

_STANCE_WORDS = {
    "en": "Agree|Disagree|Pass", "fr": "D’accord|Pas d’accord|Passer",
    "de": "Stimme zu|Stimme nicht zu|Überspringen", "es": "De acuerdo|En desacuerdo|Pasar",
    "it": "D’accordo|Non d’accordo|Passo", "nl": "Eens|Oneens|Overslaan",
    "pt": "Concordo|Discordo|Passar", "pl": "Zgadzam się|Nie zgadzam się|Pomijam",
    "sv": "Instämmer|Instämmer inte|Hoppa över", "da": "Enig|Uenig|Spring over",
}  # fmt: skip
_PRIORITY_WORDS = {"en": "not needed|essential|no opinion",
                   "fr": "inutile|essentiel|sans avis",
                   "de": "nicht nötig|unerlässlich|keine Meinung"}  # fmt: skip


def write_matrix(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet(grouped=True)
    if question.cell in ("single", "multiple"):
        kind = "select_one" if question.cell == "single" else "select_multiple"
        sheet.appearance = "table-list"
        sheet.choices[question.code] = choices_of(question)
        for index, choice in enumerate(sheet.choices[question.code]):
            if choice.show_if is not None:
                choice.show_if = None
                sheet.lost.append((f"options[{index}].show_if", "All columns are always offered."))
        sheet.parts = [
            Part(f"{kind} {question.code}", f"{question.code}.{row.code}", row.label,
                 required=question.required, show_if=row.show_if, path=f"rows[{index}].show_if")
            for index, row in enumerate(question.rows)
        ]  # fmt: skip
        return sheet
    kind = "text" if question.cell == "text" else "integer" if question.whole else "decimal"
    limits = limits_of(question)
    if question.max_length is not None:
        limits = [f"string-length(.) <= {question.max_length}"]
    for index, row in enumerate(question.rows):
        for column in question.options or (None,):
            place = f"{row.code}.{column.code}" if column is not None else row.code
            label = row.label if column is None else _cell_label(row.label, column)
            sheet.parts.append(
                Part(kind, f"{question.code}.{place}", label, constraint=list(limits),
                     required=question.required, show_if=row.show_if,
                     path=f"rows[{index}].show_if")
            )  # fmt: skip
    for index, option in enumerate(question.options):
        if option.show_if is not None:
            sheet.lost.append((f"options[{index}].show_if", "All columns are always offered."))
    sheet.lost.append(("type", "Each cell is a question of its own."))
    return sheet


def _cell_label(row: LocalizedText, column: Option) -> LocalizedText:
    return LocalizedText(
        {code: f"{text} – {column.label.in_language(code)}" for code, text in row.items()},
        row.fallback,
    )


def _judged(question: Question, list_name: str, choices: list[Choice], sheet: Sheet) -> None:
    sheet.choices[list_name] = choices
    sheet.appearance = "table-list"
    sheet.parts = [
        Part(f"select_one {list_name}", f"{question.code}.{option.code}", option.label,
             show_if=option.show_if, path=f"options[{index}].show_if")
        for index, option in enumerate(question.options)
    ]  # fmt: skip


def write_statements(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet(grouped=True)
    words = {code: _STANCE_WORDS[code.split("-")[0]].split("|") for code in languages
             if code.split("-")[0] in _STANCE_WORDS}  # fmt: skip
    words.setdefault(languages[0], _STANCE_WORDS["en"].split("|"))
    _judged(question, question.code, [
        Choice(stance, LocalizedText({code: said[index] for code, said in words.items()},
                                     languages[0]))
        for index, stance in enumerate(STANCES)
    ], sheet)  # fmt: skip
    if not question.options:
        sheet.appearance = ""
        sheet.choices.clear()
        sheet.parts = [Part("text", "", question.title, appearance="multiline")]
    sheet.lost.append(("type", "Each statement is a choice, in the same order for everybody."))
    if question.allow_own:
        sheet.lost.append(("allow_own", "Nobody sees the statements of others."))
    return sheet


def write_priorities(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet(grouped=True)
    words = {code: _PRIORITY_WORDS[code].split("|") for code in languages
             if code in _PRIORITY_WORDS}  # fmt: skip
    words.setdefault(languages[0], _PRIORITY_WORDS["en"].split("|"))

    def worded(index: int, before: str) -> LocalizedText:
        return LocalizedText(
            {code: f"{before}{said[index]}" for code, said in words.items()}, languages[0]
        )

    ends: dict[int, Said] = {1: worded(0, "1: "), 5: worded(1, "5: ")}
    levels = [Choice(str(level), ends.get(level, str(level))) for level in PRIORITY_LEVELS]
    _judged(question, question.code, [*levels, Choice(NO_OPINION, worded(2, ""))], sheet)
    sheet.lost.append(("type", "Each milestone is a choice of its own."))
    return sheet


def write_points(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet(grouped=True)
    sheet.parts = [
        Part("integer", f"{question.code}.{option.code}", option.label, constraint=[". >= 0"],
             show_if=option.show_if, path=f"options[{index}].show_if")
        for index, option in enumerate(question.options)
    ]  # fmt: skip
    # Whoever fills in the last of them is told when the points do not add up.
    total = Literal(question.total or 100)
    others = [f"coalesce(${{{question.code}.{o.code}}}, 0)" for o in question.options[:-1]]
    sheet.parts[-1].constraint.append(f"{' + '.join([*others, '.'])} = {total}")
    sheet.parts[-1].message = rule_message("sum_exactly", str(total), languages)
    sheet.lost.append(("type", "Each option is a whole number; the last one checks the sum."))
    return sheet


def write_years(question: Question, languages: list[str]) -> Sheet:
    limits = limits_of(question) or [". >= 1000", ". <= 9999"]
    sheet = Sheet(grouped=True)
    sheet.parts = [
        Part("integer", f"{question.code}.{option.code}", option.label, constraint=list(limits),
             show_if=option.show_if, path=f"options[{index}].show_if")
        for index, option in enumerate(question.options)
    ]  # fmt: skip
    sheet.lost.append(("type", "Only the likely year is asked for, not a span, and not “never”."))
    return sheet


def write_comments(question: Question, languages: list[str]) -> Sheet:
    sheet = Sheet(grouped=True)
    sheet.parts = [
        Part("text", f"{question.code}.{option.code}", option.label, appearance="multiline",
             show_if=option.show_if, path=f"options[{index}].show_if")
        for index, option in enumerate(question.options)
    ]  # fmt: skip
    sheet.lost.append(("type", "Only a text is asked for, not a stance."))
    return sheet
