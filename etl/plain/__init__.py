"""Plain questions, answered without statistics: repeat addresses, time to close, before and after a date.

`question` (what is asked besides what, when, where) → `rows` (incidents as arrays) → `repeats`, `closing`, `change` →
`answer` → `reading`, `page` (what the workbench shows), `kept`, `files`, `picture`, `webpage`.
"""

from etl.plain.question import KINDS, Plain

__all__ = ["KINDS", "Plain"]
