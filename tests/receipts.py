"""A receipt's document, small and of every kind of line, for tests of its PDF."""

from datetime import date
from typing import Any

from exports.receipt import Answered, Facts, Part, ReceiptDocument, Words


def receipt_document(**changes: Any) -> ReceiptDocument:
    values: dict[str, Any] = {
        "title": "Receipt ABCD-EFGH-JKMN",
        "subject": "Receipt of a response to a consultation",
        "language": "en",
        "day": date(2026, 11, 22),
        "lead": "Your response was received.",
        "consultation": Words("Réseaux de demain", "fr"),
        "summary": Facts("Your response", "Facts", ("What", "Value"), [("Reference", "ABCD")]),
        "parts": [
            Part(
                Words("Vos avis", "fr"),
                [
                    Answered(Words("Is it urgent?"), ["Yes", "Because it takes ten years."]),
                    Answered(Words("Pourquoi ?", "fr"), []),
                ],
            )
        ],
        "no_answer": "No answer",
        "proof": Facts("Proof", "What proves it", ("What", "Value"), [("Leaf", "ab" * 32)]),
        "check": "How to check this",
        "steps": ["First this.", "Then that."],
        "page_of": "Page {page} of {pages}",
    }
    return ReceiptDocument(**values | changes)
