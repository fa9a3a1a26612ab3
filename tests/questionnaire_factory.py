"""A small questionnaire and an open consultation, for tests that need something to answer."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.audit import OPERATOR
from core.text import LocalizedText
from surveys.consultations import (
    add_version,
    create_consultation,
    publish_version,
    schedule_consultation,
)
from surveys.models import Consultation


def definition(**changes: Any) -> dict[str, Any]:
    """Two sections: a choice that opens a text, then a matrix, a number and a date."""
    document: dict[str, Any] = {
        "schema": "waymark/questionnaire/1",
        "title": {"en": "Networks of tomorrow", "fr": "Les réseaux de demain"},
        "languages": ["en", "fr"],
        "sections": [
            {
                "code": "views",
                "title": {"en": "Your views", "fr": "Votre avis"},
                "questions": [
                    {
                        "code": "Q1", "type": "single_choice", "required": True,
                        "title": {"en": "Is it urgent?", "fr": "Est-ce urgent ?"},
                        "options": [
                            {"code": "yes", "label": {"en": "Yes", "fr": "Oui"}},
                            {"code": "no", "label": {"en": "No", "fr": "Non"}},
                        ],
                    },
                    {
                        "code": "Q2", "type": "long_text", "required": True,
                        "show_if": "Q1 == 'yes'", "max_length": 500,
                        "title": {"en": "Why is it urgent?", "fr": "Pourquoi ?"},
                    },
                    {
                        "code": "Q3", "type": "multiple_choice", "max_choices": 2,
                        "title": {"en": "Which ones?", "fr": "Lesquels ?"},
                        "options": [
                            {"code": "a", "label": {"en": "Radio", "fr": "Radio"}},
                            {"code": "b", "label": {"en": "Cloud", "fr": "Nuage"}},
                            {"code": "c", "label": {"en": "Security", "fr": "Sécurité"}},
                        ],
                    },
                ],
            },
            {
                "code": "detail",
                "title": {"en": "Details", "fr": "Détails"},
                "questions": [
                    {
                        "code": "Q4", "type": "matrix", "cell": "single",
                        "title": {"en": "How important?", "fr": "Quelle importance ?"},
                        "rows": [
                            {"code": "r1", "label": {"en": "Speed", "fr": "Vitesse"}},
                            {"code": "r2", "label": {"en": "Energy", "fr": "Énergie"}},
                        ],
                        "options": [
                            {"code": "1", "label": {"en": "Low", "fr": "Faible"}},
                            {"code": "2", "label": {"en": "High", "fr": "Forte"}},
                        ],
                    },
                    {
                        "code": "Q5", "type": "number", "minimum": 0, "maximum": 100,
                        "title": {"en": "Share in percent", "fr": "Part en pour cent"},
                    },
                    {"code": "Q6", "type": "date", "title": {"en": "By when?", "fr": "Quand ?"}},
                ],
            },
        ],
    }  # fmt: skip
    return document | changes


def open_consultation(
    session: Session, now: datetime, *, slug: str = "networks", **options: Any
) -> Consultation:
    """A published consultation that opened yesterday and closes in ten days."""
    document = options.pop("definition", None) or definition()
    consultation = create_consultation(
        session, slug=slug, title=LocalizedText(document["title"]), actor=OPERATOR, now=now,
        **options,
    )  # fmt: skip
    version = add_version(
        session, consultation=consultation, definition=document, actor=OPERATOR, now=now
    )
    publish_version(session, consultation=consultation, version=version, actor=OPERATOR, now=now)
    schedule_consultation(
        session, consultation=consultation, opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=10), actor=OPERATOR, now=now,
    )  # fmt: skip
    return consultation
