"""Reading: from files to page batches. A bad file or line is reported by name and never stops the others."""

from broadsheet.read.decode import encode
from broadsheet.read.files import Input, Plan, plan
from broadsheet.read.task import merge_pages, read_slice

__all__ = ["Input", "Plan", "encode", "merge_pages", "plan", "read_slice"]
