"""what a person sent lately is counted in the inbox"""

from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('inbox_of_conversation', 'inbox', ['conversation_id', 'received_at'], unique=False)


def downgrade() -> None:
    op.drop_index('inbox_of_conversation', table_name='inbox')
