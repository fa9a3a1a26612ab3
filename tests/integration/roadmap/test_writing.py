"""Chapters and paragraphs: versions, merges, languages, removing and coming back, imports."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.errors import InvalidInput
from core.text import LocalizedText
from roadmap import errors
from roadmap.draft import DraftChapter, DraftParagraph
from roadmap.models import Area, Chapter, Decision, Milestone, Paragraph, ParagraphVersion, Roadmap
from roadmap.writing.chapters import (
    add_chapter,
    change_chapter,
    chapters_document,
    list_chapters,
    move_chapter,
    read_chapters,
    remove_chapter,
    replace_chapters,
    restore_chapter,
)
from roadmap.writing.paragraphs import (
    add_paragraph,
    change_paragraph,
    check_translation,
    get_paragraph,
    language_standings,
    list_versions,
    move_paragraph,
    remove_paragraph,
    restore_paragraph,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BY: dict[str, Any] = {"actor": OPERATOR, "now": NOW}
TEXT = "Networks save energy. They cover all regions by 2030."


@pytest.fixture
def roadmap(session: Session) -> Roadmap:
    roadmap = Roadmap(
        slug="written", title=LocalizedText.of("Written"), start=date(2027, 1, 1), revision=1,
        created_at=NOW,
    )  # fmt: skip
    area = Area(code="NET", title=LocalizedText.of("Networks"), position=0)
    roadmap.areas = [area]
    roadmap.milestones = [
        Milestone(
            area=area, code="M1", title=LocalizedText.of("One"), agenda="SRIA", position=0,
            description=LocalizedText.of("First."), duration_days=10,
        )
    ]  # fmt: skip
    session.add(roadmap)
    session.flush()
    return roadmap


@pytest.fixture
def write(session: Session, roadmap: Roadmap) -> Callable[..., Any]:
    """``write("en", text, seen=1)`` changes the only paragraph, V-1."""
    add_chapter(session, roadmap=roadmap, code="V", title={"en": "Vision"}, area="NET", **BY)
    add_paragraph(session, roadmap=roadmap, chapter="V", text={"en": TEXT}, **BY)

    def write(language: str, text: str, seen: int, **more: Any) -> Any:
        return change_paragraph(
            session, roadmap=roadmap, code="V-1", language=language, text=text, seen=seen, **more,
            **BY,
        )  # fmt: skip

    return write


def codes(session: Session, roadmap: Roadmap) -> dict[str, list[str]]:
    return {
        chapter.code: [each.code for each in paragraphs]
        for chapter, paragraphs in list_chapters(session, roadmap=roadmap)
    }


class TestSaving:
    def test_every_text_that_stood_is_kept(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        revision = session.scalar(select(Roadmap.revision))
        write("en", "Networks save energy.", 1, reason="Shorter")
        paragraph = get_paragraph(session, roadmap=roadmap, code="V-1")
        assert paragraph.version == 2
        versions = list_versions(session, paragraph=paragraph)
        assert [(v.number, v.change, v.text["en"], v.reason) for v in versions] == [
            (1, "written", TEXT, ""),
            (2, "written", "Networks save energy.", "Shorter"),
        ]
        session.expire(roadmap)
        assert roadmap.revision == revision + 1
        decision = session.scalars(select(Decision)).one()
        assert (decision.subject, decision.change, decision.reason) == (
            "V-1", "paragraph written", "Shorter",
        )  # fmt: skip

    def test_saving_what_stands_already_makes_no_version(self, write: Callable[..., Any]) -> None:
        assert not write("en", f"  {TEXT}\r\n", 1).changed

    def test_two_who_change_different_sentences_are_joined(self, write: Callable[..., Any]) -> None:
        write("en", TEXT.replace("2030", "2031"), 1)
        saved = write("en", TEXT.replace("save energy", "save half of it"), 1)
        assert saved.merged
        assert (
            saved.paragraph.text["en"]
            == "Networks save half of it. They cover all regions by 2031."
        )
        assert saved.paragraph.version == 3

    def test_two_who_change_one_sentence_are_told_and_nothing_is_saved(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        write("en", TEXT.replace("2030", "2031"), 1)
        with pytest.raises(errors.WordingConflict) as refused:
            write("en", TEXT.replace("2030", "2035"), 1)
        (conflict,) = refused.value.merge.conflicts
        assert ("2030" in conflict.base, "2035" in conflict.ours, "2031" in conflict.theirs) == (
            True, True, True,
        )  # fmt: skip
        assert refused.value.current == 2
        assert get_paragraph(session, roadmap=roadmap, code="V-1").version == 2

    def test_two_languages_never_meet(self, write: Callable[..., Any]) -> None:
        write("fr", "Les réseaux.", 1)
        saved = write("en", "Networks.", 1)
        assert saved.paragraph.text == LocalizedText({"en": "Networks.", "fr": "Les réseaux."})

    def test_who_saves_an_old_text_unchanged_takes_nothing_back(
        self, write: Callable[..., Any]
    ) -> None:
        write("en", "Networks.", 1)
        assert write("en", TEXT, 1).paragraph.text["en"] == "Networks."

    def test_too_long_or_in_no_language_of_the_union_is_refused(
        self, write: Callable[..., Any]
    ) -> None:
        with pytest.raises(InvalidInput, match="20,000"):
            write("en", "a" * 20_001, 1)
        with pytest.raises(errors.InvalidDraft, match="official EU language"):
            write("tlh", "a", 1)
        with pytest.raises(errors.InvalidDraft, match="at least one language"):
            write("en", " ", 1)

    def test_a_version_that_never_was_is_refused(self, write: Callable[..., Any]) -> None:
        with pytest.raises(errors.VersionNotFound):
            write("en", "x", 7)


class TestLanguages:
    def test_a_language_lags_until_it_catches_up_or_is_checked(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        def outdated() -> list[str]:
            found = language_standings(session, roadmap=roadmap)["V-1"]
            return sorted(language for language, each in found.items() if each.outdated)

        write("fr", "Les réseaux.", 1)
        write("de", "Die Netze.", 2)
        assert outdated() == []
        write("en", "Networks.", 3)
        assert outdated() == ["de", "fr"]
        write("fr", "Réseaux.", 4)
        assert outdated() == ["de"]
        check_translation(session, roadmap=roadmap, code="V-1", language="de", seen=5, **BY)
        assert outdated() == []
        write("en", "Networks!", 6, small=True)
        assert outdated() == []
        write("fr", "Les réseaux économes.", 7)
        assert outdated() == ["de", "en"]
        found = language_standings(session, roadmap=roadmap)["V-1"]
        assert {language: each.version for language, each in found.items()} == {
            "en": 7, "fr": 8, "de": 3,
        }  # fmt: skip


class TestRemoving:
    def test_a_removed_paragraph_comes_back_with_its_history(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        write("en", "Second.", 1)
        remove_paragraph(session, roadmap=roadmap, code="V-1", seen=2, reason="Twice", **BY)
        assert codes(session, roadmap) == {"V": []}
        with pytest.raises(errors.ParagraphRemoved):
            write("en", "Third.", 2)
        restore_paragraph(session, roadmap=roadmap, code="V-1", **BY)
        assert codes(session, roadmap) == {"V": ["V-1"]}
        restored = restore_paragraph(session, roadmap=roadmap, code="V-1", number=1, seen=4, **BY)
        assert restored.text["en"] == TEXT
        kinds = [each.change for each in list_versions(session, paragraph=restored)]
        assert kinds == ["written", "written", "removed", "restored", "restored"]

    def test_who_has_not_seen_the_newest_removes_and_restores_nothing(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        write("en", "Second.", 1)
        with pytest.raises(errors.WordingChanged):
            remove_paragraph(session, roadmap=roadmap, code="V-1", seen=1, **BY)
        with pytest.raises(errors.WordingChanged):
            restore_paragraph(session, roadmap=roadmap, code="V-1", number=1, seen=1, **BY)

    def test_a_removed_chapter_comes_back_with_its_paragraphs(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        remove_chapter(session, roadmap=roadmap, code="V", **BY)
        assert codes(session, roadmap) == {}
        assert read_chapters(roadmap) == ()
        with pytest.raises(errors.ParagraphRemoved):
            write("en", "x", 1)
        restore_chapter(session, roadmap=roadmap, code="V", **BY)
        assert codes(session, roadmap) == {"V": ["V-1"]}


class TestOrder:
    def test_moving_within_and_between_chapters(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        add_chapter(session, roadmap=roadmap, code="G", title={"en": "Goals"}, **BY)
        for text in ("b", "c"):
            add_paragraph(session, roadmap=roadmap, chapter="V", text={"en": text}, **BY)
        add_paragraph(
            session, roadmap=roadmap, chapter="V", text={"en": "d"}, code="first", position=1, **BY
        )
        assert codes(session, roadmap) == {"V": ["first", "V-1", "V-2", "V-3"], "G": []}
        move_paragraph(session, roadmap=roadmap, code="V-3", position=2, **BY)
        move_paragraph(session, roadmap=roadmap, code="V-1", chapter="G", position=9, **BY)
        move_chapter(session, roadmap=roadmap, code="G", position=1, **BY)
        found = codes(session, roadmap)
        assert list(found) == ["G", "V"]
        assert found == {"G": ["V-1"], "V": ["first", "V-3", "V-2"]}

    def test_codes_are_options_of_questions_and_belong_to_one_thing(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        for code in ("V-1", "M1", "a b", "é", "..", "A>B", "x" * 65):
            with pytest.raises(errors.InvalidDraft, match="code"):
                add_paragraph(
                    session, roadmap=roadmap, chapter="V", text={"en": "x"}, code=code, **BY
                )

    def test_a_title_is_joined_by_language_or_refused(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        def change(title: dict[str, str]) -> Chapter:
            return change_chapter(
                session, roadmap=roadmap, code="V", title=title, seen={"en": "Vision"}, **BY
            )

        change({"en": "Vision", "fr": "Vision d'avenir"})
        assert change({"en": "Our vision"}).title == LocalizedText(
            {"en": "Our vision", "fr": "Vision d'avenir"}
        )
        with pytest.raises(errors.InvalidDraft, match="Our vision"):
            change({"en": "Their vision"})


class TestImporting:
    CHAPTERS = (
        DraftChapter(
            "V", LocalizedText.of("Vision"), "NET",
            (DraftParagraph("V-2", LocalizedText({"en": "New.", "fr": "Nouveau."})),
             DraftParagraph("V-1", LocalizedText.of("Changed."))),
        ),
        DraftChapter("G", LocalizedText.of("Goals")),
    )  # fmt: skip

    def test_what_was_imported_is_read_back(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        for _again in range(2):
            replace_chapters(session, roadmap=roadmap, chapters=self.CHAPTERS, **BY)
            assert read_chapters(roadmap) == self.CHAPTERS
        versions = list_versions(
            session, paragraph=get_paragraph(session, roadmap=roadmap, code="V-1")
        )
        assert [each.change for each in versions] == ["written", "imported"]
        document = chapters_document(session, roadmap=roadmap)
        assert document[0]["paragraphs"][1] == {
            "code": "V-1", "text": {"en": "Changed."}, "version": 2,
        }  # fmt: skip
        assert (document[0]["area"], document[1]["area"]) == ("NET", "")

    def test_what_is_not_named_is_removed_and_comes_back(
        self, session: Session, roadmap: Roadmap, write: Callable[..., Any]
    ) -> None:
        replace_chapters(session, roadmap=roadmap, chapters=(), **BY)
        assert read_chapters(roadmap) == ()
        replace_chapters(session, roadmap=roadmap, chapters=self.CHAPTERS, **BY)
        assert read_chapters(roadmap) == self.CHAPTERS

    @pytest.mark.parametrize(
        ("chapter", "words"),
        [
            (DraftChapter("X", LocalizedText({})), "chapter X: expected a title"),
            (DraftChapter("X", LocalizedText.of("x"), "NOWHERE"), "no area 'NOWHERE'"),
            (
                DraftChapter(
                    "X", LocalizedText.of("x"), "", (DraftParagraph("M1", LocalizedText.of("x")),)
                ),
                "paragraph M1: a milestone",
            ),
            (
                DraftChapter("X", LocalizedText.of("x"), "",
                             (DraftParagraph("P", LocalizedText.of("x")),) * 2),
                "paragraph P: ",
            ),
        ],
    )  # fmt: skip
    def test_a_fault_is_named_and_nothing_is_written(
        self, session: Session, roadmap: Roadmap, chapter: DraftChapter, words: str
    ) -> None:
        with pytest.raises(errors.InvalidDraft, match=words):
            replace_chapters(session, roadmap=roadmap, chapters=(*self.CHAPTERS, chapter), **BY)
        for table in (Chapter, Paragraph, ParagraphVersion):
            assert session.scalar(select(func.count()).select_from(table)) == 0
