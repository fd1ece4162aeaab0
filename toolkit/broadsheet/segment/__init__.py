"""Segmentation: a page's text as segments that tile it, each with a role."""

from broadsheet.segment.language import detect
from broadsheet.segment.model import SEGMENTER, Part, Segment
from broadsheet.segment.pages import segment_pages, segment_text
from broadsheet.segment.tree import Page

__all__ = ["SEGMENTER", "Page", "Part", "Segment", "detect", "segment_pages", "segment_text"]
