"""Time, in interleaved rounds.

Whatever else the machine does then falls on all alike, and the median over the rounds leaves out what fell on
one. On a busy machine a long timing is interrupted more often than a short one, so timings during which the
system took the processor away do not count as long as there are others.
"""

import statistics
import time
import timeit
from dataclasses import dataclass
from math import ceil

try:
    import resource
except ImportError:  # not on Windows
    resource = None

# One timing lasts at least so many times what reading the clock does. Hardly longer: the loops of a slow peer
# are as many times longer, and a long one is more often interrupted.
READINGS = 800
# Calls shorter than this find their input in the cache, as they would in a hot loop of a program. Several
# threads are awake there, too: calls for as long as this come before each timing of those.
WARM = 3e-3
ROUNDS = 5, 101
ENOUGH = 3


@dataclass(frozen=True)
class Call:
    """An expression and the names in it; timed as it stands, without a function around it."""

    expression: str
    names: dict
    before: str = "pass"  # a statement to run, outside the time, before a loop of calls

    def result(self):
        return eval(self.expression, self.names)

    def timer(self, clock, warming):
        before = f"{self.before}\nfor _ in range({warming}): {self.expression}"
        return timeit.Timer(self.expression, before, clock, self.names)


def interleaved(calls, seconds, rounds=ROUNDS, clock=time.perf_counter, threads=1):
    """The median time of a call of each, in seconds, spending about `seconds` in all.

    calls: name -> Call, each of which has been called before (compiled, its imports done).
    Every round times each in turn, in loops of one number of calls for all. clock: a function that tells the
    time; that of the process's own work (time.process_time) suits a busy machine, and one thread.
    """
    least, most = rounds
    once = {name: call.timer(clock, 1).timeit(1) for name, call in calls.items()}
    warming = {name: _warming(each, threads) for name, each in once.items()}
    timers = {name: call.timer(clock, warming[name]) for name, call in calls.items()}

    number = max(
        1,
        min(ceil(READINGS * _reading(clock) / min(once.values())), int(seconds / least / sum(once.values()))),
    )
    round_takes = sum((number + warming[name]) * each for name, each in once.items())
    count = max(least, min(most, int(seconds / round_takes)))
    times = {name: [] for name in calls}
    order = list(timers.items())
    for _ in range(count):
        for name, timer in order:
            before = interruptions()
            seconds = timer.timeit(number) / number
            times[name].append((seconds, interruptions() - before))
        order.append(order.pop(0))  # so that nobody always follows the same one
    return {name: _typical(each) for name, each in times.items()}


def _warming(once, threads):
    """How many calls that take `once` come before a timing."""
    return ceil(WARM / once) if threads > 1 else int(once < WARM)


def _reading(clock):
    """How long it takes to read a clock, by that clock."""
    return min(-clock() + clock() for _ in range(100))


def _typical(timings):
    """The median of (seconds, interruptions), of those without an interruption if they suffice."""
    calm = [seconds for seconds, interrupted in timings if not interrupted]
    return statistics.median(calm if len(calm) >= ENOUGH else [seconds for seconds, _ in timings])


def interruptions():
    """How often the system has taken the processor away from this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw if resource else 0
