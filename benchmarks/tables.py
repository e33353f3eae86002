"""The lower instruction sets against the best, each beside NumPy's formula in a process of its own.

A set's time is taken as a multiple of NumPy's in the same process, so that what the machine does meanwhile
falls on both.
"""

import os
import subprocess
import sys

import stablemath_core
from stablemath_core._bench import report


def measure(folder, seconds, largest, clock):
    """Write tables-<set>.json for each set that this machine runs."""
    sets = stablemath_core.show_config("dicts")["instruction_sets"]["runnable"]
    for each in sets:
        command = [sys.executable, "-m", "benchmarks.grid", str(path(folder, each)), "--ours-and-numpy"]
        command += ["--seconds", str(seconds), "--largest", str(largest), "--clock", clock]
        subprocess.run(
            command, env={**os.environ, "STABLEMATH_ISA": each}, check=True, stdout=subprocess.DEVNULL
        )
        print(f"measured: {each}", flush=True)


def read(folder):
    """Cells by (function, dtype, input), by set, the plainest first."""
    sets = stablemath_core.show_config("dicts")["instruction_sets"]["runnable"]
    found = {each: report.read_json(path(folder, each))[1] for each in sets if path(folder, each).exists()}
    return {
        name: {(cell.function, cell.dtype, cell.input): cell for cell in cells}
        for name, cells in found.items()
    }


def path(folder, name):
    return folder / f"tables-{name}.json"
