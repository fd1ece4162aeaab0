"""Broadsheet: from scraped web pages to a dataset release that others can load, check and cite."""

__version__ = "0.1.0"
