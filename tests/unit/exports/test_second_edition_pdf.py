"""What the document of an edition of the second schema says, and that the first says no less."""

from functools import cache

from exports import pdf
from tests.editions import small_edition_document
from tests.pdf_reading import open_pdf
from tests.second_edition import edition_pair


@cache
def words(version: str, language: str = "en") -> str:
    first, second = edition_pair()
    document = {"1.0": first, "1.1": second}[version]
    reader = open_pdf(pdf.render(document, language=language))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_it_says_what_is_written_measured_paid_likely_and_proposed() -> None:
    text = words("1.1")
    for said in (
        "We connect everyone.", "Paragraph V-1", "25,500,000.50", "industry bring 5.00",
        "they bring 3.64", "Latency", "80 / 100 / 150", "Dates that cannot be kept",
        "promised to finish by 1 August 2026 15 August 2026 14 days", "More time for A accepted",
        "A moon base rejected Outside of the scope. – hidden", "scale_mean/1",
        "2 people who may approve, exactly this text",
    ):  # fmt: skip
        assert said in text, said


def test_changes_name_their_input_and_those_without_any_are_listed_apart() -> None:
    text = words("1.1")
    assert "Proposal 4: More time for A (n = 12)" in text
    without = text.rpartition("Changes without evidence")[2]
    assert without.index("E Removed") > 0


def test_an_edition_nobody_approved_says_so_in_both_languages() -> None:
    assert "published by the operator without two approvals" in words("1.0")
    assert "publiée par l’exploitant sans deux approbations" in words("1.0", "fr")


def test_the_first_schema_gets_no_chapters_that_it_knows_nothing_of() -> None:
    reader = open_pdf(pdf.render(small_edition_document()))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "Approved by" not in text
    assert "How likely the dates are" not in text
