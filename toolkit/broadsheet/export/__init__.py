"""Export: from decided rows to the tables of a release, in every format the same rows."""

from broadsheet.export.arrow import write_arrow
from broadsheet.export.assemble import assemble_pages, assemble_records, table_names
from broadsheet.export.quarantine import REJECTED, read_quarantine, write_rejections
from broadsheet.export.shards import write_shard
from broadsheet.export.tables import FORMATS, lines_there, parts, stated, write_part, write_table

__all__ = [
    "FORMATS",
    "REJECTED",
    "assemble_pages",
    "assemble_records",
    "lines_there",
    "parts",
    "read_quarantine",
    "stated",
    "table_names",
    "write_arrow",
    "write_part",
    "write_rejections",
    "write_shard",
    "write_table",
]
