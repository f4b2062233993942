"""Alembic's entry: runs the revisions on the connection that `engine.migrate` opened, in one transaction."""

from alembic import context
from sqlalchemy import Connection

from relay_server.engine.schema import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
