"""Where things cluster: from a planner's question over the public read model to an answer, and to files of it.

`question` → `events` → `study` → `methods` → `run` → `files`, `picture`, `reading`.

`run` and what writes files are imported where they are called: numba, scipy's statistics and GDAL are 140 MB that no
other command or process needs.
"""

from etl.hotspots.answer import Answer
from etl.hotspots.question import BadQuestion, Question

__all__ = ["Answer", "BadQuestion", "Question"]
