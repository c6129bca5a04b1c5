"""what people wrote is sealed; what is deleted leaves a stone; receipts"""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from alembic import op
import sqlalchemy as sa

from bot.cases import keys
from bot.cases.keyring import is_sealed
from bot.cases.sealed import keyring_of, opened, seal

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

SEALED = {
    'conversation': ('address', 'state'),
    'inbox': ('message',),
    'outbox': ('reply',),
    'transcript': ('text', 'buttons', 'entities'),
    'report_case': ('facts', 'assessment'),
    'history': ('detail',),
    'followup': ('content', 'record'),
    'related_case': ('why',),
    'staff': ('code_secret',),
    'audit': ('detail',),
    'transfer': ('why', 'answer'),
    'review': ('entities',),
}
KEYS = {'related_case': ('first_id', 'second_id')}


def upgrade() -> None:
    op.create_table('sealing_key',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('wrapped', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(), nullable=False),
    sa.Column('retired_at', sa.DateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('tombstone',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('case_no', sa.String(length=20), nullable=True),
    sa.Column('began_at', sa.DateTime(), nullable=True),
    sa.Column('submitted_at', sa.DateTime(), nullable=True),
    sa.Column('ended_at', sa.DateTime(), nullable=True),
    sa.Column('level', sa.String(length=10), nullable=True),
    sa.Column('region', sa.String(length=6), nullable=True),
    sa.Column('what', sa.String(length=400), nullable=False),
    sa.Column('why', sa.String(length=10), nullable=False),
    sa.Column('deleted_at', sa.DateTime(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('tombstone_of_case', 'tombstone', ['case_no'])
    op.create_index('tombstone_by_day', 'tombstone', ['deleted_at'])
    op.create_table('deletion',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=12), nullable=False),
    sa.Column('due_at', sa.DateTime(), nullable=False),
    sa.Column('told_at', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['case_id'], ['report_case.id'], ),
    sa.PrimaryKeyConstraint('case_id', 'kind')
    )
    op.create_index('deletion_due', 'deletion', ['due_at'])
    op.create_table('erasure',
    sa.Column('conversation_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('asked_at', sa.DateTime(), nullable=False),
    sa.Column('gone_by', sa.DateTime(), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    op.create_index('erasure_due', 'erasure', ['gone_by'])
    op.create_table('receipt',
    sa.Column('case_id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['case_id'], ['report_case.id'], ),
    sa.PrimaryKeyConstraint('case_id')
    )
    op.create_table('receipt_try',
    sa.Column('conversation_id', sa.Integer(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    connection = op.get_bind()
    keyring = keyring_of(connection.dialect)
    keys.write(connection, keyring.first(datetime.now(timezone.utc)))
    keyring.take(keys.held(connection))
    change_all(connection, lambda place, held: held if is_sealed(held) else seal(keyring, place, json.loads(held)))


def downgrade() -> None:
    """What was sealed is plain again: the program before knows nothing else."""
    connection = op.get_bind()
    keyring = keyring_of(connection.dialect)
    keyring.take(keys.held(connection))
    change_all(connection, lambda place, held: json.dumps(opened(keyring, place, held)))
    for table in ('receipt_try', 'receipt', 'erasure', 'deletion', 'tombstone', 'sealing_key'):
        op.drop_table(table)


def change_all(connection: Any, change: Callable[[str, str], str]) -> None:
    """Change every value of every sealed column, a batch at a time, in the transaction of the migration."""
    for table, names in SEALED.items():
        key_names = KEYS.get(table, ('id',))
        held = sa.table(table, *(sa.column(name) for name in (*key_names, *names)))
        key = [held.c[name] for name in key_names]
        after = None
        while True:
            query = sa.select(held).order_by(*key).limit(500)
            if after is not None:
                query = query.where(sa.tuple_(*key) > sa.tuple_(*after))
            rows = connection.execute(query).all()
            if not rows:
                break
            for row in rows:
                found = {name: getattr(row, name) for name in names if getattr(row, name) is not None}
                values = {name: change(f'{table}.{name}', value) for name, value in found.items()}
                if values:
                    here = (each == getattr(row, each.name) for each in key)
                    connection.execute(sa.update(held).where(*here).values(values))
            after = [getattr(rows[-1], name) for name in key_names]
