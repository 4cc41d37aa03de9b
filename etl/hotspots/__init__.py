"""Where things cluster: from a planner's question over the public read model to an answer, and to files of it.

`question` → `events` → `study` → `methods` → `run` → `files`, `picture`, `reading`.
"""

from etl.hotspots.answer import Answer
from etl.hotspots.question import BadQuestion, Question
from etl.hotspots.run import run

__all__ = ["Answer", "BadQuestion", "Question", "run"]
