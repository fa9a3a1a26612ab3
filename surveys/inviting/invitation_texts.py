"""What invitations and reminders say: the usual texts, and how placeholders are filled in. Pure.

A text is plain, with placeholders in braces: ``{name}``, ``{title}``, ``{link}``, ``{closing}``,
``{organisation}``. They are filled in once, from left to right: what is filled in is never read
again, so a name like ``{link}`` stays a name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.text import clean_text
from surveys.errors import InvalidConsultation

INVITATION = "invitation"
REMINDER = "reminder"
KINDS = (INVITATION, REMINDER)
PLACEHOLDERS = ("name", "title", "link", "closing", "organisation")
MAXIMUM_SUBJECT = 200
MAXIMUM_BODY = 10_000
_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True, slots=True)
class LetterText:
    """Subject and body with placeholders."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said around the text in one language.

    ``nobody``: in place of a name that is not known; ``open_end``: in place of the closing where
    there is none; ``resume`` and ``decline``: lines with ``{address}``.
    """

    nobody: str
    open_end: str
    resume: str
    decline: str


USUAL_TEXTS: Mapping[str, Mapping[str, LetterText]] = {
    INVITATION: {
        "en": LetterText(
            "Your invitation: {title}",
            "Dear {name},\n\n"
            "you are invited to take part in the poll “{title}”.\n\n"
            "This link is for you alone and works once:\n{link}\n\n"
            "You can answer until {closing}. You can stop at any time and continue later with the "
            "code you are given when you begin.",
        ),
        "fr": LetterText(
            "Votre invitation : {title}",
            "Bonjour {name},\n\n"
            "vous êtes invité(e) à participer au sondage « {title} ».\n\n"
            "Ce lien n’est destiné qu’à vous et ne fonctionne qu’une fois :\n{link}\n\n"
            "Date limite pour répondre : {closing}. Vous pouvez vous arrêter à tout moment et "
            "reprendre plus tard avec le code reçu au début.",
        ),
    },
    REMINDER: {
        "en": LetterText(
            "Reminder: {title}",
            "Dear {name},\n\n"
            "we invited you to take part in the poll “{title}” and have not heard from you yet.\n\n"
            "Your link, the same as before:\n{link}\n\n"
            "You can answer until {closing}. If you have answered meanwhile, thank you; nothing "
            "more is needed.",
        ),
        "fr": LetterText(
            "Rappel : {title}",
            "Bonjour {name},\n\n"
            "nous vous avons invité(e) à participer au sondage « {title} » et n’avons pas encore "
            "reçu de réponse de votre part.\n\n"
            "Votre lien, le même qu’auparavant :\n{link}\n\n"
            "Date limite pour répondre : {closing}. Si vous avez répondu entre-temps, merci : il "
            "n’y a plus rien à faire.",
        ),
    },
}
WORDINGS: Mapping[str, Wording] = {
    "en": Wording(
        nobody="Sir or Madam",
        open_end="the poll is closed; no day is set yet",
        resume="If you have begun already, continue with your code here:\n{address}",
        decline="You do not want to be written to about this poll again? Say so here:\n{address}",
    ),
    "fr": Wording(
        nobody="Madame, Monsieur",
        open_end="pas encore fixée",
        resume="Si vous avez déjà commencé, continuez ici avec votre code :\n{address}",
        decline="Vous ne souhaitez plus recevoir de message au sujet de ce sondage ? "
        "Dites-le ici :\n{address}",
    ),
}
FALLBACK = "en"


def check_text(text: LetterText, *, link_needed: bool = True) -> LetterText:
    """``text`` as it is stored. Raises ``InvalidConsultation`` naming ``subject`` or ``body``."""
    subject = clean_text(text.subject.strip(), where="subject", maximum=MAXIMUM_SUBJECT)
    body = clean_text(text.body.strip(), where="body", maximum=MAXIMUM_BODY)
    for where, value in (("subject", subject), ("body", body)):
        if not value:
            raise InvalidConsultation(where=where, reason="is empty")
        for name in _PLACEHOLDER.findall(value):
            if name not in PLACEHOLDERS:
                expected = ", ".join(f"{{{placeholder}}}" for placeholder in PLACEHOLDERS)
                raise InvalidConsultation(
                    where=where, reason=f"{{{name[:40]}}} is no placeholder; expected {expected}"
                )
    if any(ord(character) < 32 or ord(character) == 127 for character in subject):
        raise InvalidConsultation(where="subject", reason="expected one line")
    if "{link}" in subject:
        raise InvalidConsultation(where="subject", reason="the link belongs into the text")
    if link_needed and "{link}" not in body:
        raise InvalidConsultation(
            where="body", reason="{link} is missing; without it nobody can take part"
        )
    return LetterText(subject, body)


def text_for(
    kind: str, language: str, own: Mapping[tuple[str, str], LetterText], *, fallback: str = FALLBACK
) -> tuple[LetterText, str]:
    """The text and its language: one's own, else the usual one, else those of ``fallback``."""
    for code in (language, fallback, FALLBACK):
        text = own.get((kind, code)) or USUAL_TEXTS[kind].get(code)
        if text is not None:
            return text, code
    raise AssertionError("there is a usual text in the language everything falls back to")


def fill_in(template: str, values: Mapping[str, str]) -> str:
    """``template`` with its placeholders replaced."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)
