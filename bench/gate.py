"""Scores segmentation against truth and pinned floors: `make gate`.

The example site is always scored; the labelled real pages only where they lie beside the repository.
"""
