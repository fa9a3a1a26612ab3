"""The receipt as PDF: whole, tagged, marked in its languages, whatever people wrote."""

from exports import receipt
from exports.receipt import Answered, Part, Words
from tests.pdf_reading import open_pdf, structure
from tests.receipts import receipt_document
from tests.unit.exports.test_pdf_hostile_text import HOSTILE


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in open_pdf(content).pages)


def test_everything_is_in_it_and_in_order() -> None:
    text = text_of(receipt.render(receipt_document()))
    places = [text.index(words) for words in (
        "Receipt ABCD", "Réseaux", "Is it urgent?", "Because it takes ten years.", "No answer",
        "ab" * 8, "First this.",
    )]  # fmt: skip
    assert places == sorted(places)


def test_it_is_tagged_and_says_which_text_is_in_another_language() -> None:
    tree = structure(open_pdf(receipt.render(receipt_document())))
    types = {node.type for node in tree.walk()}
    assert {"H1", "H2", "H3", "P", "Table", "L"} <= types
    assert {node.language for node in tree.walk()} >= {"fr"}


def test_the_same_document_gives_the_same_bytes() -> None:
    assert receipt.render(receipt_document()) == receipt.render(receipt_document())


def test_hostile_and_long_answers_are_drawn_whole() -> None:
    hostile = " ".join(HOSTILE.values())
    long = "words and words " * 4000
    document = receipt_document(
        consultation=Words(hostile),
        parts=[Part(Words(hostile), [Answered(Words(hostile), [hostile, long])])],
    )
    reader = open_pdf(receipt.render(document))
    assert len(reader.pages) > 10
    assert text_of(receipt.render(document)).count("words") == 8000
