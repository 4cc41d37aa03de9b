"""An imported row without an external id is known again by what it says, also by two imports at once.

Revision ID: 0004
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index."""
    op.execute(
        "CREATE UNIQUE INDEX IF NOT EXISTS report_content ON report (content_hash) "
        "WHERE external_id IS NULL AND content_hash IS NOT NULL"
    )


def downgrade() -> None:
    """Going back is restoring a backup."""
    raise RuntimeError("restore a backup instead")
