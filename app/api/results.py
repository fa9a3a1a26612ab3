"""Results: published ones for everyone, exact ones for a token."""

from app.api.consultations import find_visible
from app.api.documents import ResultsDocument
from app.api.forms import ResultQuery
from app.api.operations import Reply, operation
from app.api.refusals import ResultsNotPublished
from app.database import read_session
from core.clock import utc_now
from surveys.consultations import get_consultation
from surveys.phases import phase_of
from surveys.results import get_public_results, get_results


@operation(
    "GET", "/consultations/<slug>/results", summary="Read the published results", tag="Results",
    answer=ResultsDocument, query=ResultQuery, refusals=(404, 409),
)  # fmt: skip
def read_public_results(slug: str, query: ResultQuery) -> Reply:
    """As the public page shows them: once the consultation has closed, with small numbers, and
    what would give them away, as null."""
    consultation = find_visible(slug)
    if not phase_of(consultation, now=utc_now()).is_closed:
        raise ResultsNotPublished(slug=slug)
    return Reply(
        get_public_results(
            read_session(), consultation=consultation, by=query.by, language=query.language
        )
    )


@operation(
    "GET", "/consultations/<slug>/results/exact", summary="Read exact results", tag="Results",
    answer=ResultsDocument, query=ResultQuery, scope="result.read", refusals=(404, 409),
)  # fmt: skip
def read_exact_results(slug: str, query: ResultQuery) -> Reply:
    """At any time, nothing hidden; some seconds may pass until a response is counted. Not for
    publication."""
    session = read_session()
    consultation = get_consultation(session, slug=slug)
    return Reply(
        get_results(session, consultation=consultation, by=query.by, language=query.language),
        private=True,
    )
