"""What Python's zoneinfo makes of the readings around every change of the clocks.

Reads zone names from standard input. For each it finds the changes of the offset
from 2011 to 2035 by looking at every third day, and writes

    C name instant before after     for a change: Unix time, offsets in seconds
    R name reading earlier later n  for a reading around it: as Unix time were it in
                                    UTC, the two instants, and how often clocks show it

The zones are those of PYTHONTZPATH. Which instants a reading has is taken from
PEP 495's fold; how often it is shown, where that makes a difference, from
converting those back.
"""

import os
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

UTC = timezone.utc
BEGIN, END = datetime(2011, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
STEP, GRID, AROUND = timedelta(days=3), timedelta(minutes=10), timedelta(hours=3)
SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1)  # readings and instants have no zone here, those of changes apart


def unix(t):
    return (t - EPOCH) // SECOND


def offset(zone, t):
    return t.astimezone(zone).utcoffset()


def changes(zone):
    t, before = BEGIN, offset(zone, BEGIN)
    while t < END:
        after = offset(zone, t + STEP)
        if after != before:
            low, high = t, t + STEP
            while high - low > SECOND:
                middle = low + timedelta(seconds=(high - low) // SECOND // 2)
                if offset(zone, middle) == before:
                    low = middle
                else:
                    high = middle
            yield high, before, after
        t, before = t + STEP, after


def readings(change, before, after):
    """A grid from hours before the change to hours after it, and the edges."""
    old, new = (change + before).replace(tzinfo=None), (change + after).replace(tzinfo=None)
    for edge in (old, new):
        yield from (edge - SECOND, edge, edge + SECOND)
    t, end = min(old, new) - AROUND, max(old, new) + AROUND
    t = t.replace(minute=t.minute // 10 * 10, second=0)
    while t <= end:
        yield t
        t += GRID


def meanings(zone, reading):
    first, second = (reading - zone.utcoffset(reading.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if first == second:
        return first, first, 1
    back = [t.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) for t in (first, second)]
    return min(first, second), max(first, second), back.count(reading)


def main():
    if zoneinfo.TZPATH != (os.environ["PYTHONTZPATH"],):
        sys.exit(f"reads zones from {zoneinfo.TZPATH}")
    out = sys.stdout
    for name in sys.stdin.read().split():
        zone = zoneinfo.ZoneInfo(name)
        for change, before, after in changes(zone):
            out.write(f"C {name} {unix(change.replace(tzinfo=None))} {before // SECOND} {after // SECOND}\n")
            for reading in readings(change, before, after):
                earlier, later, shown = meanings(zone, reading)
                out.write(f"R {name} {unix(reading)} {unix(earlier)} {unix(later)} {shown}\n")


main()
