"""Expiries at the end of a period, in UTC.

All URLs of one picture in one period are the same URL, so caches can keep it. A URL made late in its period lives shortly; a
key's grace period covers the moment between making and loading it.
"""

import datetime
import time
from typing import Optional

from .checks import MAX_SECONDS, seconds

_DAY = 24 * 60
_MAX_MINUTES = 100 * 366 * _DAY


def end_of_month(now: Optional[int] = None) -> int:
    """The last second of the month. ``now`` is Unix seconds; the clock's where it is left out."""
    epoch = datetime.datetime(1970, 1, 1)
    date = epoch + datetime.timedelta(seconds=_moment(now))
    begin = epoch.replace(year=date.year + date.month // 12, month=date.month % 12 + 1)
    return min((begin - epoch) // datetime.timedelta(seconds=1) - 1, MAX_SECONDS)


def end_of_day(now: Optional[int] = None) -> int:
    """The last second of the day."""
    return every(_DAY, now)


def every(minutes: int, now: Optional[int] = None) -> int:
    """The last second of the period of so many minutes. Periods are counted from the first second of 1970."""
    advice = "minutes must be a whole number, 1 or more, such as 15 for a quarter of an hour."
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        raise TypeError(advice)
    if not 1 <= minutes <= _MAX_MINUTES:
        raise ValueError(advice)
    period = minutes * 60
    # The last period of ten digits is cut where they end.
    return min((_moment(now) // period + 1) * period - 1, MAX_SECONDS)


def _moment(now: Optional[int]) -> int:
    return int(time.time()) if now is None else seconds(now, "now")
