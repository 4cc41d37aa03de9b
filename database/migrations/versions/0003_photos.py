"""Photos are looked up by their hash: to show one, and to find files that no report names.

Revision ID: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One index."""
    op.execute("CREATE INDEX photo_sha256 ON photo (sha256)")


def downgrade() -> None:
    """Going back is restoring a backup."""
    raise RuntimeError("restore a backup instead")
