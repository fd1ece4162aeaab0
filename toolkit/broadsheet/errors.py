"""The errors that callers may catch: one class per thing that the caller should do next."""


class BroadsheetError(Exception):
    """Base of all errors that Broadsheet raises on purpose; a bug is never one of them."""


class CallError(BroadsheetError, ValueError):
    """Fix the call: an option, a configuration or a schema is wrong."""


class InputError(BroadsheetError, OSError):
    """Fix or drop an input: a file cannot be read, or nothing in it can be used."""


class ReleaseError(BroadsheetError, RuntimeError):
    """Nothing was published: the release exists with other content, is damaged, or cannot be written."""
