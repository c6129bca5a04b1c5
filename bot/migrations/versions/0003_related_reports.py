"""related reports"""

from alembic import op
import sqlalchemy as sa

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('trace',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['report_case.id'], ),
    sa.PrimaryKeyConstraint('case_id', 'mark')
    )
    with op.batch_alter_table('trace', schema=None) as batch_op:
        batch_op.create_index('trace_mark', ['mark'], unique=False)

    op.create_table('related_case',
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('second_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('strength', sa.String(length=10), nullable=False),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('suggested_at', sa.DateTime(), nullable=False),
    sa.Column('decided_at', sa.DateTime(), nullable=True),
    sa.Column('decided_by', sa.String(length=40), nullable=True),
    sa.ForeignKeyConstraint(['first_id'], ['report_case.id'], ),
    sa.ForeignKeyConstraint(['second_id'], ['report_case.id'], ),
    sa.PrimaryKeyConstraint('first_id', 'second_id')
    )
    with op.batch_alter_table('related_case', schema=None) as batch_op:
        batch_op.create_index('related_second', ['second_id'], unique=False)

    op.create_index('case_of_region', 'report_case', ['region', 'submitted_at'], unique=False)


def downgrade() -> None:
    op.drop_index('case_of_region', table_name='report_case')
    with op.batch_alter_table('related_case', schema=None) as batch_op:
        batch_op.drop_index('related_second')

    op.drop_table('related_case')
    with op.batch_alter_table('trace', schema=None) as batch_op:
        batch_op.drop_index('trace_mark')

    op.drop_table('trace')
