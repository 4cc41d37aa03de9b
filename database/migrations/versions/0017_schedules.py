"""Analyses that run every month, what was hot in each run, and who is told what is new.

Revision ID: 0017
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from database.migrate import run_script

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    """Going back is restoring a backup."""
    raise RuntimeError("restore a backup instead")
