"""`flask surveys quota`: how many responses are wanted, of everybody or of some."""

import click

from app.cli.output import emit, json_option, slug_argument
from app.cli.surveys import surveys_group
from app.database import operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from core.text import LocalizedText
from surveys.consultations import get_consultation
from surveys.quotas import delete_quota, list_quotas, set_quota


@surveys_group.command("quota")
@slug_argument
@click.argument("code", required=False)
@click.option("--places", type=int, help="How many responses are wanted.")
@click.option(
    "--if",
    "condition",
    help="Whom it counts, such as \"profile.country == 'PT' and Q1 == 'yes'\"; \"\": everybody.",
)
@click.option("--name", help="What it is called, in English.")
@click.option("--delete", is_flag=True, help="Take the quota away.")
@json_option
def quota(
    slug: str,
    code: str | None,
    places: int | None,
    condition: str | None,
    name: str | None,
    delete: bool,
    as_json: bool,
) -> None:
    """List the quotas of a consultation; with CODE set one, change it or delete it.

    A quota without a condition is for everybody: with its last place the consultation closes.
    Conditions are written as in questionnaires, over the answers and over
    profile.respondent_type, profile.country, profile.organisation_size and profile.language.
    """
    if code is None and (places is not None or condition is not None or name or delete):
        raise click.UsageError("expected the CODE of a quota")
    if delete and (places is not None or condition is not None or name):
        raise click.UsageError("--delete goes with nothing else")
    with operator_session() as session:
        consultation = get_consultation(session, slug=slug)
        if code is not None and delete:
            delete_quota(
                session, consultation=consultation, code=code, actor=OPERATOR, now=utc_now()
            )
        elif code is not None:
            known = {each.code: each for each in list_quotas(session, consultation=consultation)}
            if places is None:
                if code not in known:
                    raise click.UsageError("expected --places for a new quota")
                places = known[code].places
            set_quota(
                session, consultation=consultation, code=code, places=places, condition=condition,
                name=LocalizedText.of(name) if name else None, actor=OPERATOR, now=utc_now(),
            )  # fmt: skip
        quotas = list_quotas(session, consultation=consultation)
    document = {
        "slug": slug,
        "quotas": [
            {
                "code": each.code,
                "name": each.name.as_dict(),
                "condition": each.condition,
                "places": each.places,
                "taken": each.taken,
                "free": each.free,
                "problems": list(each.problems),
            }
            for each in quotas
        ],
    }
    lines = [
        f"{each.code}: {each.taken} of {each.places} taken, "
        f"{'if ' + each.condition if each.condition else 'everybody'}"
        + (f" (does not fit: {'; '.join(each.problems)})" if each.problems else "")
        for each in quotas
    ]
    emit(document, as_json=as_json, text="\n".join(lines) or f"{slug} has no quotas.")
