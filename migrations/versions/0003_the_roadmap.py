"""The roadmap: details, rules, proposals, scenarios, wording, review

Rows that are there get the values a new row would get (server_default).

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

import core.db

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('candidates',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.String(length=20), nullable=False),
    sa.Column('stage', sa.String(length=20), nullable=False),
    sa.Column('consultation_id', sa.Uuid(), nullable=True),
    sa.Column('document', sa.Text(), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.Column('note', sa.String(length=2000), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_candidates_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultations.id'], name=op.f('fk_candidates_consultation_id_consultations')),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_candidates_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_candidates')),
    sa.UniqueConstraint('roadmap_id', 'version', name=op.f('uq_candidates_roadmap_id_version'))
    )
    with op.batch_alter_table('candidates', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_candidates_roadmap_id'), ['roadmap_id'], unique=False)

    op.create_table('computations',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('parameters', sa.String(length=200), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('document', sa.Text(), nullable=True),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('requested_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('finished_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_computations_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_computations')),
    sa.UniqueConstraint('roadmap_id', 'kind', 'parameters', name=op.f('uq_computations_roadmap_id_kind_parameters'))
    )
    op.create_table('hand_edits',
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('done', core.db.JsonDocument, nullable=False),
    sa.Column('undo', core.db.JsonDocument, nullable=False),
    sa.Column('effect', core.db.JsonDocument, nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('made_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_hand_edits_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_hand_edits_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('roadmap_id', name=op.f('pk_hand_edits'))
    )
    op.create_table('evidence_rules',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('consultation_id', sa.Uuid(), nullable=True),
    sa.Column('source', sa.String(length=140), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('parameters', core.db.JsonDocument, nullable=False),
    sa.Column('declared_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['consultation_id'], ['consultations.id'], name=op.f('fk_evidence_rules_consultation_id_consultations')),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_evidence_rules_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_rules')),
    sa.UniqueConstraint('roadmap_id', 'consultation_id', 'source', 'rule', 'version', name=op.f('uq_evidence_rules_declaration'))
    )
    with op.batch_alter_table('evidence_rules', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_evidence_rules_roadmap_id'), ['roadmap_id'], unique=False)

    op.create_table('notices',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('subject', sa.String(length=140), nullable=False),
    sa.Column('caused_by', sa.Uuid(), nullable=True),
    sa.Column('created_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_notices_account_id_accounts'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['caused_by'], ['accounts.id'], name=op.f('fk_notices_caused_by_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_notices_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notices'))
    )
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notices_account_id'), ['account_id'], unique=False)

    op.create_table('proposals',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('subject', sa.String(length=140), nullable=False),
    sa.Column('title', core.db.LocalizedTextType(), nullable=False),
    sa.Column('body', core.db.LocalizedTextType(), nullable=False),
    sa.Column('wanted', core.db.JsonDocument, nullable=False),
    sa.Column('evidence', core.db.JsonDocument, nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('merged_into_id', sa.Uuid(), nullable=True),
    sa.Column('split_from_id', sa.Uuid(), nullable=True),
    sa.Column('confirmed_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_proposals_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['merged_into_id'], ['proposals.id'], name=op.f('fk_proposals_merged_into_id_proposals')),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_proposals_roadmap_id_roadmaps')),
    sa.ForeignKeyConstraint(['split_from_id'], ['proposals.id'], name=op.f('fk_proposals_split_from_id_proposals')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals')),
    sa.UniqueConstraint('roadmap_id', 'number', name=op.f('uq_proposals_roadmap_id_number'))
    )
    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposals_merged_into_id'), ['merged_into_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposals_roadmap_id'), ['roadmap_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposals_split_from_id'), ['split_from_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposals_state'), ['state'], unique=False)

    op.create_table('scenarios',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('slug', sa.String(length=80), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('steps', core.db.JsonDocument, nullable=False),
    sa.Column('undone', core.db.JsonDocument, nullable=False),
    sa.Column('base_revision', sa.Integer(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_scenarios_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_scenarios_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scenarios')),
    sa.UniqueConstraint('roadmap_id', 'slug', name=op.f('uq_scenarios_roadmap_id_slug'))
    )
    with op.batch_alter_table('scenarios', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_scenarios_roadmap_id'), ['roadmap_id'], unique=False)

    op.create_table('approvals',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('candidate_id', sa.Uuid(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('approved_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_approvals_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidates.id'], name=op.f('fk_approvals_candidate_id_candidates'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_approvals')),
    sa.UniqueConstraint('candidate_id', 'sha256', 'account_id', name=op.f('uq_approvals_candidate_id_sha256_account_id'))
    )
    op.create_table('chapters',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('title', core.db.LocalizedTextType(), nullable=False),
    sa.Column('area_id', sa.Uuid(), nullable=True),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('removed_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_chapters_area_id_areas'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_chapters_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_chapters')),
    sa.UniqueConstraint('roadmap_id', 'code', name=op.f('uq_chapters_roadmap_id_code'))
    )
    with op.batch_alter_table('chapters', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_chapters_roadmap_id'), ['roadmap_id'], unique=False)

    op.create_table('dispositions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('decision', sa.String(length=20), nullable=False),
    sa.Column('reason', core.db.LocalizedTextType(), nullable=False),
    sa.Column('section', sa.String(length=140), nullable=False),
    sa.Column('before', core.db.JsonDocument, nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('decided_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('confirmed_by', sa.Uuid(), nullable=True),
    sa.Column('confirmed_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('undone_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_dispositions_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['confirmed_by'], ['accounts.id'], name=op.f('fk_dispositions_confirmed_by_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_dispositions_proposal_id_proposals'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispositions')),
    sa.UniqueConstraint('proposal_id', 'number', name=op.f('uq_dispositions_proposal_id_number'))
    )
    with op.batch_alter_table('dispositions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dispositions_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('paragraphs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('roadmap_id', sa.Uuid(), nullable=False),
    sa.Column('chapter_id', sa.Uuid(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('text', core.db.LocalizedTextType(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('removed_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['chapter_id'], ['chapters.id'], name=op.f('fk_paragraphs_chapter_id_chapters')),
    sa.ForeignKeyConstraint(['roadmap_id'], ['roadmaps.id'], name=op.f('fk_paragraphs_roadmap_id_roadmaps')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paragraphs')),
    sa.UniqueConstraint('roadmap_id', 'code', name=op.f('uq_paragraphs_roadmap_id_code'))
    )
    with op.batch_alter_table('paragraphs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_paragraphs_chapter_id'), ['chapter_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_paragraphs_roadmap_id'), ['roadmap_id'], unique=False)

    op.create_table('proposal_points',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('proposal_id', sa.Uuid(), nullable=False),
    sa.Column('response_id', sa.Uuid(), nullable=False),
    sa.Column('question', sa.String(length=64), nullable=False),
    sa.Column('entry', sa.String(length=140), nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_proposal_points_proposal_id_proposals'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['response_id'], ['responses.id'], name=op.f('fk_proposal_points_response_id_responses'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposal_points')),
    sa.UniqueConstraint('response_id', 'question', 'entry', 'proposal_id', name=op.f('uq_proposal_points_response_id_question_entry_proposal_id'))
    )
    with op.batch_alter_table('proposal_points', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposal_points_proposal_id'), ['proposal_id'], unique=False)

    op.create_table('comments',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('paragraph_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('answers_id', sa.Uuid(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('resolved_by', sa.Uuid(), nullable=True),
    sa.Column('resolved_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_comments_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['answers_id'], ['comments.id'], name=op.f('fk_comments_answers_id_comments'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['paragraph_id'], ['paragraphs.id'], name=op.f('fk_comments_paragraph_id_paragraphs'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['resolved_by'], ['accounts.id'], name=op.f('fk_comments_resolved_by_accounts'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comments'))
    )
    with op.batch_alter_table('comments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_comments_paragraph_id'), ['paragraph_id'], unique=False)

    op.create_table('suggestions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('paragraph_id', sa.Uuid(), nullable=False),
    sa.Column('base_version', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('answer', sa.String(length=2000), nullable=False),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('decided_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_suggestions_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['decided_by'], ['accounts.id'], name=op.f('fk_suggestions_decided_by_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['paragraph_id'], ['paragraphs.id'], name=op.f('fk_suggestions_paragraph_id_paragraphs'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestions'))
    )
    with op.batch_alter_table('suggestions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestions_paragraph_id'), ['paragraph_id'], unique=False)

    op.create_table('paragraph_versions',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('paragraph_id', sa.Uuid(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', core.db.LocalizedTextType(), nullable=False),
    sa.Column('change', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.String(length=2000), nullable=False),
    sa.Column('suggestion_id', sa.Uuid(), nullable=True),
    sa.Column('proposal_id', sa.Uuid(), nullable=True),
    sa.Column('account_id', sa.Uuid(), nullable=True),
    sa.Column('written_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_paragraph_versions_account_id_accounts'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['paragraph_id'], ['paragraphs.id'], name=op.f('fk_paragraph_versions_paragraph_id_paragraphs'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['proposal_id'], ['proposals.id'], name=op.f('fk_paragraph_versions_proposal_id_proposals')),
    sa.ForeignKeyConstraint(['suggestion_id'], ['suggestions.id'], name=op.f('fk_paragraph_versions_suggestion_id_suggestions'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_paragraph_versions')),
    sa.UniqueConstraint('paragraph_id', 'number', name=op.f('uq_paragraph_versions_paragraph_id_number'))
    )
    with op.batch_alter_table('areas', schema=None) as batch_op:
        batch_op.add_column(sa.Column('parent_id', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_areas_parent_id_areas'), 'areas', ['parent_id'], ['id'])

    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('proposal_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('scenario_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_decisions_proposal_id'), ['proposal_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_decisions_scenario_id'), ['scenario_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_decisions_proposal_id_proposals'), 'proposals', ['proposal_id'], ['id'])
        batch_op.create_foreign_key(batch_op.f('fk_decisions_scenario_id_scenarios'), 'scenarios', ['scenario_id'], ['id'])

    with op.batch_alter_table('dependencies', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rationale', core.db.LocalizedTextType(), nullable=False, server_default='{"fallback": "", "texts": {}}'))
        batch_op.add_column(sa.Column('ruling', sa.String(length=10), nullable=False, server_default=''))

    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('withdrawn_at', core.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('withdrawal_reason', sa.String(length=2000), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('withdrawn_by', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_editions_withdrawn_by_accounts'), 'accounts', ['withdrawn_by'], ['id'], ondelete='SET NULL')

    with op.batch_alter_table('milestones', schema=None) as batch_op:
        batch_op.add_column(sa.Column('optimistic_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('likely_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('pessimistic_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('fixed_start', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('finish_by', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('stage', sa.String(length=20), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('kpis', core.db.JsonDocument, nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('budget', core.db.JsonDocument, nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('participants', core.db.JsonDocument, nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('themes', core.db.JsonDocument, nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('links', core.db.JsonDocument, nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('standards', core.db.JsonDocument, nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('spectrum', core.db.JsonDocument, nullable=False, server_default='[]'))



def downgrade() -> None:
    with op.batch_alter_table('milestones', schema=None) as batch_op:
        batch_op.drop_column('spectrum')
        batch_op.drop_column('standards')
        batch_op.drop_column('links')
        batch_op.drop_column('themes')
        batch_op.drop_column('participants')
        batch_op.drop_column('budget')
        batch_op.drop_column('kpis')
        batch_op.drop_column('stage')
        batch_op.drop_column('finish_by')
        batch_op.drop_column('fixed_start')
        batch_op.drop_column('pessimistic_days')
        batch_op.drop_column('likely_days')
        batch_op.drop_column('optimistic_days')

    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_editions_withdrawn_by_accounts'), type_='foreignkey')
        batch_op.drop_column('withdrawn_by')
        batch_op.drop_column('withdrawal_reason')
        batch_op.drop_column('withdrawn_at')

    with op.batch_alter_table('dependencies', schema=None) as batch_op:
        batch_op.drop_column('ruling')
        batch_op.drop_column('rationale')

    with op.batch_alter_table('decisions', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_decisions_scenario_id_scenarios'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('fk_decisions_proposal_id_proposals'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_decisions_scenario_id'))
        batch_op.drop_index(batch_op.f('ix_decisions_proposal_id'))
        batch_op.drop_column('scenario_id')
        batch_op.drop_column('proposal_id')

    with op.batch_alter_table('areas', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_areas_parent_id_areas'), type_='foreignkey')
        batch_op.drop_column('parent_id')

    op.drop_table('paragraph_versions')
    with op.batch_alter_table('suggestions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_suggestions_paragraph_id'))

    op.drop_table('suggestions')
    with op.batch_alter_table('comments', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_comments_paragraph_id'))

    op.drop_table('comments')
    with op.batch_alter_table('proposal_points', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposal_points_proposal_id'))

    op.drop_table('proposal_points')
    with op.batch_alter_table('paragraphs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_paragraphs_roadmap_id'))
        batch_op.drop_index(batch_op.f('ix_paragraphs_chapter_id'))

    op.drop_table('paragraphs')
    with op.batch_alter_table('dispositions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dispositions_proposal_id'))

    op.drop_table('dispositions')
    with op.batch_alter_table('chapters', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_chapters_roadmap_id'))

    op.drop_table('chapters')
    op.drop_table('approvals')
    with op.batch_alter_table('scenarios', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_scenarios_roadmap_id'))

    op.drop_table('scenarios')
    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposals_state'))
        batch_op.drop_index(batch_op.f('ix_proposals_split_from_id'))
        batch_op.drop_index(batch_op.f('ix_proposals_roadmap_id'))
        batch_op.drop_index(batch_op.f('ix_proposals_merged_into_id'))

    op.drop_table('proposals')
    with op.batch_alter_table('notices', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_notices_account_id'))

    op.drop_table('notices')
    with op.batch_alter_table('evidence_rules', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_evidence_rules_roadmap_id'))

    op.drop_table('evidence_rules')
    op.drop_table('hand_edits')
    op.drop_table('computations')
    with op.batch_alter_table('candidates', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_candidates_roadmap_id'))

    op.drop_table('candidates')
