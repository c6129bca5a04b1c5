"""Alembic's environment: runs the migrations on the engine that the program hands over."""

from alembic import context

from bot.cases.staff_tables import Base

engine = context.config.attributes["engine"].execution_options(writes=True)
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
