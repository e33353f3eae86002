"""What the extra care costs: the kernels timed beside themselves without it, on the benchmark grid's shapes.

    python tools/cost_of_care.py [--seconds 150] [--repeats 3] [--largest N] [--clock wall]

Three extensions are built from copies of src/ and timed in one process, in turns: as it is (`care`); with no
reduction taken again (`none again`), which counts those that would be; and without care (`no care`; see
careless.py). What makes the kernels fast is the same in all three. `--against-itself` leaves all care
in the third, so that its ratios tell how far any of them can be trusted. STABLEMATH_ISA chooses the set.
"""

import argparse
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import geometric_mean, median

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import oracle  # noqa: E402
from careless import CARELESS, COUNTED  # noqa: E402
from families import DTYPES, FAMILIES  # noqa: E402

from benchmarks.grid import INPUTS  # noqa: E402
from stablemath_core import _exact  # noqa: E402
from stablemath_core._bench import command, measure, report  # noqa: E402
from stablemath_core._bench.peers import FUNCTIONS  # noqa: E402

VARIANTS = CARE, ONCE, PLAIN = "care", "none again", "no care"
SHOWN = ("normal_1", "normal_100", "all_equal", "one_dominates", "log_probabilities", "ascending")
PROMISED = 1.15


def prepare(folder, replacements):
    """Copies what is built to a new folder, with the replacements."""
    built = shutil.ignore_patterns("*.so", "__pycache__")
    for part in "src", "stablemath_core":
        shutil.copytree(ROOT / part, folder / part, ignore=built)
    shutil.copy(ROOT / "setup.py", folder)
    for name, old, new in replacements:
        path = folder / "src" / name
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise SystemExit(f"src/{name} has this not once, but {text.count(old)} times:\n{old}")
        path.write_text(text.replace(old, new), encoding="utf-8")


def load(folder):
    """What was built there, as a module of its own."""
    (path,) = (folder / "built" / "stablemath_core").glob("_kernels*")
    spec = importlib.util.spec_from_file_location(f"{folder.name}._kernels", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.set_exact(_exact.logsumexp, _exact.excess)
    module.set_threads(lambda: 1)
    return module


def build(folder, careless):
    """Variant -> module."""
    folders = {name: folder / name.replace(" ", "_") for name in VARIANTS}
    for path, replacements in zip(folders.values(), ((), COUNTED, careless), strict=True):
        prepare(path, replacements)
    command_line = [sys.executable, "setup.py", "-q", "build_ext", "--build-lib", "built"]
    processes = [
        subprocess.Popen(command_line, cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for path in folders.values()
    ]
    complaints = [process.communicate()[1] for process in processes]
    for process, text in zip(processes, complaints, strict=True):
        if process.returncode:
            raise SystemExit(text.decode())
    return {name: load(path) for name, path in folders.items()}


def axes_of(axis, ndim):
    return tuple(range(ndim)) if axis is None else tuple(int(i) % ndim for i in np.atleast_1d(axis))


def output_for(function, x, axes):
    return np.empty(np.delete(x.shape, axes), x.dtype) if function == "logsumexp" else np.empty_like(x)


def measure_cell(modules, function, x, axes, seconds, clock):
    """Variant -> seconds a call; and the share of reductions that are taken again."""
    out = output_for(function, x, axes)
    before = modules[ONCE].taken_again()
    getattr(modules[ONCE], function)(x, axes, out)
    again = (modules[ONCE].taken_again() - before) / np.prod(np.delete(x.shape, axes))
    calls = {
        name: measure.Call(
            "f(x, axes, out)", {"f": getattr(module, function), "x": x, "axes": axes, "out": out}
        )
        for name, module in modules.items()
    }
    return measure.interleaved(calls, seconds, clock=clock), again


def measure_grid(modules, inputs, seconds, clock):
    """(function, dtype, input) -> what measure_cell says."""
    share = seconds / (len(inputs) * len(DTYPES) * len(FUNCTIONS))
    cells = {}
    for dtype in DTYPES:
        for each in inputs:
            x = each.make(np.dtype(dtype))
            for function in FUNCTIONS:
                axes = axes_of(each.axis, x.ndim)
                cells[function, dtype, each] = measure_cell(modules, function, x, axes, share, clock)
    return cells


def ratios(cells, name):
    """How many times as long as without care."""
    return {cell: times[name] / times[PLAIN] for cell, (times, _) in cells.items()}


def grid_table(repeats):
    """Every cell, by the medians over the repeats."""
    out = report.blank_table("Time an element, ns, and as a multiple of that without care")
    for heading in (*VARIANTS, CARE, ONCE, "again"):
        out.add_column(heading, justify="right", no_wrap=True)
    for cell in sorted(repeats[0], key=lambda cell: cell[:2]):
        function, dtype, each = cell
        times = [median(cells[cell][0][name] for cells in repeats) * 1e9 / each.size for name in VARIANTS]
        shown = [
            median(ratios({cell: cells[cell]}, name)[cell] for cells in repeats) for name in (CARE, ONCE)
        ]
        share = repeats[0][cell][1]
        out.add_row(
            f"{function} {dtype} {each.label}",
            *(f"{time:.3f}" for time in times),
            *(f"{ratio:.2f}" for ratio in shown),
            f"{share:.1%}" if share else "",
        )
    return out


def summary_table(repeats):
    """By function and dtype: geometric mean, with its range over the repeats, and the worst cell."""
    out = report.blank_table("As a multiple of the time without care")
    for heading in ("mean", "of repeats", "worst", f"over {PROMISED}", "at"):
        out.add_column(heading, justify="left" if heading == "at" else "right", no_wrap=True)
    for name in (CARE, ONCE):
        each_ratios = [ratios(cells, name) for cells in repeats]
        for kind in sorted({cell[:2] for cell in repeats[0]}):
            of_kind = [cell for cell in repeats[0] if cell[:2] == kind]
            means = [geometric_mean(each[cell] for cell in of_kind) for each in each_ratios]
            typical = {cell: median(each[cell] for each in each_ratios) for cell in of_kind}
            worst = max(typical, key=typical.get)
            out.add_row(
                " ".join((name, *kind)),
                f"{median(means):.3f}",
                f"{min(means):.3f} to {max(means):.3f}",
                f"{typical[worst]:.2f}",
                f"{sum(ratio > PROMISED for ratio in typical.values())} of {len(of_kind)}",
                worst[2].label,
            )
    return out


def error_table(modules, rows=2, length=10000):
    """The largest error on a few long rows of several families."""
    out = report.blank_table(f"Largest error in ulp, {rows} rows of {length} elements, with care and without")
    for function in FUNCTIONS:
        out.add_column(function, justify="right")
        out.add_column("without", justify="right")
    for family in SHOWN:
        for dtype in DTYPES:
            x = FAMILIES[family](np.random.default_rng(7), rows, length, dtype)
            exact = [oracle.reductions(row) for row in x]
            errors = []
            for k, function in enumerate(FUNCTIONS):
                for name in (CARE, PLAIN):
                    result = output_for(function, x, (1,))
                    getattr(modules[name], function)(x, (1,), result)
                    errors.append(max(oracle.ulp_error(result[i], exact[i][k]).max() for i in range(rows)))
            out.add_row(f"{family} {dtype}", *map(report.ulp, errors))
    return out


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=150, help="for each repeat")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--largest", type=int, metavar="N", help="leave out inputs of more than N elements")
    parser.add_argument("--clock", choices=command.CLOCKS, default="cpu")
    parser.add_argument("--against-itself", action="store_true")
    options = parser.parse_args(arguments)
    inputs = [each for each in INPUTS if options.largest is None or each.size <= options.largest]
    with tempfile.TemporaryDirectory() as folder:
        modules = build(Path(folder), () if options.against_itself else CARELESS)
        repeats = [
            measure_grid(modules, inputs, options.seconds, command.CLOCKS[options.clock])
            for _ in range(options.repeats)
        ]
        console = command.console()
        for table in (grid_table(repeats), summary_table(repeats), error_table(modules)):
            console.print(table)
            console.print()


if __name__ == "__main__":
    main()
