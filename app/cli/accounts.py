"""`flask accounts`: create accounts, the first administrator included."""

import click

from app.cli.output import CommandGroup, emit, json_option
from app.database import operator_session
from core.audit import OPERATOR
from core.clock import utc_now
from stakeholders.accounts import create_account, deactivate_account, find_account_by_email
from stakeholders.errors import AccountNotFound
from stakeholders.permissions import Role

accounts_group = CommandGroup("accounts", help="People who sign in.")


@accounts_group.command("create")
@click.option("--email", required=True)
@click.option("--name", "display_name", required=True)
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="May be given several times.",
)
@click.option("--delegation", help="The member state a delegate sits for (EU code).")
@click.option(
    "--password",
    envvar="WAYMARK_NEW_PASSWORD",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Asked for when not given; or set WAYMARK_NEW_PASSWORD.",
)
@json_option
def create(
    email: str,
    display_name: str,
    roles: tuple[str, ...],
    delegation: str | None,
    password: str,
    as_json: bool,
) -> None:
    """Create an account. The first administrator is made here too."""
    with operator_session() as session:
        account = create_account(
            session,
            email=email,
            display_name=display_name,
            password=password,
            roles=[Role(role) for role in roles],
            delegation=delegation,
            actor=OPERATOR,
            now=utc_now(),
        )
        document = {"id": str(account.id), "email": account.email, "roles": sorted(roles)}
    emit(document, as_json=as_json, text=f"Created {document['email']} ({', '.join(roles)}).")


@accounts_group.command("deactivate")
@click.argument("email")
@json_option
def deactivate(email: str, as_json: bool) -> None:
    """Close an account: it can no longer sign in, and its sessions end at once."""
    with operator_session() as session:
        account = find_account_by_email(session, email=email)
        if account is None:
            raise AccountNotFound
        deactivate_account(session, account=account, actor=OPERATOR, now=utc_now())
        document = {"id": str(account.id), "active": False}
    emit(document, as_json=as_json, text=f"{email} can no longer sign in.")
