"""Reading: from files to page batches. A bad file, record or byte is reported by place and never stops the others."""

from broadsheet.read.decode import encode, is_one_to_one
from broadsheet.read.files import SLICE_BYTES, Input, Plan, below, listed, plan
from broadsheet.read.formats import RECORD_FORMATS
from broadsheet.read.found import Rejected
from broadsheet.read.html import RENDERER
from broadsheet.read.pages import html_parser, text_of
from broadsheet.read.records import Fields, read_record
from broadsheet.read.reports import damage, file_reports, lines_before, merged, passed_over, renumbered
from broadsheet.read.settings import Reading
from broadsheet.read.sink import KNOWN
from broadsheet.read.storage import public
from broadsheet.read.task import MAX_NAMED, is_unchanged, merge_pages, read_slice, report, sha256_of

__all__ = [
    "KNOWN",
    "MAX_NAMED",
    "RECORD_FORMATS",
    "RENDERER",
    "SLICE_BYTES",
    "Fields",
    "Input",
    "Plan",
    "Reading",
    "Rejected",
    "below",
    "damage",
    "encode",
    "file_reports",
    "html_parser",
    "is_one_to_one",
    "is_unchanged",
    "lines_before",
    "listed",
    "merge_pages",
    "merged",
    "passed_over",
    "plan",
    "public",
    "read_record",
    "read_slice",
    "renumbered",
    "report",
    "sha256_of",
    "text_of",
]
