"""The composer: edition texts and labels become paragraphs, cells, headings and tables.

What it does for every chapter: text from the edition is made printable, gets a language mark
where it is not in the document's language, and milestones link to their page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from exports.edition import Document, Edition, local_text
from exports.pdf.blocks import Heading
from exports.pdf.fonts import Face
from exports.pdf.inline import Run, one_line, printable
from exports.pdf.paragraph import Paragraph
from exports.pdf.style import (
    BODY,
    CAPTION,
    CELL,
    CELL_HEAD,
    CHAPTER,
    SECTION,
    SUBSECTION,
    TextStyle,
)
from exports.pdf.table import Row, Table
from exports.wording import Wording

_HEADING_STYLES = {2: CHAPTER, 3: SECTION, 4: SUBSECTION}

Text = str | Run | Sequence[Run]


class Composer:
    """One document being written: its edition, its words, its numbered chapters."""

    def __init__(self, edition: Edition, language: str) -> None:
        self.edition = edition
        self.words = Wording(language)
        self._data_language = language
        self._chapters = 0
        self._destinations = {
            milestone["code"]: f"milestone-{order}"
            for order, milestone in enumerate(edition.items("milestones"))
        }
        self._milestones = {one["code"]: one for one in edition.items("milestones")}
        self._consultations = {one["slug"]: one for one in edition.items("consultations")}

    @property
    def language(self) -> str:
        """The language of the labels, which is the document's."""
        return self.words.language

    def say(self, key: str, **values: object) -> str:
        """A label as printable text; values are data and made printable."""
        safe = {name: one_line(str(value)) for name, value in values.items()}
        return self.words.label(key, **safe)

    def run(
        self, texts: Mapping[str, str] | None, face: Face = "regular", *, empty: str = "–"
    ) -> Run:
        """A localised text of the edition, marked where it is in another language."""
        found = local_text(texts, self._data_language)
        language = "" if found.language == self.language else found.language
        return Run(printable(found.text) or empty, face, language if found.text else "")

    def title(
        self, texts: Mapping[str, str] | None, face: Face = "regular", *, empty: str = "–"
    ) -> Run:
        """The same on one line."""
        run = self.run(texts, face, empty=empty)
        return replace(run, text=run.text.replace("\n", " ").strip() or empty)

    def plain(self, text: object, face: Face = "regular") -> Run:
        """Text of the edition without a language: codes, names, labels."""
        return Run(one_line(str(text)), face)

    def english(self, text: object, face: Face = "regular") -> Run:
        """A sentence the platform itself wrote into the edition, which it does in English."""
        return Run(one_line(str(text)), face, "" if self.language == "en" else "en")

    def area_title(self, area: Document, face: Face = "regular") -> Run:
        """An area's title, or its code where it has none."""
        return self.title(area.get("title"), face, empty=one_line(str(area["code"])) or "–")

    def milestone_link(self, code: str, face: Face = "regular") -> Run:
        """A milestone's code, linked to its page when this edition has it."""
        return Run(one_line(code) or "–", face, target=self._destinations.get(code, ""))

    def milestone_title(self, code: str) -> Run:
        """The title of the milestone of that code, or a dash."""
        return self.title(self._milestones.get(code, {}).get("title"))

    def milestone_destination(self, code: str) -> str:
        return self._destinations[code]

    def consultation_title(self, slug: str) -> Run:
        """The title of the consultation, or its slug where this edition does not carry it."""
        found = self._consultations.get(slug, {})
        return self.title(found.get("title"), empty=one_line(slug) or "–")

    def question_title(self, evidence: Document, face: Face = "regular") -> Run:
        """What was asked, or the question's code where its title is missing."""
        code = one_line(str(evidence["question"])) or "–"
        return self.title(evidence.get("question_title"), face, empty=code)

    # Blocks

    def chapter(self, key: str) -> Heading:
        """A numbered chapter heading."""
        self._chapters += 1
        return Heading(
            f"{self._chapters}\N{NO-BREAK SPACE} {self.say(key)}",
            CHAPTER,
            level=2,
            destination=f"chapter-{self._chapters}",
        )

    def heading(self, level: int, text: Text, destination: str, *, listed: bool = True) -> Heading:
        """A section heading; ``destination`` is unique in the document."""
        style = _HEADING_STYLES[level]
        runs = [replace(run, face=style.face) for run in self._runs(text, style)]
        languages = {run.language for run in runs}
        language = languages.pop() if len(languages) == 1 else ""
        return Heading(
            runs, style, level=level, destination=destination, language=language, listed=listed
        )

    def paragraph(self, text: Text, style: TextStyle = BODY) -> Paragraph:
        """A paragraph; when all of it is in another language the whole is marked."""
        runs = self._runs(text, style)
        languages = {run.language for run in runs}
        language = languages.pop() if len(languages) == 1 else ""
        return Paragraph(runs, style, language=language)

    def cell(self, text: Text = "", *, number: bool = False, face: Face = "regular") -> Paragraph:
        """A table cell; numbers stand at the right."""
        return self.paragraph(text, replace(CELL, face=face, align="right" if number else "left"))

    def head(self, text: Text, *, number: bool = False) -> Paragraph:
        """A cell of a header row."""
        style = replace(CELL_HEAD, align="right" if number else "left")
        return self.paragraph(
            [replace(run, face=style.face) for run in self._runs(text, style)], style
        )

    def caption(self, text: Text) -> Paragraph:
        """What a table or figure shows."""
        runs = [replace(run, face=CAPTION.face) for run in self._runs(text, CAPTION)]
        languages = {run.language for run in runs}
        language = languages.pop() if len(languages) == 1 else ""
        return Paragraph(runs, CAPTION, type_="Caption", language=language)

    def facts(self, caption: Text, rows: Sequence[tuple[str, Text]]) -> Table:
        """A table of two columns: label key → value."""
        return Table(
            [self.head(self.say("fact")), self.head(self.say("value"))],
            [Row([self.cell(self.say(key), face="bold"), self.cell(value)]) for key, value in rows],
            [3, 7],
            caption=self.caption(caption),
        )

    def _runs(self, text: Text, style: TextStyle) -> list[Run]:
        if isinstance(text, str):
            return [Run(text, style.face)]
        return [text] if isinstance(text, Run) else list(text)
