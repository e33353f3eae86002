"""The lower instruction sets against the best, each beside NumPy's formula in a process of its own.

A set's time is taken as a multiple of NumPy's in the same process, so that what the machine does meanwhile
falls on both. The baseline is measured once more with NumPy, too, held to what it is compiled for at least.
"""

import os
import subprocess
import sys

import numpy as np

import stablemath_core
from stablemath_core._bench import report

BOTH = "baseline-both"


def _environments():
    """What to set for each run, by its name."""
    sets = stablemath_core.show_config("dicts")["instruction_sets"]["runnable"]
    found = {each: {"STABLEMATH_ISA": each} for each in sets}
    beyond = np.show_config(mode="dicts").get("SIMD Extensions", {}).get("found", [])
    if "baseline" in found and beyond:
        found[BOTH] = {**found["baseline"], "NPY_DISABLE_CPU_FEATURES": " ".join(beyond)}
    return found


def measure(folder, seconds, largest, clock):
    """Write tables-<run>.json for each set that this machine runs."""
    for each, environment in _environments().items():
        command = [sys.executable, "-m", "benchmarks.grid", str(path(folder, each)), "--ours-and-numpy"]
        command += ["--seconds", str(seconds), "--largest", str(largest), "--clock", clock]
        subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
        print(f"measured: {each}", flush=True)


def read(folder):
    """Cells by (function, dtype, input), by run, the plainest set first."""
    runs = _environments()
    found = {each: report.read_json(path(folder, each))[1] for each in runs if path(folder, each).exists()}
    return {
        name: {(cell.function, cell.dtype, cell.input): cell for cell in cells}
        for name, cells in found.items()
    }


def path(folder, name):
    return folder / f"tables-{name}.json"
