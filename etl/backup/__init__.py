"""A site in one file and back: database, attachments, the record's head.

The file is a plain tar: what is large in it is compressed already. People stay encrypted as they are in the database,
and what people wrote and nobody released is encrypted beside them with the same key, which is not in the file unless
asked for (docs/decisions: "The backup's people are encrypted").
"""

from etl.backup.create import Summary, create
from etl.backup.restore import Restored, restore

__all__ = ["Restored", "Summary", "create", "restore"]
