"""The first schema: every table that later work hangs on.

Revision ID: 0001
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from database.migrate import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    """There is nothing before the first schema; going back is restoring a backup."""
    raise RuntimeError("restore a backup instead")
