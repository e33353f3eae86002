"""`python -m benchmarks`: every part of the benchmark, each in a process of its own, and the verdict."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from stablemath_core._bench import report

from . import figure, tables, targets

PARTS = ("grid-1", "grid-2", "scaling", "tables", "memory", "relatives")
# The largest input on which the lower instruction sets are measured.
LARGEST_FOR_SETS = 2000000


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"what to measure: {', '.join(PARTS)} (default: all)"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("build/benchmarks"), help="a folder (default: %(default)s)"
    )
    parser.add_argument(
        "--seconds", type=float, default=240, help="for each run of the grid (default: %(default)s)"
    )
    parser.add_argument(
        "--largest", type=int, default=10**8, help="leave out inputs of more elements than this"
    )
    parser.add_argument(
        "--clock", choices=["wall", "cpu"], default="wall", help="for one thread; see the short benchmark's"
    )
    options = parser.parse_args(arguments)
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")

    started = time.monotonic()
    options.output.mkdir(parents=True, exist_ok=True)
    for part in options.parts or PARTS:
        print(f"== {part}", flush=True)
        _measure(part, options)
    print("== targets of speed")
    for line in targets.judge(options.output):
        print(line)
    grid = options.output / "grid-1.json"
    if grid.exists():
        picture = options.output / "speed.svg"
        figure.draw(*report.read_json(grid), picture)
        print(f"\n{picture} shows it; the figures are in {options.output}")
    print(f"{(time.monotonic() - started) / 60:.1f} minutes")


def _measure(part, options):
    if part == "tables":
        largest = min(options.largest, LARGEST_FOR_SETS)
        tables.measure(options.output, options.seconds / 4, largest, options.clock)
        return
    name, _, threads = part.partition("-")
    command = [sys.executable, "-m", f"benchmarks.{name}", str(options.output / f"{part}.json")]
    if threads:
        command += ["--threads", threads, "--clock", options.clock if threads == "1" else "wall"]
        command += ["--seconds", str(options.seconds), "--largest", str(options.largest)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
