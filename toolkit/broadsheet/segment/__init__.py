"""Segmentation: a page's text as segments that tile it, each with a role."""

from broadsheet.segment.language import detect
from broadsheet.segment.model import SEGMENTER, Part, Segment
from broadsheet.segment.page import Page
from broadsheet.segment.pages import segment_pages, segment_text

__all__ = ["SEGMENTER", "Page", "Part", "Segment", "detect", "segment_pages", "segment_text"]
