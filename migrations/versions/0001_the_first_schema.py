"""The first schema

Revision: 0001, after None
"""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("delegation", sa.String(length=2), nullable=True),
        sa.Column("organisation_name", sa.String(length=200), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_on", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("delegation", name=op.f("uq_accounts_delegation")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
    )
    op.create_table(
        "audit_batches",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_batches")),
    )
    op.create_table(
        "consultations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", core.db.LocalizedTextType(), nullable=False),
        sa.Column("summary", core.db.LocalizedTextType(), nullable=False),
        sa.Column("opens_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closes_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("anonymity", sa.String(length=12), nullable=False),
        sa.Column("anonymous_shows", core.db.JsonDocument, nullable=False),
        sa.Column("asks_profile", sa.Boolean(), nullable=False),
        sa.Column("retained_until", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("current_version_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultations")),
        sa.UniqueConstraint("slug", name=op.f("uq_consultations_slug")),
    )
    op.create_table(
        "federation_hub",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=300), nullable=False),
        sa.Column("public_key", core.db.JsonDocument, nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("registered_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_hub")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_federation_hub_thumbprint")),
    )
    op.create_table(
        "federation_nodes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("public_key", core.db.JsonDocument, nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("registered_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_nodes")),
        sa.UniqueConstraint("name", name=op.f("uq_federation_nodes_name")),
        sa.UniqueConstraint("thumbprint", name=op.f("uq_federation_nodes_thumbprint")),
    )
    op.create_table(
        "instance_facts",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_instance_facts")),
    )
    op.create_table(
        "motions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", core.db.LocalizedTextType(), nullable=False),
        sa.Column("text", core.db.LocalizedTextType(), nullable=False),
        sa.Column("roadmap_slug", sa.String(length=80), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("population_year", sa.Integer(), nullable=False),
        sa.Column("participants", core.db.JsonDocument, nullable=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("opened_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closes_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closing_reason", sa.Text(), nullable=True),
        sa.Column("opening", core.db.JsonDocument, nullable=True),
        sa.Column("tally", core.db.JsonDocument, nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_motions")),
        sa.UniqueConstraint("slug", name=op.f("uq_motions_slug")),
    )
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", core.db.JsonDocument, nullable=False),
        sa.Column("due_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_messages_topic_due", ["topic", "due_at"], unique=False)

    op.create_table(
        "roadmaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", core.db.LocalizedTextType(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roadmaps")),
        sa.UniqueConstraint("slug", name=op.f("uq_roadmaps_slug")),
    )
    op.create_table(
        "account_roles",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_account_roles_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("pk_account_roles")),
    )
    op.create_table(
        "areas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("title", core.db.LocalizedTextType(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_areas_roadmap_id_roadmaps")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_areas")),
        sa.UniqueConstraint("roadmap_id", "code", name=op.f("uq_areas_roadmap_id_code")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", core.db.JsonDocument, nullable=True),
        sa.Column("leaf", sa.LargeBinary(length=32), nullable=False),
        sa.Column("batch_number", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_number"],
            ["audit_batches.number"],
            name=op.f("fk_audit_entries_batch_number_audit_batches"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index("ix_audit_entries_batch", ["batch_number", "position"], unique=False)
        batch_op.create_index("ix_audit_entries_leaf", ["leaf"], unique=False)

    op.create_table(
        "ballots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("delegation", sa.String(length=2), nullable=False),
        sa.Column("choice", sa.String(length=10), nullable=False),
        sa.Column("cast_by", sa.String(length=2), nullable=False),
        sa.Column("cast_by_account", sa.Uuid(), nullable=True),
        sa.Column("cast_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["cast_by_account"],
            ["accounts.id"],
            name=op.f("fk_ballots_cast_by_account_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["motion_id"], ["motions.id"], name=op.f("fk_ballots_motion_id_motions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballots")),
        sa.UniqueConstraint("motion_id", "delegation", name="uq_ballots_one_a_delegation"),
        sa.UniqueConstraint("motion_id", "number", name="uq_ballots_place_in_chain"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("change", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_decisions_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_decisions_roadmap_id_roadmaps")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_decisions_roadmap_id"), ["roadmap_id"], unique=False)

    op.create_table(
        "editions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("published_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_editions_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_editions_roadmap_id_roadmaps")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("roadmap_id", "sequence", name=op.f("uq_editions_roadmap_id_sequence")),
        sa.UniqueConstraint("roadmap_id", "version", name=op.f("uq_editions_roadmap_id_version")),
        sa.UniqueConstraint("sha256", name=op.f("uq_editions_sha256")),
    )
    op.create_table(
        "evidence_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(length=140), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=140), nullable=False),
        sa.Column("option", sa.String(length=64), nullable=False),
        sa.Column("falling", sa.Boolean(), nullable=False),
        sa.Column("left_out", core.db.JsonDocument, nullable=False),
        sa.Column("linked_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_evidence_links_consultation_id_consultations"),
        ),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_evidence_links_roadmap_id_roadmaps")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_links")),
        sa.UniqueConstraint(
            "roadmap_id",
            "subject",
            "consultation_id",
            "question",
            "option",
            name=op.f("uq_evidence_links_roadmap_id_subject_consultation_id_question_option"),
        ),
    )
    op.create_table(
        "federation_pulled_definitions",
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("questionnaire_sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("pulled_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_federation_pulled_definitions_consultation_id_consultations"),
        ),
        sa.ForeignKeyConstraint(
            ["hub_id"],
            ["federation_hub.id"],
            name=op.f("fk_federation_pulled_definitions_hub_id_federation_hub"),
        ),
        sa.PrimaryKeyConstraint("consultation_id", name=op.f("pk_federation_pulled_definitions")),
    )
    op.create_table(
        "federation_received_releases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("node_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("questionnaire_sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("body", core.db.JsonDocument, nullable=False),
        sa.Column("issued_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("acknowledgement", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_federation_received_releases_consultation_id_consultations"),
        ),
        sa.ForeignKeyConstraint(
            ["node_id"],
            ["federation_nodes.id"],
            name=op.f("fk_federation_received_releases_node_id_federation_nodes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_received_releases")),
        sa.UniqueConstraint(
            "node_id",
            "consultation_id",
            "sequence",
            name=op.f("uq_federation_received_releases_node_id_consultation_id_sequence"),
        ),
        sa.UniqueConstraint("sha256", name=op.f("uq_federation_received_releases_sha256")),
    )
    op.create_table(
        "federation_sent_releases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("hub_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("body", core.db.JsonDocument, nullable=False),
        sa.Column("responses", sa.Integer(), nullable=False),
        sa.Column("issued_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("acknowledgement", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_federation_sent_releases_consultation_id_consultations"),
        ),
        sa.ForeignKeyConstraint(
            ["hub_id"],
            ["federation_hub.id"],
            name=op.f("fk_federation_sent_releases_hub_id_federation_hub"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_sent_releases")),
        sa.UniqueConstraint(
            "consultation_id",
            "hub_id",
            "sequence",
            name=op.f("uq_federation_sent_releases_consultation_id_hub_id_sequence"),
        ),
        sa.UniqueConstraint("sha256", name=op.f("uq_federation_sent_releases_sha256")),
    )
    op.create_table(
        "federation_shared_definitions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("questionnaire_sha256", sa.String(length=64), nullable=False),
        sa.Column("envelope", sa.Text(), nullable=False),
        sa.Column("issued_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_federation_shared_definitions_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_shared_definitions")),
        sa.UniqueConstraint(
            "consultation_id",
            "sequence",
            name=op.f("uq_federation_shared_definitions_consultation_id_sequence"),
        ),
        sa.UniqueConstraint("sha256", name=op.f("uq_federation_shared_definitions_sha256")),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_invitations_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitations_token_hash")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_password_resets_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_resets_token_hash")),
    )
    op.create_table(
        "proxy_grants",
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("giver", sa.String(length=2), nullable=False),
        sa.Column("holder", sa.String(length=2), nullable=False),
        sa.Column("granted_by_account", sa.Uuid(), nullable=True),
        sa.Column("granted_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["granted_by_account"],
            ["accounts.id"],
            name=op.f("fk_proxy_grants_granted_by_account_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["motion_id"], ["motions.id"], name=op.f("fk_proxy_grants_motion_id_motions")
        ),
        sa.PrimaryKeyConstraint("motion_id", "giver", name=op.f("pk_proxy_grants")),
    )
    op.create_table(
        "questionnaire_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("definition", core.db.JsonDocument, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published_at", core.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_questionnaire_versions_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_versions")),
        sa.UniqueConstraint(
            "consultation_id",
            "number",
            name=op.f("uq_questionnaire_versions_consultation_id_number"),
        ),
    )
    op.create_table(
        "result_tombstones",
        sa.Column("response_id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("withdrawn_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_result_tombstones_consultation_id_consultations"),
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_result_tombstones")),
    )
    op.create_table(
        "drafts",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("profile", core.db.JsonDocument, nullable=False),
        sa.Column("answers", core.db.JsonDocument, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("saved_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_drafts_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_drafts_consultation_id_consultations"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_versions.id"],
            name=op.f("fk_drafts_version_id_questionnaire_versions"),
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_drafts")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.create_index("ix_drafts_saved_on", ["saved_on"], unique=False)

    op.create_table(
        "edition_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("format", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_files_edition_id_editions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_files")),
        sa.UniqueConstraint(
            "edition_id",
            "format",
            "language",
            name=op.f("uq_edition_files_edition_id_format_language"),
        ),
    )
    op.create_table(
        "milestones",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title", core.db.LocalizedTextType(), nullable=False),
        sa.Column("description", core.db.LocalizedTextType(), nullable=False),
        sa.Column("agenda", sa.String(length=4), nullable=False),
        sa.Column("duration_days", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("lead", sa.String(length=200), nullable=False),
        sa.Column("trl_from", sa.Integer(), nullable=True),
        sa.Column("trl_to", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["area_id"], ["areas.id"], name=op.f("fk_milestones_area_id_areas")
        ),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_milestones_roadmap_id_roadmaps")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestones")),
        sa.UniqueConstraint("roadmap_id", "code", name=op.f("uq_milestones_roadmap_id_code")),
    )
    with op.batch_alter_table("milestones", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_milestones_area_id"), ["area_id"], unique=False)

    op.create_table(
        "proxy_parties",
        sa.Column("motion_id", sa.Uuid(), nullable=False),
        sa.Column("delegation", sa.String(length=2), nullable=False),
        sa.Column("giver", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(
            ["motion_id", "giver"],
            ["proxy_grants.motion_id", "proxy_grants.giver"],
            name="fk_proxy_parties_grant",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("motion_id", "delegation", name=op.f("pk_proxy_parties")),
    )
    op.create_table(
        "responses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=24), nullable=False),
        sa.Column("receipt_hash", sa.String(length=64), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("language", sa.String(length=35), nullable=True),
        sa.Column("respondent_type", sa.String(length=40), nullable=True),
        sa.Column("country", sa.String(length=3), nullable=True),
        sa.Column("organisation_size", sa.String(length=10), nullable=True),
        sa.Column("scope", sa.String(length=15), nullable=True),
        sa.Column("organisation_name", sa.String(length=300), nullable=True),
        sa.Column("register_number", sa.String(length=40), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=True),
        sa.Column("surname", sa.String(length=100), nullable=True),
        sa.Column("publication", sa.String(length=10), nullable=False),
        sa.Column("consents", core.db.JsonDocument, nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("answers", core.db.JsonDocument, nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_responses_account_id_accounts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_responses_consultation_id_consultations"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_versions.id"],
            name=op.f("fk_responses_version_id_questionnaire_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_responses")),
        sa.UniqueConstraint("receipt_hash", name=op.f("uq_responses_receipt_hash")),
        sa.UniqueConstraint("reference", name=op.f("uq_responses_reference")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.create_index("ix_responses_consultation", ["consultation_id"], unique=False)

    op.create_table(
        "result_segments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consultation_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(length=100), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("counts", core.db.JsonDocument, nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name=op.f("fk_result_segments_consultation_id_consultations"),
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["questionnaire_versions.id"],
            name=op.f("fk_result_segments_version_id_questionnaire_versions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_segments")),
        sa.UniqueConstraint("file_name", name=op.f("uq_result_segments_file_name")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("result_segments", schema=None) as batch_op:
        batch_op.create_index("ix_result_segments_consultation", ["consultation_id"], unique=False)

    op.create_table(
        "dependencies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("roadmap_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("lag_days", sa.Integer(), nullable=False),
        sa.Column("support", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_id"], ["milestones.id"], name=op.f("fk_dependencies_from_id_milestones")
        ),
        sa.ForeignKeyConstraint(
            ["roadmap_id"], ["roadmaps.id"], name=op.f("fk_dependencies_roadmap_id_roadmaps")
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["milestones.id"], name=op.f("fk_dependencies_to_id_milestones")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dependencies")),
    )
    with op.batch_alter_table("dependencies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dependencies_from_id"), ["from_id"], unique=False)
        batch_op.create_index(
            "ix_dependencies_roadmap_id_position", ["roadmap_id", "position"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_dependencies_to_id"), ["to_id"], unique=False)
    # Consultations and versions name each other: this key comes when both are there.
    with op.batch_alter_table("consultations") as batch_op:
        batch_op.create_foreign_key(
            "fk_consultations_current_version",
            "questionnaire_versions",
            ["current_version_id"],
            ["id"],
        )


def downgrade() -> None:
    with op.batch_alter_table("consultations") as batch_op:
        batch_op.drop_constraint("fk_consultations_current_version", type_="foreignkey")
    with op.batch_alter_table("dependencies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dependencies_to_id"))
        batch_op.drop_index("ix_dependencies_roadmap_id_position")
        batch_op.drop_index(batch_op.f("ix_dependencies_from_id"))

    op.drop_table("dependencies")
    with op.batch_alter_table("result_segments", schema=None) as batch_op:
        batch_op.drop_index("ix_result_segments_consultation")

    op.drop_table("result_segments")
    with op.batch_alter_table("responses", schema=None) as batch_op:
        batch_op.drop_index("ix_responses_consultation")

    op.drop_table("responses")
    op.drop_table("proxy_parties")
    with op.batch_alter_table("milestones", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_milestones_area_id"))

    op.drop_table("milestones")
    op.drop_table("edition_files")
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_index("ix_drafts_saved_on")

    op.drop_table("drafts")
    op.drop_table("result_tombstones")
    op.drop_table("questionnaire_versions")
    op.drop_table("proxy_grants")
    op.drop_table("password_resets")
    op.drop_table("invitations")
    op.drop_table("federation_shared_definitions")
    op.drop_table("federation_sent_releases")
    op.drop_table("federation_received_releases")
    op.drop_table("federation_pulled_definitions")
    op.drop_table("evidence_links")
    op.drop_table("editions")
    with op.batch_alter_table("decisions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_decisions_roadmap_id"))

    op.drop_table("decisions")
    op.drop_table("ballots")
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_entries_leaf")
        batch_op.drop_index("ix_audit_entries_batch")

    op.drop_table("audit_entries")
    op.drop_table("areas")
    op.drop_table("account_roles")
    op.drop_table("roadmaps")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_messages_topic_due")

    op.drop_table("outbox_messages")
    op.drop_table("motions")
    op.drop_table("instance_facts")
    op.drop_table("federation_nodes")
    op.drop_table("federation_hub")
    op.drop_table("consultations")
    op.drop_table("audit_batches")
    op.drop_table("accounts")
