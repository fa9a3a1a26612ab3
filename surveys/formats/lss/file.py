"""A LimeSurvey structure export (``.lss``) as rows, whatever version wrote it.

LimeSurvey 4 and later keep the texts in tables of their own (``question_l10ns``); earlier ones
repeat each row per language. Here both become rows with ``texts`` by language. What the rows mean
is ``reading``. The XML is read with defusedxml: entities, external ones above all, and
document type definitions are refused.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from surveys.errors import UnreadableFile

MAX_BYTES = 30 * 1024 * 1024

Fields = dict[str, str]
Texts = dict[str, dict[str, str]]
"""By field (``question``, ``help``, …), then by language."""


@dataclass(slots=True)
class Answer:
    """A prepared answer to choose, on one of the question's scales (0 or 1)."""

    code: str
    scale: str
    texts: Texts


@dataclass(slots=True)
class SubQuestion:
    """A line (scale 0) or, in a two-way array, a column (scale 1)."""

    qid: str
    code: str
    scale: str
    relevance: str
    texts: Texts


@dataclass(slots=True)
class LimeQuestion:
    qid: str
    code: str
    type: str
    fields: Fields
    texts: Texts
    subquestions: list[SubQuestion] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    # By name, then by language ("" where the attribute has none).
    attributes: dict[str, dict[str, str]] = field(default_factory=dict)
    # Rows of the old table, each with "ticks" set where it is about a multiple choice.
    conditions: list[Fields] = field(default_factory=list)
    defaults: list[Fields] = field(default_factory=list)

    def attribute(self, name: str) -> str:
        """The value where there is one for all languages, or the first one."""
        values = self.attributes.get(name, {})
        return values.get("") or next(iter(values.values()), "")


@dataclass(slots=True)
class Group:
    gid: str
    fields: Fields
    texts: Texts
    questions: list[LimeQuestion] = field(default_factory=list)


@dataclass(slots=True)
class LimeSurvey:
    sid: str
    languages: list[str]
    settings: Fields
    texts: Texts
    groups: list[Group]
    # Tables that are not about the questionnaire itself, with their rows.
    other_tables: dict[str, list[Fields]]
    # Rows about questions that the file does not hold, with the name of their table.
    strays: list[tuple[str, Fields]]
    # Codes of ours that LimeSurvey could not take, by what they are of ("question 20"): our own
    # exports say them, see ``surveys.formats.lss.export_names``.
    own_codes: dict[str, str]


_READ = frozenset(
    {
        "answers", "answer_l10ns", "conditions", "defaultvalues", "defaultvalue_l10ns", "groups",
        "group_l10ns", "questions", "subquestions", "question_l10ns", "question_attributes",
        "surveys", "surveys_languagesettings", "languages", "waymark_codes",
    }
)  # fmt: skip


def read_file(data: bytes) -> LimeSurvey:
    """The survey in ``data``; raises ``UnreadableFile`` for anything else."""
    tables = _tables(_root(data))
    settings = next(iter(tables["surveys"]), None)
    if settings is None:
        raise UnreadableFile(reason="The export holds no survey (its table “surveys” is empty).")
    language_rows = tables["surveys_languagesettings"]
    languages = _languages(settings, language_rows, tables["languages"])
    strays: list[tuple[str, Fields]] = []
    groups = _groups(tables, languages[0], strays)
    if not groups:
        raise UnreadableFile(reason="The export holds no question group.")
    return LimeSurvey(
        sid=settings.get("sid", ""),
        languages=languages,
        settings=settings,
        texts=_gather(language_rows, "surveyls_language", languages[0]),
        groups=groups,
        other_tables={name: rows for name, rows in tables.items() if name not in _READ and rows},
        strays=strays,
        own_codes={row.get("of", ""): row.get("code", "") for row in tables["waymark_codes"]},
    )


def _root(data: bytes) -> Element:
    if len(data) > MAX_BYTES:
        raise UnreadableFile(reason=f"The file is larger than {MAX_BYTES // 1024**2} MB.")
    try:
        root: Element = fromstring(data.lstrip(), forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableFile(
            reason="The file declares a document type or entities; a LimeSurvey export has none."
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        # LookupError: an encoding that does not exist.
        raise UnreadableFile(
            reason=f"The file is not well-formed XML, or was cut short: {error}."
        ) from None
    kind = root.findtext("LimeSurveyDocType")
    if root.tag != "document" or kind is None:
        raise UnreadableFile(reason="The file is XML, but not a LimeSurvey export.")
    if kind.strip() != "Survey":
        raise UnreadableFile(
            reason=f"The file is a LimeSurvey export of a {kind.strip().lower()[:40]}, "
            "not of a whole survey (.lss)."
        )
    return root


def _tables(root: Element) -> defaultdict[str, list[Fields]]:
    tables: defaultdict[str, list[Fields]] = defaultdict(list)
    for table in root:
        if table.tag == "languages":
            tables["languages"] = [{"language": (e.text or "").strip()} for e in table]
            continue
        rows = table.findall("rows/row") or table.findall("row")
        for row in rows:
            tables[table.tag].append({cell.tag: cell.text or "" for cell in row})
        if not rows and len(table) and table.find("rows") is None and table.find("fields") is None:
            # Not a table of rows (theme options): kept as one row so that it can be reported.
            fields = {cell.tag: "".join(cell.itertext()).strip() for cell in table}
            if any(fields.values()):
                tables[table.tag].append(fields)
    return tables


def _languages(settings: Fields, rows: list[Fields], listed: list[Fields]) -> list[str]:
    """The base language first, then the additional ones."""
    named = [settings.get("language", ""), *settings.get("additional_languages", "").split()]
    named += [row["language"] for row in listed]
    languages = list(dict.fromkeys(code.strip() for code in named if code.strip()))
    if not languages:
        languages = [code for row in rows if (code := row.get("surveyls_language", "").strip())]
    if not languages:
        raise UnreadableFile(reason="The export does not say in which language the survey is.")
    return languages


_KEYS = {
    "id", "qid", "gid", "aid", "dvid", "sid", "parent_qid", "language", "surveyls_language",
    "surveyls_survey_id",
}  # fmt: skip


def _gather(rows: Iterable[Fields], key: str, base: str) -> Texts:
    texts: Texts = {}
    for row in rows:
        language = row.get(key, "").strip() or base
        for name, value in row.items():
            if name not in _KEYS and value:
                texts.setdefault(name, {})[language] = value
    return texts


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _by(rows: Iterable[Fields], *keys: str) -> dict[str, list[Fields]]:
    found: dict[str, list[Fields]] = defaultdict(list)
    for row in rows:
        found["\x1f".join(row.get(key, "") for key in keys)].append(row)
    return found


_TEXT_FIELDS = ("question", "help", "script", "group_name", "description", "answer")


def _texts(repeated: list[Fields], apart: list[Fields], base: str) -> Texts:
    """Texts of one thing: from its rows, one a language, or from its rows in a table apart."""
    wanted = [
        {name: value for name, value in row.items() if name in (*_TEXT_FIELDS, "language")}
        for row in [*repeated, *apart]
    ]
    return _gather(wanted, "language", base)


def _groups(
    tables: dict[str, list[Fields]], base: str, strays: list[tuple[str, Fields]]
) -> list[Group]:
    group_texts = _by(tables["group_l10ns"], "gid")
    groups = {
        gid: Group(gid, rows[0], _texts(rows, group_texts.get(gid, []), base))
        for gid, rows in _by(tables["groups"], "gid").items()
    }
    for question in _questions(tables, base, strays):
        gid = question.fields.get("gid", "")
        if gid not in groups:
            # Nobody is asked it in LimeSurvey either: it is reported, and the rest is read.
            strays.append(("questions", question.fields))
            continue
        groups[gid].questions.append(question)
    for group in groups.values():
        group.questions.sort(key=lambda question: _number(question.fields.get("question_order")))
    return sorted(groups.values(), key=lambda group: _number(group.fields.get("group_order")))


def _questions(
    tables: dict[str, list[Fields]], base: str, strays: list[tuple[str, Fields]]
) -> list[LimeQuestion]:
    texts = _by(tables["question_l10ns"], "qid")
    # Old exports list sub-questions among the questions, told apart by their parent.
    rows = [*tables["questions"], *tables["subquestions"]]
    top = [row for row in rows if row.get("parent_qid", "0") in ("", "0")]
    below = [row for row in rows if row.get("parent_qid", "0") not in ("", "0")]
    questions = {
        qid: LimeQuestion(
            qid=qid,
            code=repeated[0].get("title", "").strip(),
            type=repeated[0].get("type", "").strip(),
            fields=repeated[0],
            texts=_texts(repeated, texts.get(qid, []), base),
        )
        for qid, repeated in _by(top, "qid").items()
    }
    for qid, repeated in sorted(
        _by(below, "qid").items(), key=lambda entry: _number(entry[1][0].get("question_order"))
    ):
        row = repeated[0]
        parent = questions.get(row["parent_qid"])
        if parent is None:
            strays.append(("subquestions", row))
        else:
            parent.subquestions.append(
                SubQuestion(
                    qid=qid,
                    code=row.get("title", "").strip(),
                    scale=row.get("scale_id", "").strip() or "0",
                    relevance=row.get("relevance", "").strip(),
                    texts=_texts(repeated, texts.get(qid, []), base),
                )
            )
    _add_answers(questions, tables, base, strays)

    def rows_with_owner(table: str) -> Iterator[tuple[Fields, LimeQuestion]]:
        for row in tables[table]:
            owner = questions.get(row.get("qid", ""))
            if owner is None:
                strays.append((table, row))
            else:
                yield row, owner

    for row, owner in rows_with_owner("question_attributes"):
        if row.get("value", "").strip():
            values = owner.attributes.setdefault(row.get("attribute", ""), {})
            values[row.get("language", "").strip()] = row["value"].strip()
    for row, owner in rows_with_owner("conditions"):
        about = questions.get(row.get("cqid", ""))
        ticks = "1" if about is not None and about.type in ("M", "P") else ""
        owner.conditions.append(row | {"ticks": ticks})
    default_texts = _by(tables["defaultvalue_l10ns"], "dvid")
    for row, owner in rows_with_owner("defaultvalues"):
        owner.defaults.append(default_texts.get(row.get("dvid", ""), [{}])[0] | row)
    return list(questions.values())


def _add_answers(
    questions: dict[str, LimeQuestion],
    tables: dict[str, list[Fields]],
    base: str,
    strays: list[tuple[str, Fields]],
) -> None:
    texts = _by(tables["answer_l10ns"], "aid")
    for repeated in sorted(
        _by(tables["answers"], "qid", "code", "scale_id").values(),
        key=lambda rows: _number(rows[0].get("sortorder")),
    ):
        row = repeated[0]
        owner = questions.get(row.get("qid", ""))
        if owner is None:
            strays.append(("answers", row))
        else:
            owner.answers.append(
                Answer(
                    code=row.get("code", "").strip(),
                    scale=row.get("scale_id", "").strip() or "0",
                    texts=_texts(repeated, texts.get(row.get("aid", ""), []), base),
                )
            )
