"""Consultations and questionnaires: what everyone may read, and drafts for a token."""

from flask import current_app, url_for

from app.api.documents import (
    ConsultationDocument,
    ConsultationEntry,
    Page,
    ServiceDocument,
    VersionEntry,
    VersionList,
)
from app.api.forms import ConsultationQuery
from app.api.operations import PREFIX, Reply, has_scope, operation
from app.api.paging import absolute, page_links, take_page
from app.api.refusals import NoDraftVersion
from app.bearer import token_key
from app.database import read_session
from core.clock import utc_now
from core.errors import NotFound
from stakeholders.api_tokens import instance_tag
from surveys.consultations import get_consultation, list_consultations
from surveys.errors import ConsultationNotFound
from surveys.making.building import find_draft_version
from surveys.models import Consultation, QuestionnaireVersion
from surveys.phases import Phase, phase_of

QUESTIONNAIRE_SCHEMA = {"$ref": "#/components/schemas/QuestionnaireForm"}
DRAFTS = "questionnaire.read"


@operation("GET", "", summary="What is here", tag="Service", answer=ServiceDocument)
def describe_service() -> Reply:
    """The name of the instance, and where to go on."""
    return Reply(
        ServiceDocument(
            name=current_app.config["WAYMARK_SETTINGS"].brand_name,
            api="1",
            instance=instance_tag(token_key()),
            openapi=absolute(f"{PREFIX}/openapi.json"),
            documentation=absolute("/api"),
            links={
                "consultations": absolute(f"{PREFIX}/consultations"),
                "roadmaps": absolute(f"{PREFIX}/roadmaps"),
            },
        )
    )


@operation(
    "GET", "/consultations", summary="List consultations", tag="Consultations",
    answer=Page[ConsultationEntry], query=ConsultationQuery, more_with=DRAFTS, paged=True,
)  # fmt: skip
def list_all_consultations(query: ConsultationQuery) -> Reply:
    """Those that open last come first. Consultations in preparation are listed for a token with
    the scope questionnaire.read only."""
    now = utc_now()
    entries = [
        (consultation, phase_of(consultation, now=now))
        for consultation in list_consultations(read_session())
    ]
    chosen = [
        (consultation, phase)
        for consultation, phase in entries
        if (phase is not Phase.PREPARED or has_scope(DRAFTS))
        and query.phase in (None, phase)
        and query.kind in (None, consultation.kind)
    ]
    page = Page[ConsultationEntry](
        items=[_entry(*pair) for pair in take_page(chosen, query)],
        total=len(chosen), page=query.page, per_page=query.per_page,
    )  # fmt: skip
    return Reply(page, headers=page_links(query, len(chosen)))


@operation(
    "GET", "/consultations/<slug>", summary="Read a consultation", tag="Consultations",
    answer=ConsultationDocument, more_with=DRAFTS, refusals=(404,),
)  # fmt: skip
def read_consultation(slug: str) -> Reply:
    """Its texts, its dates, and which version of the questionnaire is answered now. The ETag is
    what If-Match wants where its dates are set."""
    return Reply(describe(find_visible(slug)))


@operation(
    "GET", "/consultations/<slug>/questionnaires", summary="List versions of the questionnaire",
    tag="Questionnaires", answer=VersionList, more_with=DRAFTS, refusals=(404,),
)  # fmt: skip
def list_versions(slug: str) -> Reply:
    """Published versions, oldest first; the draft too for a token with questionnaire.read."""
    consultation = find_visible(slug)
    entries = [
        describe_version(consultation, version)
        for version in consultation.versions
        if version.published_at is not None or has_scope(DRAFTS)
    ]
    return Reply(VersionList(items=entries, total=len(entries)))


@operation(
    "GET", "/consultations/<slug>/questionnaires/<int:number>", summary="Read a questionnaire",
    tag="Questionnaires", answer=QUESTIONNAIRE_SCHEMA, refusals=(404,),
)  # fmt: skip
def read_questionnaire(slug: str, number: int) -> Reply:
    """A published version as our JSON document (docs/questionnaire-format.md). It never changes."""
    for version in find_visible(slug).versions:
        if version.number == number and version.published_at is not None:
            return Reply(version.definition, frozen=True)
    raise NotFound(what=f"A published version {number}")


@operation(
    "GET", "/consultations/<slug>/questionnaires/draft", summary="Read the draft",
    tag="Questionnaires", answer=QUESTIONNAIRE_SCHEMA, scope=DRAFTS, refusals=(404,),
)  # fmt: skip
def read_draft_questionnaire(slug: str) -> Reply:
    """The version that is being prepared. Its ETag is what If-Match wants."""
    session = read_session()
    version = find_draft_version(session, consultation=get_consultation(session, slug=slug))
    if version is None:
        raise NoDraftVersion(slug=slug)
    return Reply(version.definition)


def find_visible(slug: str) -> Consultation:
    """The consultation, if everyone or this program may see it. Raises ``ConsultationNotFound``."""
    consultation = get_consultation(read_session(), slug=slug)
    if phase_of(consultation, now=utc_now()) is Phase.PREPARED and not has_scope(DRAFTS):
        raise ConsultationNotFound(slug=slug)
    return consultation


def describe(consultation: Consultation) -> ConsultationDocument:
    """The consultation as anyone reads it; writes compare its ETag."""
    current = consultation.current_version
    entry = _entry(consultation, phase_of(consultation, now=utc_now()))
    reported = consultation.reported_at is not None and consultation.reported_at <= utc_now()
    return ConsultationDocument(
        **dict(entry),
        report=consultation.report.as_dict() if consultation.report and reported else None,
        questionnaire=describe_version(consultation, current) if current else None,
    )


def describe_version(consultation: Consultation, version: QuestionnaireVersion) -> VersionEntry:
    published = version.published_at is not None
    name = str(version.number) if published else "draft"
    return VersionEntry(
        number=version.number,
        status="published" if published else "draft",
        published_at=version.published_at,
        sha256=version.sha256,
        languages=version.definition["languages"],
        address=absolute(f"{PREFIX}/consultations/{consultation.slug}/questionnaires/{name}"),
    )


def _entry(consultation: Consultation, phase: Phase) -> ConsultationEntry:
    here = absolute(f"{PREFIX}/consultations/{consultation.slug}")
    return ConsultationEntry(
        slug=consultation.slug,
        kind=consultation.kind,
        title=consultation.title.as_dict(),
        summary=consultation.summary.as_dict(),
        language=consultation.title.fallback,
        phase=phase,
        opens_at=consultation.opens_at,
        closes_at=consultation.closes_at,
        time_zone=consultation.time_zone,
        anonymity=consultation.anonymity,
        asks_profile=consultation.asks_profile,
        asks_proof=consultation.asks_proof,
        simulated=consultation.simulated,
        retained_until=consultation.retained_until,
        links={
            "self": here,
            "questionnaires": f"{here}/questionnaires",
            "results": f"{here}/results",
            "drafts": f"{here}/drafts",
            "page": absolute(url_for("consultations.show", slug=consultation.slug)),
        },
    )
