"""what is looked for again and again is found by an index, however much there is beside it"""

from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

INDEXES = (
    ('inbox_open', 'inbox', ['conversation_id', 'id'], 'done_at IS NULL'),
    ('outbox_open', 'outbox', ['conversation_id', 'id'], 'sent_at IS NULL'),
    ('outbox_of_conversation', 'outbox', ['conversation_id', 'id'], None),
    ('outbox_of_line', 'outbox', ['transcript_id'], 'transcript_id IS NOT NULL'),
    ('outbox_shown', 'outbox', ['sent_at'], 'transcript_id IS NOT NULL'),
    ('transcript_doubt', 'transcript', ['id'], 'doubt IS NOT NULL'),
    ('transcript_worded', 'transcript', ['at', 'doubt', 'case_id'], "sender = 'reporter' AND (confidence < 1.0 OR doubt IS NOT NULL)"),
    ('transcript_of_message', 'transcript', ['inbox_id'], 'inbox_id IS NOT NULL'),
    ('transcript_revised', 'transcript', ['revises_id'], 'revises_id IS NOT NULL'),
    ('case_of_status', 'report_case', ['status', 'updated_at'], None),
    ('case_open_of_region', 'report_case', ['region', 'urgency', 'waits_until', 'id', 'status'], 'urgency IS NOT NULL'),
    ('case_worsens', 'report_case', ['worsens_at'], 'urgency IS NOT NULL'),
    ('case_duplicates', 'report_case', ['duplicate_of'], 'duplicate_of IS NOT NULL'),
    ('followup_due', 'followup', ['kind', 'due_at'], "state = 'planned'"),
    ('ix_seen_case_id', 'seen', ['case_id'], None),
)
BEFORE = (
    ('transcript_doubt', 'transcript', ['doubt', 'id'], None),
    ('inbox_open', 'inbox', ['done_at', 'conversation_id', 'id'], None),
    ('outbox_open', 'outbox', ['sent_at', 'failed', 'conversation_id', 'id'], None),
    ('case_queue', 'report_case', ['status', 'due_at'], None),
    ('case_open_of_region', 'report_case', ['region', 'urgency', 'waits_until', 'id'], 'urgency IS NOT NULL'),
)


def upgrade() -> None:
    drop(BEFORE)
    op.add_column('report_case', sa.Column('worsens_at', sa.DateTime(), nullable=True))
    # when that is, the next look finds out
    op.execute('UPDATE report_case SET worsens_at = created_at WHERE urgency IS NOT NULL')
    create(INDEXES)


def downgrade() -> None:
    drop(INDEXES)
    op.drop_column('report_case', 'worsens_at')
    create(BEFORE)


def create(indexes: tuple[tuple[str, str, list[str], str | None], ...]) -> None:
    for name, table, columns, where in indexes:
        only = sa.text(where) if where else None
        op.create_index(name, table, columns, postgresql_where=only, sqlite_where=only)


def drop(indexes: tuple[tuple[str, str, list[str], str | None], ...]) -> None:
    for name, table, *_ in indexes:
        op.drop_index(name, table_name=table)
