"""${message}

Revision ID: ${up_revision}
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from database.migrate import run_script

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))
