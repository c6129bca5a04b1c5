"""the console"""

from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.Column('actor', sa.String(length=40), nullable=False),
    sa.Column('action', sa.String(length=24), nullable=False),
    sa.Column('case_no', sa.String(length=20), nullable=True),
    sa.Column('detail', sa.Text(), nullable=True),
    sa.Column('seal', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('audit_of_actor', ['actor', 'id'], unique=False)
        batch_op.create_index('audit_of_action', ['action', 'id'], unique=False)
        batch_op.create_index('audit_by_time', ['at', 'id'], unique=False)
        batch_op.create_index('audit_of_case', ['case_no', 'id'], unique=False)

    op.create_table('audit_head',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('seal', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('region', sa.String(length=6), nullable=False),
    sa.Column('unit', sa.String(length=24), nullable=True),
    sa.Column('language', sa.String(length=12), nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('code_secret', sa.Text(), nullable=False),
    sa.Column('last_step', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('name')
    )
    op.create_table('staff_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(), nullable=False),
    sa.Column('seen_at', sa.DateTime(), nullable=False),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('token_hash')
    )
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_session_staff_id'), ['staff_id'], unique=False)

    op.create_table('seen',
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['report_case.id'], ),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], ),
    sa.PrimaryKeyConstraint('staff_id', 'case_id')
    )
    op.create_table('transfer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('asked_by', sa.String(length=40), nullable=False),
    sa.Column('from_unit', sa.String(length=24), nullable=True),
    sa.Column('from_worker', sa.String(length=40), nullable=True),
    sa.Column('from_status', sa.String(length=12), nullable=False),
    sa.Column('to_unit', sa.String(length=24), nullable=True),
    sa.Column('to_worker', sa.String(length=40), nullable=True),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('answer_by', sa.DateTime(), nullable=False),
    sa.Column('answered_at', sa.DateTime(), nullable=True),
    sa.Column('answered_by', sa.String(length=40), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['report_case.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('transfer', schema=None) as batch_op:
        batch_op.create_index('transfer_of_case', ['case_id', 'id'], unique=False)
        batch_op.create_index('transfer_open', ['state', 'answer_by'], unique=False)

    op.create_table('word_mark',
    sa.Column('mark', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('case_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['report_case.id'], ),
    sa.PrimaryKeyConstraint('mark', 'case_id'),
    sqlite_with_rowid=False
    )
    op.create_index('word_mark_case', 'word_mark', ['case_id'])
    op.create_table('review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('transcript_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('intent', sa.String(length=40), nullable=True),
    sa.Column('entities', sa.Text(), nullable=True),
    sa.Column('by', sa.String(length=40), nullable=False),
    sa.Column('at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['transcript_id'], ['transcript.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('transcript_id')
    )
    op.add_column('conversation', sa.Column('held_by', sa.String(length=40), nullable=True))
    op.add_column('conversation', sa.Column('held_at', sa.DateTime(), nullable=True))
    op.add_column('outbox', sa.Column('transcript_id', sa.Integer(), nullable=True))
    op.add_column('transcript', sa.Column('author', sa.String(length=40), nullable=True))
    op.add_column('transcript', sa.Column('doubt', sa.String(length=10), nullable=True))
    op.create_index('transcript_doubt', 'transcript', ['doubt', 'id'])
    op.add_column('report_case', sa.Column('urgency', sa.Integer(), nullable=True))
    op.add_column('report_case', sa.Column('waits_until', sa.DateTime(), nullable=True))
    op.add_column('report_case', sa.Column('assigned', sa.String(length=40), nullable=True))
    op.add_column('report_case', sa.Column('first_look_at', sa.DateTime(), nullable=True))
    op.add_column('report_case', sa.Column('ended_at', sa.DateTime(), nullable=True))
    op.add_column('report_case', sa.Column('outcome', sa.String(length=24), nullable=True))
    op.add_column('report_case', sa.Column('duplicate_of', sa.Integer(), nullable=True))
    op.add_column('report_case', sa.Column('version', sa.Integer(), server_default='0', nullable=False))
    op.create_index('case_by_arrival', 'report_case', ['created_at'])
    op.create_index('case_of_worker', 'report_case', ['assigned', 'urgency'])
    is_open = sa.text('urgency IS NOT NULL')
    op.create_index('case_open_of_region', 'report_case', ['region', 'urgency', 'waits_until', 'id'],
        postgresql_where=is_open, sqlite_where=is_open)
    op.create_index('case_ended', 'report_case', ['status', 'ended_at', 'id'])
    op.create_index('conversation_held', 'conversation', ['held_by'])
    op.create_index('conversation_attention', 'conversation', ['attention', 'updated_at'])
    op.create_index('case_standing', 'report_case', ['urgency', 'waits_until', 'id'])
    op.execute("""
        UPDATE report_case SET
            urgency = CASE level WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 END,
            waits_until = CASE WHEN status IN ('draft', 'new') THEN due_at ELSE (
                SELECT min(due_at) FROM followup WHERE case_id = report_case.id AND state = 'planned') END
        WHERE status NOT IN ('withdrawn', 'closed', 'duplicate')
    """)
    op.execute("UPDATE report_case SET ended_at = updated_at WHERE status IN ('withdrawn', 'closed', 'duplicate')")


def downgrade() -> None:
    for index, table in (
        ('case_standing', 'report_case'),
        ('case_of_worker', 'report_case'),
        ('case_by_arrival', 'report_case'),
        ('case_ended', 'report_case'),
        ('case_open_of_region', 'report_case'),
        ('conversation_attention', 'conversation'),
        ('conversation_held', 'conversation'),
        ('transcript_doubt', 'transcript'),
    ):
        op.drop_index(index, table_name=table)
    # plain SQL: a batch would make the tables anew and lose what refers to them
    for table, columns in (
        ('report_case', ('version', 'duplicate_of', 'outcome', 'ended_at', 'first_look_at', 'assigned', 'waits_until', 'urgency')),
        ('transcript', ('doubt', 'author')),
        ('outbox', ('transcript_id',)),
        ('conversation', ('held_at', 'held_by')),
    ):
        for column in columns:
            op.execute(f'ALTER TABLE {table} DROP COLUMN {column}')

    op.drop_table('review')
    op.drop_index('word_mark_case', table_name='word_mark')
    op.drop_table('word_mark')
    with op.batch_alter_table('transfer', schema=None) as batch_op:
        batch_op.drop_index('transfer_open')
        batch_op.drop_index('transfer_of_case')

    op.drop_table('transfer')
    op.drop_table('seen')
    with op.batch_alter_table('staff_session', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_staff_session_staff_id'))

    op.drop_table('staff_session')
    op.drop_table('staff')
    op.drop_table('audit_head')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('audit_of_case')
        batch_op.drop_index('audit_of_actor')
        batch_op.drop_index('audit_of_action')
        batch_op.drop_index('audit_by_time')

    op.drop_table('audit')
