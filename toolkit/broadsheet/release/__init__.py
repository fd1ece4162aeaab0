"""Releases: sealed, published whole or not at all, and checkable by anybody."""
