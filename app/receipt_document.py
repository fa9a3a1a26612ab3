"""The receipt of a response in words: what its page and its PDF say of it."""

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.answered import AnsweredPart, answered_parts
from app.i18n import format_date, interface_language, localized, localized_lang
from app.presentation import PROFILE_LABELS, profile_value
from core.audit import InclusionProof, is_recorded, prove_inclusion
from core.errors import NotFound
from exports import receipt
from surveys.codes import leaf_salt
from surveys.consultations import get_questionnaire
from surveys.models import Consultation, Response
from surveys.responses import hash_content, leaf_of, stored_content
from surveys.routing import route


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """A response as its receipt shows it.

    ``proof`` is None while it waits to be sealed; ``intact``: whether the log holds what is stored.
    """

    response: Response
    consultation: Consultation
    parts: list[AnsweredPart]
    profile: list[tuple[str, str]]
    content_sha256: str
    leaf: str
    salt: str
    proof: InclusionProof | None
    intact: bool


def receipt_facts(session: Session, *, response: Response, key: str) -> ReceiptFacts:
    questionnaire = get_questionnaire(session, version_id=response.version_id)
    leaf = leaf_of(response, key=key)
    try:
        proof = prove_inclusion(session, leaf=leaf)
    except NotFound:
        proof = None
    return ReceiptFacts(
        response=response,
        consultation=session.get_one(Consultation, response.consultation_id),
        parts=answered_parts(
            questionnaire,
            response.answers,
            route(questionnaire, response.answers, today=response.day),
        ),
        profile=[
            (str(label), profile_value(field, getattr(response, field)))
            for field, label in PROFILE_LABELS.items()
            if getattr(response, field)
        ],
        content_sha256=hash_content(stored_content(response)).hex(),
        leaf=leaf.hex(),
        salt=leaf_salt(key).hex(),
        proof=proof,
        intact=proof is not None or is_recorded(session, leaf=leaf),
    )


def publication_text(response: Response) -> str:
    if response.publication != "named":
        return _("Anonymously")
    name = " ".join(part for part in (response.first_name, response.surname) if part)
    return _("With your name: %(name)s", name=name) if name else _("With your name")


def steps_to_check() -> list[str]:
    """How anybody checks a receipt without trusting this site."""
    return [
        _("Download the response as JSON. Its part “content” in canonical form (RFC 8785) has the "
          "SHA-256 given as the hash of the content."),
        _("The leaf is the SHA-256 of a zero byte, the salt and that hash, one after the other."),
        _("Join the leaf with the hashes of the path, in order, as RFC 6962 says: the outcome is "
          "the root of the batch."),
        _("Compare the root with the batch in the audit log. The operator's command "
          "“flask audit verify-receipt” does all of this with the JSON file."),
    ]  # fmt: skip


def render_pdf(facts: ReceiptFacts) -> bytes:
    """The receipt as an accessible PDF, in the reader's language."""
    language = interface_language()
    response, consultation, proof = facts.response, facts.consultation, facts.proof
    rows = [
        (_("Reference"), response.reference),
        (_("Received on"), format_date(response.day)),
        (_("Published"), publication_text(response)),
        *((_("Agreed to: %(purpose)s", purpose=purpose), str(version))
          for purpose, version in response.consents.items()),
        *facts.profile,
    ]  # fmt: skip
    sealed = [(_("Hash of the content (SHA-256)"), facts.content_sha256),
              (_("Salt (yours alone)"), facts.salt), (_("Leaf"), facts.leaf)]  # fmt: skip
    if proof is None:
        sealed.append((_("Batch"), _("Not sealed yet. Download the receipt again in a minute.")))
    else:
        sealed += [
            (_("Batch"), _("%(number)s, position %(position)s of %(size)s",
                           number=proof.batch_number, position=proof.position + 1,
                           size=proof.size)),
            (_("Root of the batch"), proof.root.hex()),
            (_("Path to the root"), "\n".join(step.hex() for step in proof.path) or "–"),
        ]  # fmt: skip

    def words(text: str, spoken: str) -> receipt.Words:
        return receipt.Words(text, "" if spoken == language else spoken)

    columns = (_("What"), _("Value"))
    return receipt.render(
        receipt.ReceiptDocument(
            title=_("Receipt %(reference)s", reference=response.reference),
            subject=_("Receipt of a response to a consultation"),
            language=language,
            day=response.day or consultation.created_at.date(),
            lead=_("Your response was received. This document holds all of it, and how to prove "
                   "that it is in the audit log."),
            consultation=words(localized(consultation.title), localized_lang(consultation.title)),
            summary=receipt.Facts(
                _("Your response"), _("Facts about your response"), columns, rows
            ),
            parts=[
                receipt.Part(
                    words(part.title, part.language),
                    [
                        receipt.Answered(words(question.title, question.language), question.lines)
                        for question in part.questions
                    ],
                )
                for part in facts.parts
            ],
            no_answer=_("No answer"),
            proof=receipt.Facts(
                _("Your place in the audit log"), _("What proves it"), columns, sealed
            ),
            check=_("How to check this"),
            steps=steps_to_check(),
            page_of=_("Page {page} of {pages}"),
        )
    )  # fmt: skip
