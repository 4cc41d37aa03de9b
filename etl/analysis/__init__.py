"""The planner's analyses as jobs: what was asked, its row, the process that answers, what is kept of the answer.

`asked` (a question, or two to compare) → `rows` (the job) → `process` (a child of the worker) → `summary`, `kept`.

`process` is imported where it is run: numba, scipy's statistics and GDAL are 140 MB that no web process needs.
"""

from etl.analysis.asked import Asked, known

__all__ = ["Asked", "known"]
