"""How far a command is: what is done of what, at which rate, and how long the rest takes where that can be known."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import click

WIDTH: Final = 10
PAUSE_S: Final = 10.0
"""Seconds between two lines where progress is no terminal's, such as in a log."""
SETTLED_S: Final = 1.0
"""Seconds after which a rate is believed."""


@dataclass(slots=True)
class _Step:
    """A row of tasks: when it was first heard of, and what was done by then, as what an interrupted build left is."""

    stage: str
    total: int
    unit: str
    began: float
    done_before: int
    done: int = 0


class Progress:
    """Writes to standard error how far each step is.

    A rate counts from the first that is heard of a step, so that neither what was done before nor the wait for the
    first worker is in it. Time left is told only once there is a rate, and of the step at hand: later ones are
    unknown. A single task tells nothing until it is done, and so its end cannot be foretold.
    """

    def __init__(self, *, terminal: bool, clock: Callable[[], float] = time.monotonic) -> None:
        """On a terminal one line is written over; else lines follow each other, `PAUSE_S` apart."""
        self._terminal, self._clock = terminal, clock
        self._step: _Step | None = None
        self._told_at: float | None = None

    def __call__(self, event: Any) -> None:
        """Takes an event of a stage that is running (`broadsheet.build.Event`)."""
        now = self._clock()
        step = self._step
        same = step and (step.stage, step.total, step.unit) == (event.stage, event.total, event.unit)
        if step is None or not same or event.done <= step.done:
            step = self._step = _Step(event.stage, event.total, event.unit, now, event.done)
        step.done = event.done
        if self._terminal:
            click.echo(f"\r\033[K{_line(step, now)}", nl=False, err=True)
        elif self._told_at is None or now - self._told_at >= PAUSE_S:
            self._told_at = now
            click.echo(_line(step, now), err=True)

    def clear(self) -> None:
        """Makes room for what is printed next."""
        if self._terminal:
            click.echo("\r\033[K", nl=False, err=True)


def _line(step: _Step, now: float) -> str:
    is_bytes = step.unit == "bytes"
    if step.total == 1 and not is_bytes:
        text = "1 task" if step.done else "1 task, whose end is not known before"
    elif is_bytes:
        text = f"{step.done / 1e6:,.0f} of {step.total / 1e6:,.0f} MB"
    else:
        text = f"{step.done:,} of {step.total:,} tasks"
    elapsed, new = now - step.began, step.done - step.done_before
    if elapsed >= SETTLED_S and new > 0 and step.done < step.total:
        rate = new / elapsed
        text += f"   {_rate(rate, is_bytes)}   {_duration((step.total - step.done) / rate)} left"
    return f"{step.stage:<{WIDTH}}{text}"


def _rate(a_second: float, is_bytes: bool) -> str:
    """The rate, by the second or, where that is little, by the minute.

    >>> _rate(4_200_000, True), _rate(12.5, False), _rate(0.2, False)
    ('4.2 MB/s', '12.5 tasks/s', '12.0 tasks/min')
    """
    if is_bytes:
        return f"{a_second / 1e6:,.1f} MB/s"
    return f"{a_second:,.1f} tasks/s" if a_second >= 1 else f"{60 * a_second:,.1f} tasks/min"


def _duration(seconds: float) -> str:
    """Hours, minutes and seconds, rounded up.

    >>> _duration(4.2), _duration(61), _duration(3 * 3600 + 5)
    ('0:05', '1:01', '3:00:05')
    """
    whole = -int(-seconds // 1)
    minutes, seconds_ = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds_:02}" if hours else f"{minutes}:{seconds_:02}"
