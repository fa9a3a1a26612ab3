"""What conditions in the builder's menus can be about: answers by name, with what they can be."""

from dataclasses import dataclass

from surveys.editing import Document, Part, questions_of

# The kind of value by type of question; types without one are only answered or not.
_KINDS = {
    "single_choice": "option", "multiple_choice": "options", "ranking": "options",
    "budget": "options", "number": "number", "rating": "number", "year": "number",
    "date": "text", "quarter": "text", "short_text": "text", "long_text": "text",
    "consent": "boolean", "calculation": "number",
}  # fmt: skip
_CELLS = {"single": "option", "multiple": "options", "number": "number", "text": "text"}


@dataclass(frozen=True, slots=True)
class Referable:
    """``name`` as in a condition; ``values``: (code, label) where it has options."""

    name: str
    label: str
    kind: str
    values: tuple[tuple[str, str], ...] = ()


def referable(document: Document) -> list[Referable]:
    """Every answer a condition can be about, in the order asked."""
    language = document["languages"][0]
    found = []
    for question in questions_of(document):
        if question["type"] == "information":
            continue
        title = f"{question['code']}: {_label(question, 'title', language)}"
        values = tuple(
            (option["code"], _label(option, "label", language))
            for option in question.get("options", ())
        )
        if other := question.get("other"):
            values += ((other.get("code", "other"), _label(other, "label", language)),)
        if question["type"] != "matrix":
            found.append(
                Referable(question["code"], title, _KINDS.get(question["type"], ""), values)
            )
            continue
        cell = question.get("cell", "single")
        for row in question.get("rows", ()):
            name, label = f"{question['code']}.{row['code']}", _label(row, "label", language)
            if cell in ("number", "text") and values:
                for code, column in values:
                    found.append(
                        Referable(f"{name}.{code}", f"{title} – {label} – {column}", _CELLS[cell])
                    )
            else:
                found.append(Referable(name, f"{title} – {label}", _CELLS[cell], values))
    return found


def _label(part: Part, field: str, language: str) -> str:
    text = (part.get(field) or {}).get(language, "") or part["code"]
    return str(text)[:60]
