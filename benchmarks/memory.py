"""What a call allocates beyond its input: `python -m benchmarks.memory FILE`.

Two views of the peak, in units of the input's size: what tracemalloc is told by NumPy, and what the operating
system saw, which counts every library's.
"""

import argparse
import gc
import tracemalloc
from pathlib import Path

import numpy as np

import stablemath_core
from stablemath_core import _kernels
from stablemath_core._bench import command, inputs, peers, report, run

INPUTS = (inputs.random((10000000,)), inputs.random((1000, 10000), 0))


def traced(call):
    tracemalloc.start()
    try:
        call.result()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def resident(call):
    """The growth of the process's peak memory; None where the peak cannot be reset (only Linux can)."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        before = _status("VmHWM")
        result = call.result()
        peak = _status("VmHWM")
    except OSError:
        return None
    del result
    return peak - before


def _status(name):
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return 1024 * int(next(line for line in lines if line.startswith(name)).split()[1])


def cells():
    """Dictionaries: function, dtype, input; traced and resident, by label, in units of the input's size."""
    # JAX is left out: it hands out again what it kept of earlier results.
    them = [peer for peer in peers.available() if peer.label != peers.Jax.label]
    for each in INPUTS:
        for dtype in run.DTYPES:
            x = each.make(np.dtype(dtype))
            for function in peers.FUNCTIONS:
                peaks = {"traced": {}, "resident": {}}
                for peer in them:
                    call = peer.call(function, x, each.axis)
                    call.result()
                    gc.collect()
                    peaks["traced"][peer.label] = traced(call) / x.nbytes
                    _kernels.forget_memory()
                    seen = resident(call)
                    peaks["resident"][peer.label] = None if seen is None else seen / x.nbytes
                yield {"function": function, "dtype": dtype, "input": each.label, **peaks}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("json", metavar="FILE")
    options = parser.parse_args(arguments)
    with stablemath_core.num_threads(1):
        measured = list(cells())
    report.dump(options.json, {"cells": measured})
    command.console().print(table(measured))


def table(measured):
    labels = list(measured[0]["traced"])
    out = report.blank_table("Peak memory of a call, with its result, in units of the input's")
    for label in labels:
        out.add_column(label, justify="right")
    for cell in measured:
        seen = cell["resident"] if cell["resident"]["ours"] is not None else cell["traced"]
        out.add_row(
            f"{cell['function']} {cell['dtype']} {cell['input']}",
            *(f"{max(seen[label], 0):.2f}" for label in labels),
        )
    return out


if __name__ == "__main__":
    main()
