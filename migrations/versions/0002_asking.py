"""Asking: phases, consents, people invited by e-mail, quotas, statements, tokens

Rows that are there get the values a new row would get (server_default).

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_blocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", core.db.LocalizedTextType(), nullable=False),
        sa.Column("definition", core.db.JsonDocument, nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_blocks")),
        sa.UniqueConstraint("slug", name=op.f("uq_question_blocks_slug")),
    )
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", core.db.JsonDocument, nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_api_tokens_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
    )
    op.create_table(
        "invitation_texts",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_invitation_texts_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint(
            "consultation_id", "kind", "language", name=op.f("pk_invitation_texts")
        ),
    )
    op.create_table(
        "quotas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("name", core.db.LocalizedTextType(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_quotas_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotas")),
        sa.UniqueConstraint("consultation_id", "code", name=op.f("uq_quotas_consultation_id_code")),
    )
    op.create_table(
        "statements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("text", core.db.LocalizedTextType(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=False),
        sa.Column("decided_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_statements_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statements")),
        sa.UniqueConstraint(
            "consultation_id",
            "question",
            "code",
            name=op.f("uq_statements_consultation_id_question_code"),
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "questionnaire_edits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("definition", core.db.JsonDocument, nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_versions.id"],
            name=op.f("fk_questionnaire_edits_version_id_questionnaire_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_edits")),
        sa.UniqueConstraint(
            "version_id", "position", name=op.f("uq_questionnaire_edits_version_id_position")
        ),
    )
    op.create_table(
        "ended_receipts",
        sa.Column("receipt_hash", sa.String(length=64), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_ended_receipts_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint("receipt_hash", name=op.f("pk_ended_receipts")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ended_receipts_consultation", "ended_receipts", ["consultation_id"])

    with op.batch_alter_table("consultations", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("first_closes_at", core.db.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("filled_at", core.db.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("report", core.db.LocalizedTextType(), nullable=True))
        batch_op.add_column(
            sa.Column("reported_at", core.db.UtcDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "time_zone", sa.String(length=40), nullable=False, server_default="Europe/Brussels"
            )
        )
        batch_op.add_column(
            sa.Column("consents", core.db.JsonDocument, nullable=False, server_default="[]")
        )
        batch_op.add_column(
            # In words: an expression would make SQLite copy the table.
            sa.Column("asks_proof", sa.Boolean(), nullable=False, server_default="1")
        )

    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invitation_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("pseudonym", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("replaces", sa.String(length=64), nullable=True))
        batch_op.add_column(
            sa.Column("revisions", core.db.JsonDocument, nullable=False, server_default="{}")
        )

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("organisation", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("language", sa.String(length=35), nullable=True))
        batch_op.add_column(
            sa.Column("attributes", core.db.JsonDocument, nullable=False, server_default="{}")
        )
        batch_op.add_column(sa.Column("invited_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("reminded_on", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("reminders", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(sa.Column("bounced_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("bounce", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("declined_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("answered_on", sa.Date(), nullable=True))

    with op.batch_alter_table("questionnaire_versions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "frozen_for_translation_at", core.db.UtcDateTime(timezone=True), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column("edit_position", sa.Integer(), nullable=False, server_default="0")
        )

    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("invitation_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("pseudonym", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("seconds", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_column("seconds")
        batch_op.drop_column("pseudonym")
        batch_op.drop_column("invitation_id")

    with op.batch_alter_table("questionnaire_versions", schema=None) as batch_op:
        batch_op.drop_column("edit_position")
        batch_op.drop_column("frozen_for_translation_at")

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.drop_column("answered_on")
        batch_op.drop_column("declined_on")
        batch_op.drop_column("bounce")
        batch_op.drop_column("bounced_on")
        batch_op.drop_column("reminders")
        batch_op.drop_column("reminded_on")
        batch_op.drop_column("invited_on")
        batch_op.drop_column("attributes")
        batch_op.drop_column("language")
        batch_op.drop_column("organisation")
        batch_op.drop_column("email")
        batch_op.drop_column("name")

    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_column("revisions")
        batch_op.drop_column("replaces")
        batch_op.drop_column("pseudonym")
        batch_op.drop_column("invitation_id")

    with op.batch_alter_table("consultations", schema=None) as batch_op:
        batch_op.drop_column("asks_proof")
        batch_op.drop_column("consents")
        batch_op.drop_column("time_zone")
        batch_op.drop_column("reported_at")
        batch_op.drop_column("report")
        batch_op.drop_column("filled_at")
        batch_op.drop_column("first_closes_at")

    op.drop_index("ix_ended_receipts_consultation", table_name="ended_receipts")
    op.drop_table("ended_receipts")
    op.drop_table("questionnaire_edits")
    op.drop_table("statements")
    op.drop_table("quotas")
    op.drop_table("invitation_texts")
    op.drop_table("api_tokens")
    op.drop_table("question_blocks")
