"""Fields of a draft as JSON values and back. Pure.

What a scenario keeps, a form sends and a comparison shows: dates as 2028-12-31, amounts and
supports as exact decimals in text, texts by language.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.text import LocalizedText
from roadmap.draft import BudgetSource, DraftDependency, DraftMilestone, Kpi, Link
from roadmap.draft_checks import CHECKS, clean_fields
from roadmap.errors import InvalidDraft

DATES = ("not_before", "fixed_start", "finish_by")
LISTS = ("participants", "themes", "standards", "spectrum")
TEXTS = ("title", "description")


def milestone_document(milestone: DraftMilestone) -> dict[str, Any]:
    """All fields of a milestone but its code, as JSON values."""
    return {field: field_document(field, getattr(milestone, field)) for field in CHECKS}


def field_document(field: str, value: Any) -> Any:
    """The value of a field of ``DraftMilestone`` as a JSON value."""
    write = _WRITERS.get(field)
    return value if write is None or value is None else write(value)


def field_value(field: str, document: Any) -> Any:
    """The value that a JSON value stands for, cleaned. Raises ``InvalidDraft`` naming the field."""
    read = _READERS.get(field)
    try:
        value = document if read is None or document is None else read(document)
    except (AttributeError, InvalidOperation, KeyError, TypeError, ValueError):
        reason = f"expected a value like {_EXAMPLES.get(field, '…')}"
        raise InvalidDraft(where=field, reason=reason) from None
    return clean_fields({field: value})[field]


def field_values(documents: Mapping[str, Any]) -> dict[str, Any]:
    """Several fields at once."""
    return {field: field_value(field, document) for field, document in documents.items()}


def dependency_document(dependency: DraftDependency) -> dict[str, Any]:
    """All fields of a dependency as JSON values."""
    return {
        "from": dependency.before,
        "to": dependency.after,
        "kind": dependency.kind.value,
        "lag_days": dependency.lag_days,
        "support": format(dependency.support, "f"),
        "rationale": dependency.rationale.as_dict(),
        "ruling": dependency.ruling.value,
    }


def _budget(document: Mapping[str, Any]) -> dict[Any, Decimal]:
    return {
        BudgetSource(source) if source in list(BudgetSource) else source: Decimal(amount)
        for source, amount in document.items()
    }


_WRITERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(DATES, date.isoformat),
    **dict.fromkeys(LISTS, list),
    **dict.fromkeys(TEXTS, LocalizedText.as_dict),
    "kpis": lambda kpis: [kpi.as_document() for kpi in kpis],
    "links": lambda links: [link.as_document() for link in links],
    "budget": lambda budget: {
        source.value: format(budget[source], "f") for source in BudgetSource if source in budget
    },
}
_READERS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(DATES, date.fromisoformat),
    **{field: lambda document: [str(line) for line in document] for field in LISTS},
    **{field: lambda document: LocalizedText(dict(document)) for field in TEXTS},
    "kpis": lambda document: [Kpi.from_document(kpi) for kpi in document],
    "links": lambda document: [Link(**link) for link in document],
    "budget": _budget,
}
_EXAMPLES = {
    **dict.fromkeys(DATES, "2028-12-31"),
    **dict.fromkeys(LISTS, '["name"]'),
    **dict.fromkeys(TEXTS, '{"en": "text"}'),
    "kpis": '[{"name": {"en": "…"}, "target": "10"}]',
    "links": '[{"kind": "programme", "name": "…"}]',
    "budget": '{"eu": "1500000"}',
}
