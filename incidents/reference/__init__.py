"""Fields, categories, units, responsibilities and deadlines: editable files, their loader, and the copy that answers.

The files of this folder are what an operator edits; `load_reference` puts them into the database, `current` reads
them back for everybody else. docs/reference-data.md says what each column means.
"""

from incidents.reference.errors import BadLine, BadReference, NotLoaded, ReferenceError
from incidents.reference.loader import load_reference, without_contact
from incidents.reference.memory import current, current_with_areas
from incidents.reference.values import Category, DeadlineRule, Field, Reference, Rule, Suggestion, Tier, Unit

__all__ = [
    "BadLine",
    "BadReference",
    "Category",
    "DeadlineRule",
    "Field",
    "NotLoaded",
    "Reference",
    "ReferenceError",
    "Rule",
    "Suggestion",
    "Tier",
    "Unit",
    "current",
    "current_with_areas",
    "load_reference",
    "without_contact",
]
