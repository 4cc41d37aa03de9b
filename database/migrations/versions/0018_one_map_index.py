"""One spatial index a public table, and none on a copy that nobody looks up.

Revision ID: 0018
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from database.migrate import run_script

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file of the same name."""
    run_script(op.get_bind(), Path(__file__).with_suffix(".sql"))


def downgrade() -> None:
    """Going back is restoring a backup."""
    raise RuntimeError("restore a backup instead")
