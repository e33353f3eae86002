"""Measure a grid: every function and dtype on every input, speed and accuracy."""

import time
from dataclasses import asdict, dataclass

import numpy as np

from . import measure
from .accuracy import Exponentials, Reference

DTYPES = ("float64", "float32")


@dataclass(frozen=True, eq=False)
class Cell:
    """What one function did on one input.

    times: seconds a call; errors: largest error in ulp; both by the implementations' labels.
    """

    function: str
    dtype: str
    input: str
    group: str
    size: int
    length: int
    times: dict
    errors: dict

    def ratio(self, label):
        """How many times as long as ours."""
        return self.times[label] / self.times["ours"]

    as_dict = asdict


def grid(
    peers,
    inputs,
    functions,
    seconds,
    threads=1,
    dtypes=DTYPES,
    accuracy=True,
    clock=time.perf_counter,
    advance=lambda text: None,
):
    """Yield a Cell for each function, dtype and input; advance is told what comes next.

    The time that is left is shared among the cells that are left, so that a slow machine measures fewer
    rounds instead of taking longer.
    """
    left = len(inputs) * len(dtypes) * len(functions)
    end = time.monotonic() + seconds
    for dtype in dtypes:
        exponentials = Exponentials()
        for each in inputs:
            x = each.make(np.dtype(dtype))
            advance(f"{each.label} {dtype}: exact results")
            reference = Reference(x, each.axis, exponentials) if accuracy else None
            for function in functions:
                advance(f"{each.label} {dtype}: {function}")
                share = max(0.05, (end - time.monotonic()) / left)
                times, errors = _measured(peers, function, x, each.axis, reference, share, threads, clock)
                yield Cell(function, dtype, each.label, each.group, each.size, each.length, times, errors)
                left -= 1


def _measured(peers, function, x, axis, reference, seconds, threads, clock):
    started = time.monotonic()
    calls, errors = {}, {}
    with np.errstate(all="ignore"), peers[0].threads(threads):
        for peer in peers:
            call = peer.call(function, x, axis)
            if call is None:
                continue
            result = call.result()
            if reference and peer.answers:
                errors[peer.label] = reference.error(function, result)
            calls[peer.label] = call
        compiling = time.monotonic() - started
        seconds = max(seconds - compiling, seconds / 4)
        return measure.interleaved(calls, seconds, clock=clock, threads=threads), errors
