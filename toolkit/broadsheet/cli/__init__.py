"""The command line: parse, call one function of the library, print."""

from broadsheet.cli.main import main

__all__ = ["main"]
