"""A questionnaire as LimeSurvey's ``.lss`` (6), with a list of what it cannot say.

What is written is read again at once: whatever does not come back as it was is in the list, so that
nothing is lost in silence.
"""

import re
from dataclasses import dataclass, field, replace

from core.errors import WaymarkError
from core.text import LocalizedText
from surveys.formats.exported import ExportedQuestionnaire
from surveys.formats.imported import Loss, LossKind
from surveys.formats.lss.export_differences import differences
from surveys.formats.lss.export_expressions import Sayer, Unsayable
from surveys.formats.lss.export_filters import array_filters
from surveys.formats.lss.export_names import Names
from surveys.formats.lss.export_questions import Part, Sheet, Texts, sheet_of
from surveys.formats.lss.export_rules import Rules
from surveys.formats.lss.export_texts import html_text
from surveys.formats.lss.export_xml import Row, write_tables
from surveys.formats.lss.reading import read_lss
from surveys.language.expressions import Expression, Literal
from surveys.questionnaire import Question, Questionnaire, Section

SURVEY_ID = "100000"
# How LimeSurvey draws each type: its own exports say it with every question.
_THEMES = {
    "!": "list_dropdown", "*": "equation", "5": "5pointchoice", ":": "arrays/multiflexi",
    ";": "arrays/texts", "A": "arrays/5point", "B": "arrays/10point", "D": "date",
    "F": "arrays/array", "K": "multiplenumeric", "L": "listradio", "M": "multiplechoice",
    "N": "numerical", "Q": "multipleshorttext", "R": "ranking", "S": "shortfreetext",
    "T": "longfreetext", "U": "hugefreetext", "X": "boilerplate", "|": "file_upload",
}  # fmt: skip


def write_lss(questionnaire: Questionnaire) -> ExportedQuestionnaire:
    """The questionnaire as a LimeSurvey structure export."""
    writer = _Writer(questionnaire)
    writer.run()
    data = write_tables(writer.tables, list(questionnaire.languages))
    document = questionnaire.as_document()
    try:
        again = read_lss(data).document
    except WaymarkError as refused:
        writer.lose("document", "attribute", "", f"It cannot be read again: {refused.message}")
    else:
        reported = {loss.path for loss in writer.lost}
        writer.lost += differences(document, again, reported)
    lost = [replace(loss, path=_named(loss.path, questionnaire)) for loss in writer.lost]
    return ExportedQuestionnaire(data, lost)


def _named(path: str, questionnaire: Questionnaire) -> str:
    """``sections[0].questions[2].rules[0]`` as ``question Q3/rules[0]``."""
    match = re.match(r"sections\[(\d+)\](?:\.questions\[(\d+)\])?\.?", path)
    if match is None:
        return path
    section = questionnaire.sections[int(match[1])]
    name = f"section {section.code}"
    if match[2] is not None:
        name = f"question {section.questions[int(match[2])].code}"
    return f"{name}/{path[match.end() :]}".rstrip("/")


@dataclass(slots=True)
class _Writer:
    questionnaire: Questionnaire
    tables: dict[str, list[Row]] = field(default_factory=dict)
    lost: list[Loss] = field(default_factory=list)
    names: Names = field(init=False)
    sayer: Sayer = field(init=False)
    last_id: int = 0

    def __post_init__(self) -> None:
        self.names = Names(self.questionnaire)
        self.sayer = Sayer(self.questionnaire, self.names)

    @property
    def languages(self) -> list[str]:
        return list(self.questionnaire.languages)

    def lose(self, path: str, kind: LossKind, what: str, why: str) -> None:
        self.lost.append(Loss(path, kind, what[:2000], why))

    def add(self, table: str, **row: str) -> None:
        self.tables.setdefault(table, []).append(row)

    def next_id(self) -> str:
        self.last_id += 1
        return str(self.last_id)

    def run(self) -> None:
        about = self.questionnaire
        base, *others = about.languages
        self.add(
            "surveys", sid=SURVEY_ID, gsid="1", admin="", anonymized="N",
            format="A" if about.layout == "one_page" else "G", savetimings="N",
            template="inherit", language=base, additional_languages=" ".join(others),
            datestamp="N", usecookie="N", allowregister="N", allowsave="Y", autonumber_start="0",
            autoredirect="N", allowprev="Y", printanswers="N", ipaddr="N", refurl="N",
            publicstatistics="N", publicgraphs="N", listpublic="N", htmlemail="Y",
            tokenanswerspersistence="N", assessments="N", usecaptcha="N", showwelcome="Y",
            showprogress="Y", questionindex="0", navigationdelay="0", nokeyboard="N",
            alloweditaftercompletion="N",
        )  # fmt: skip
        for language in about.languages:
            self.add(
                "surveys_languagesettings", surveyls_survey_id=SURVEY_ID,
                surveyls_language=language,
                surveyls_title=self.html(about.title, language, "title"),
                surveyls_description=self.html(about.description, language, "description"),
                surveyls_welcometext="", surveyls_endtext="", surveyls_dateformat="9",
                surveyls_numberformat="0",
            )  # fmt: skip
        for position, section in enumerate(about.sections):
            self.section(section, position)

    def section(self, section: Section, position: int) -> None:
        gid, path = str(position + 1), f"sections[{position}]"
        if section.code != f"g{gid}":
            self.add("waymark_codes", of=f"group {gid}", code=section.code)
        self.add(
            "groups", gid=gid, sid=SURVEY_ID, group_order=gid, randomization_group="",
            grelevance=self.relevance(section.show_if, f"{path}.show_if"),
        )  # fmt: skip
        for language in self.languages:
            self.add(
                "group_l10ns", id=self.next_id(), gid=gid, language=language,
                group_name=self.html(section.title, language, f"{path}.title"),
                description=self.html(section.text, language, f"{path}.text"),
            )  # fmt: skip
        for place, question in enumerate(section.questions):
            self.question(question, gid, place, f"{path}.questions[{place}]")

    def relevance(self, condition: Expression | None, path: str, otherwise: str = "") -> str:
        if condition is None:
            return otherwise
        try:
            return self.sayer.condition(condition)
        except Unsayable as why:
            self.lose(path, "condition", str(condition), f"It is always asked: {why}.")
            return otherwise

    def question(self, question: Question, gid: str, place: int, path: str) -> None:
        sheet = sheet_of(question, self.names)
        for name, why in sheet.lost:
            said = getattr(question, name)
            what = str(said.as_dict() if isinstance(said, LocalizedText) else said)
            self.lose(f"{path}.{name}", "question" if name == "type" else "attribute", what, why)
        qid, code = self.next_id(), self.names.questions[question.code]
        if code != question.code:
            self.add("waymark_codes", of=f"question {qid}", code=question.code)
        if question.other is not None:
            theirs = self.names.options[question.code, question.other.code]
            if theirs != question.other.code:
                self.add("waymark_codes", of=f"other {qid}", code=question.other.code)
        rules = Rules(
            question, self.sayer, self.languages,
            lambda name, what, why: self.lose(f"{path}.{name}", "condition", what, why),
        )  # fmt: skip
        rules.run()
        filtered = self.filters(question, sheet)
        self.add(
            "questions", qid=qid, parent_qid="0", sid=SURVEY_ID, gid=gid, type=sheet.type,
            title=code, preg=rules.preg or sheet.preg, other="Y" if sheet.other else "N",
            mandatory="Y" if question.required else "N", question_order=str(place + 1),
            scale_id="0", same_default="0",
            relevance=self.relevance(question.show_if, f"{path}.show_if", "1"), modulename="",
            encrypted="N", question_theme_name=_THEMES.get(sheet.type, ""), same_script="0",
        )  # fmt: skip
        self.texts(qid, question.title, question.help, path)
        self.parts(question, sheet, qid, gid, path, filtered=bool(filtered))
        equation = self.equation(question, path)
        attributes = sheet.attributes | filtered | rules.attributes | equation
        for name, value in attributes.items():
            self.attribute(qid, name, value, f"{path}.{name}")
        for language, tip in rules.tip().items():
            self.add(
                "question_attributes", qid=qid, attribute="em_validation_q_tip", language=language,
                value=self.text(tip, f"{path}.rules"),
            )  # fmt: skip

    def filters(self, question: Question, sheet: Sheet) -> dict[str, str | LocalizedText]:
        """Conditions of rows or options that are those of array filters."""
        members = [part for part in sheet.answers or sheet.subs if part.scale == "0"]
        if question.type == "matrix":
            members = [part for part in sheet.subs if part.scale == "0"]
        return dict(array_filters(self.questionnaire, self.names, members))

    def equation(self, question: Question, path: str) -> dict[str, str | LocalizedText]:
        if question.value is None:
            return {}
        try:
            return {"equation": "{" + self.sayer.say(question.value) + "}"}
        except Unsayable as why:
            self.lose(f"{path}.value", "condition", str(question.value), f"It has no value: {why}.")
            return {"equation": '{""}'}

    def parts(
        self, question: Question, sheet: Sheet, qid: str, gid: str, path: str, *, filtered: bool
    ) -> None:
        """Sub-questions and answers; only sub-questions can have conditions there."""
        for order, sub in enumerate(sheet.subs):
            where = (
                f"{path}.{'rows' if question.type == 'matrix' and sub.scale == '0' else 'options'}"
            )
            index = order if sub.scale == "0" else order - len(question.rows)
            sub_qid = self.next_id()
            if sub.code != sub.ours:
                self.add("waymark_codes", of=f"subquestion {sub_qid}", code=sub.ours)
            condition = None if filtered else _condition(sub)
            if condition is not None and sub.scale == "1":
                self.lose(
                    f"{where}[{index}].show_if", "condition", str(condition),
                    "A column is always there in LimeSurvey.",
                )  # fmt: skip
                condition = None
            self.add(
                "subquestions", qid=sub_qid, parent_qid=qid, sid=SURVEY_ID, gid=gid, type="T",
                title=sub.code, other="N", mandatory="N", question_order=str(order + 1),
                scale_id=sub.scale, same_default="0",
                relevance=self.relevance(condition, f"{where}[{index}].show_if", "1"),
            )  # fmt: skip
            self.texts(sub_qid, sub.texts, None, f"{where}[{index}]", "label")
        for order, answer in enumerate(sheet.answers):
            aid, where = self.next_id(), f"{path}.options[{order}]"
            if answer.code != answer.ours:
                self.add("waymark_codes", of=f"answer {qid} 0 {answer.code}", code=answer.ours)
            condition = None if filtered else _condition(answer)
            if condition is not None:
                self.lose(
                    f"{where}.show_if", "condition", str(condition),
                    "An answer is always there in LimeSurvey, unless another question filters it.",
                )  # fmt: skip
            self.add(
                "answers", aid=aid, qid=qid, code=answer.code, sortorder=str(order + 1),
                assessment_value="0", scale_id="0",
            )  # fmt: skip
            for language in self.languages:
                self.add(
                    "answer_l10ns", id=self.next_id(), aid=aid, language=language,
                    answer=self.html(answer.texts, language, f"{where}.label"),
                )  # fmt: skip

    # Texts and attributes.

    def texts(
        self,
        qid: str,
        title: Texts,
        help_text: LocalizedText | None,
        path: str,
        name: str = "title",
    ) -> None:
        for language in self.languages:
            self.add(
                "question_l10ns", id=self.next_id(), qid=qid, language=language,
                question=self.html(title, language, f"{path}.{name}"),
                help=self.html(help_text, language, f"{path}.help"), script="",
            )  # fmt: skip

    def attribute(self, qid: str, name: str, value: str | LocalizedText, path: str) -> None:
        if isinstance(value, str):
            self.add("question_attributes", qid=qid, attribute=name, value=value, language="")
            return
        for language in self.languages:
            if said := self.html(value, language, path):
                self.add(
                    "question_attributes", qid=qid, attribute=name, value=said, language=language
                )

    def html(self, texts: Texts | None, language: str, path: str) -> str:
        if texts is None:
            return ""
        if isinstance(texts, str):
            return html_text(texts, self.sayer, lambda what, why: None)
        return self.text(texts.as_dict().get(language, ""), f"{path}.{language}")

    def text(self, text: str, path: str) -> str:
        return html_text(text, self.sayer, lambda what, why: self.lose(path, "text", what, why))


def _condition(part: Part) -> Expression | None:
    condition = part.source.show_if if part.source is not None else None
    return None if condition == Literal(True) else condition
