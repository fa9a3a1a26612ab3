"""LimeSurvey structure exports for tests, in the shape of 2.05 and of 6."""

from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

Texts = str | dict[str, str]


@dataclass
class Q:
    """A question: ``subs`` and ``answers`` as {code: text} or {(code, scale): text}."""

    code: str
    type: str
    text: Texts = "Question"
    subs: dict[Any, Any] = field(default_factory=dict)
    answers: dict[Any, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    relevance: str = "1"
    sub_relevance: dict[str, str] = field(default_factory=dict)
    mandatory: str = "N"
    other: str = "N"
    help: Texts = ""
    preg: str = ""
    conditions: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class G:
    questions: list[Q]
    name: Texts = "Group"
    description: Texts = ""
    relevance: str = ""


def lss(
    *groups: G | Q,
    version: str = "6",
    languages: tuple[str, ...] = ("en",),
    title: Texts = "A survey",
    settings: dict[str, str] | None = None,
    texts: dict[str, Texts] | None = None,
    tables: dict[str, list[dict[str, str]]] | None = None,
) -> bytes:
    """The bytes of an export. Numbers: survey 77, groups 1…, questions 10, 20, … in order."""
    split = version >= "4"
    if groups and isinstance(groups[0], Q):
        groups = (G(list(groups)),)
    writer = _Writer(split, languages)
    writer.survey(title, settings or {}, texts or {})
    for number, group in enumerate(groups, start=1):
        writer.group(str(number), group)
    writer.tables |= tables or {}
    return writer.bytes(version)


class _Writer:
    def __init__(self, split: bool, languages: tuple[str, ...]) -> None:
        self.split = split
        self.languages = languages
        self.tables: dict[str, list[dict[str, str]]] = {}
        self.qid = 0
        self.next_id = 1000

    def add(self, table: str, **row: str) -> None:
        self.tables.setdefault(table, []).append(row)

    def in_languages(self, text: Texts) -> dict[str, str]:
        return dict.fromkeys(self.languages, text) if isinstance(text, str) else text

    def survey(self, title: Texts, settings: dict[str, str], texts: dict[str, Texts]) -> None:
        base, *others = self.languages
        row = {"sid": "77", "language": base, "additional_languages": " ".join(others)}
        self.add("surveys", **(row | settings))
        said = {"surveyls_title": title} | texts
        for language in self.languages:
            here = {name: self.in_languages(text).get(language, "") for name, text in said.items()}
            self.add("surveys_languagesettings", surveyls_language=language, **here)

    def with_texts(
        self, table: str, apart: str, key: str, row: dict[str, str], texts: dict[str, Texts]
    ) -> None:
        """Rows with texts: one a language, or one and its texts in a table apart."""
        if self.split:
            self.add(table, **row)
        for language in self.languages:
            here = {name: self.in_languages(text).get(language, "") for name, text in texts.items()}
            if self.split:
                self.add(apart, **({key: row[key], "language": language} | here))
            else:
                self.add(table, **(row | {"language": language} | here))

    def group(self, gid: str, group: G) -> None:
        row = {"gid": gid, "sid": "77", "group_order": gid, "grelevance": group.relevance}
        texts = {"group_name": group.name, "description": group.description}
        self.with_texts("groups", "group_l10ns", "gid", row, texts)
        for order, question in enumerate(group.questions):
            self.question(gid, order, question)

    def question(self, gid: str, order: int, question: Q) -> None:
        self.qid += 10
        qid = str(self.qid)
        row = {
            "qid": qid, "parent_qid": "0", "sid": "77", "gid": gid, "type": question.type,
            "title": question.code, "preg": question.preg, "other": question.other,
            "mandatory": question.mandatory, "question_order": str(order), "scale_id": "0",
            "relevance": question.relevance,
        } | question.fields  # fmt: skip
        texts = {"question": question.text, "help": question.help}
        self.with_texts("questions", "question_l10ns", "qid", row, texts)
        sub_ids = {}
        for position, (key, text) in enumerate(question.subs.items()):
            code, scale = key if isinstance(key, tuple) else (key, "0")
            self.next_id += 1
            sub_ids[code] = str(self.next_id)
            sub = {
                "qid": sub_ids[code], "parent_qid": qid, "sid": "77", "gid": gid,
                "type": "T", "title": code, "question_order": str(position),
                "scale_id": str(scale), "relevance": question.sub_relevance.get(code, ""),
            }  # fmt: skip
            self.with_texts("subquestions", "question_l10ns", "qid", sub, {"question": text})
        for position, (key, text) in enumerate(question.answers.items()):
            code, scale = key if isinstance(key, tuple) else (key, "0")
            self.next_id += 1
            answer = {"qid": qid, "code": code, "sortorder": str(position), "scale_id": str(scale)}
            if self.split:
                answer["aid"] = str(self.next_id)
            self.with_texts("answers", "answer_l10ns", "aid", answer, {"answer": text})
        for name, value in question.attributes.items():
            values = value if isinstance(value, dict) else {"": value}
            for language, said in values.items():
                self.add(
                    "question_attributes", qid=qid, attribute=name, value=said, language=language
                )
        for cqid, field_name, method, value, scenario in question.conditions:
            self.add(
                "conditions", qid=qid, cqid=cqid, cfieldname=field_name, method=method,
                value=value, scenario=scenario,
            )  # fmt: skip
        for code, value in question.defaults.items():
            self.add("defaultvalues", qid=qid, sqid=sub_ids.get(code, "0"), defaultvalue=value)

    def bytes(self, version: str) -> bytes:
        parts = [
            '<?xml version="1.0" encoding="UTF-8"?>\n<document>',
            "<LimeSurveyDocType>Survey</LimeSurveyDocType>",
            f"<DBVersion>{version}</DBVersion>",
            "<languages>",
            *(f"<language>{escape(language)}</language>" for language in self.languages),
            "</languages>",
        ]
        for name, rows in self.tables.items():
            fields = dict.fromkeys(name for row in rows for name in row)
            parts.append(f"<{name}><fields>")
            parts += [f"<fieldname>{field_name}</fieldname>" for field_name in fields]
            parts.append("</fields><rows>")
            for row in rows:
                cells = "".join(
                    f"<{cell}><![CDATA[{value}]]></{cell}>" if value else f"<{cell}/>"
                    for cell, value in row.items()
                )
                parts.append(f"<row>{cells}</row>")
            parts.append(f"</rows></{name}>")
        parts.append("</document>")
        return "\n".join(parts).encode()
