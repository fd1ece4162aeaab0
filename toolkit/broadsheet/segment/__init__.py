"""Segmentation: a page's text as segments that tile it, each with a role."""

from broadsheet.segment.language import detect
from broadsheet.segment.model import SEGMENTER, Part, Segment
from broadsheet.segment.parts import segment_text

__all__ = ["SEGMENTER", "Part", "Segment", "detect", "segment_text"]
