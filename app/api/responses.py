"""Responses one by one, for a token."""

from app.api.documents import ResponseDocument, ResponseList
from app.api.forms import ResponseQuery
from app.api.operations import Reply, operation
from app.api.paging import link_header
from app.database import read_session
from surveys.consultations import get_consultation
from surveys.response_export import list_responses


@operation(
    "GET", "/consultations/<slug>/responses", summary="Export responses", tag="Results",
    answer=ResponseList, query=ResponseQuery, scope="response.read", paged=True, refusals=(404,),
)  # fmt: skip
def export_responses(slug: str, query: ResponseQuery) -> Reply:
    """In no order that says when they came; follow the Link header from page to page. Who chose to
    be published anonymously is given without name."""
    session = read_session()
    page = list_responses(
        session, consultation=get_consultation(session, slug=slug), after=query.after,
        limit=query.limit,
    )  # fmt: skip
    document = ResponseList(
        items=[ResponseDocument(**response) for response in page.responses],
        total=page.total,
        after=str(page.after) if page.after else None,
    )
    links = link_header({"next": {"after": page.after}} if page.after else {})
    return Reply(document, headers=links, private=True)
