"""A report costs the database less: cheaper functions, no index that nobody asks.

Revision ID: 0016
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from database.migrate import run_script

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    """Going back is restoring a backup."""
    raise RuntimeError("restore a backup instead")
