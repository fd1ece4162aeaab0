"""Signals that end a command: Ctrl-C, SIGTERM and SIGHUP end it alike, and what is half written goes on the way out."""

import signal
import sys
from types import FrameType
from typing import Final, NoReturn

_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_received: list[int] = []


def listen() -> None:
    """Lets these signals end what runs from here on, but for one that whoever started this told it to ignore."""
    _received.clear()
    for number in _ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _receive)


def heed() -> None:
    """Ends the command where a signal came and what it raised was lost, as it is in a destructor of some library."""
    if _received:
        _end(_received[-1])


def _receive(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    _end(number)


def _end(number: int) -> NoReturn:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)
