"""Two threads against one, where there are two cores: `python -m benchmarks.scaling FILE`."""

import argparse
import os

import numpy as np

import stablemath_core
from stablemath_core._bench import command, inputs, measure, peers, report, run

INPUTS = (inputs.random((10000000,)), inputs.random((2000, 4096), -1))
THREADS = 1, 2


def cells(seconds):
    """Cells whose times are labelled by the number of threads."""
    count = len(INPUTS) * len(run.DTYPES) * len(peers.FUNCTIONS)
    for each in INPUTS:
        for dtype in run.DTYPES:
            x = each.make(np.dtype(dtype))
            for function in peers.FUNCTIONS:
                plain = peers.Ours().call(function, x, each.axis)
                calls = {
                    str(n): measure.Call(
                        plain.expression,
                        {**plain.names, "threads": stablemath_core.set_num_threads},
                        f"threads({n})",
                    )
                    for n in THREADS
                }
                times = measure.interleaved(calls, seconds / count, threads=max(THREADS))
                yield run.Cell(function, dtype, each.label, each.group, each.size, each.length, times, {})


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("json", metavar="FILE")
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args(arguments)
    measured = list(cells(options.seconds)) if (os.cpu_count() or 1) > 1 else []
    report.write_json(options.json, report.machine([peers.Ours()], max(THREADS)), measured)
    console = command.console()
    for cell in measured:
        gain = cell.times["1"] / cell.times["2"]
        console.print(f"{gain:.2f} times as fast with two threads: {cell.function} {cell.dtype} {cell.input}")


if __name__ == "__main__":
    main()
