"""Repeats: which texts repeat which, which fold, which make one story. Exact, in memory."""

from broadsheet.repeats.fold import RULE, FoldedTable, fold, fold_table, over_threshold
from broadsheet.repeats.guard import guard
from broadsheet.repeats.join import Joined, join
from broadsheet.repeats.names import changed_names
from broadsheet.repeats.parents import parents_of
from broadsheet.repeats.records import Folded, Item, Pair
from broadsheet.repeats.relate import SHORT_WORDS, length_class, relation, shingles
from broadsheet.repeats.task import best_of
from broadsheet.repeats.texts import guard_records

__all__ = [
    "RULE",
    "SHORT_WORDS",
    "Folded",
    "FoldedTable",
    "Item",
    "Joined",
    "Pair",
    "best_of",
    "changed_names",
    "fold",
    "fold_table",
    "guard",
    "guard_records",
    "join",
    "length_class",
    "over_threshold",
    "parents_of",
    "relation",
    "shingles",
]
