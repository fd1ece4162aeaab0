"""Arrays that wait: in memory while there is room, else in a file that nobody sees and that goes with its process."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO

import numpy as np

from broadsheet.repeats.digests import Hashes, own_pages


@dataclass(slots=True)
class Slot:
    """Where an array waits."""

    held: Hashes | None
    at: int
    n: int


class Shelf:
    """Takes arrays from several threads at once; holds `room_bytes` of them at most."""

    def __init__(self, room_bytes: int, folder: Path | None) -> None:
        self._room, self._folder = room_bytes, folder
        self._file: IO[bytes] | None = None
        self._end = 0
        self._lock = Lock()

    def put(self, array: Hashes) -> Slot:
        """Keeps an array, which is the shelf's from here on."""
        with self._lock:
            self._room -= array.nbytes
            if self._room >= 0:
                return Slot(array, 0, len(array))
            self._room += array.nbytes
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 - closed by `clear`
            at, self._end = self._end, self._end + array.nbytes
        slot = Slot(None, at, len(array))
        self._write(slot, array)
        return slot

    def get(self, slot: Slot) -> Hashes:
        """An array, which the caller may change if it puts it `back`."""
        if slot.held is not None:
            return slot.held
        array = np.empty(slot.n, np.uint64)
        left, at = array.view(np.uint8).data, slot.at
        while left:
            n = os.preadv(self._descriptor, [left], at)
            if not n:
                raise OSError(f"a temporary file in {self._folder or tempfile.gettempdir()} lost its end")
            left, at = left[n:], at + n
        return array

    def back(self, slot: Slot, array: Hashes) -> None:
        """Keeps what is left of an array, at most as much as there was; in memory, if there is room by now."""
        slot.n = len(array)
        with self._lock:
            self._room += slot.held.nbytes if slot.held is not None else 0
            fits = self._room >= array.nbytes
            self._room -= array.nbytes if fits else 0
        if not fits:
            self._write(slot, array)
            return
        held = own_pages(len(array))
        held[:] = array
        slot.held = held

    @property
    def room_bytes(self) -> int:
        """What could be held beside what is."""
        return self._room

    def clear(self) -> None:
        """Gives the file's room back."""
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def _descriptor(self) -> int:
        assert self._file is not None, "what is not held was written"
        return self._file.fileno()

    def _write(self, slot: Slot, array: Hashes) -> None:
        left, at = np.ascontiguousarray(array).view(np.uint8).data, slot.at
        while left:
            n = os.pwrite(self._descriptor, left, at)
            left, at = left[n:], at + n
