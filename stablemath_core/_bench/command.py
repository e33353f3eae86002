"""`python -m stablemath_core bench`: the side-by-side benchmark."""

import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from . import inputs, peers, report, run

# A narrower terminal wraps the lines; cut columns would say less.
WIDTH = 136

SHAPES = (
    inputs.random((10,)),
    inputs.random((1000,)),
    inputs.random((100000,)),
    inputs.random((10000000,)),
    inputs.random((32, 50257), -1),
    inputs.random((1000, 1000), -1),
    inputs.random((100000, 10), -1),
    inputs.random((100000, 3), -1),
    inputs.random((1000, 1000), 0),
)

CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


def run_bench(json_path=None, seconds=60, largest=None, clock="wall"):
    """Measure, and print the tables. Returns an exit status, or what went wrong."""
    if json_path and not Path(json_path).resolve().parent.is_dir():
        return f"cannot write {json_path}: there is no such folder"
    chosen = [each for each in (*SHAPES, *inputs.digits()) if largest is None or each.size <= largest]
    if not chosen:
        return f"no input has {largest} elements or fewer"
    out = console()
    them = peers.available(threads=1)
    facts = report.machine(them, threads=1, clock=clock)
    out.print(report.heading(facts))
    cells = measure(them, chosen, seconds, clock=CLOCKS[clock])
    facts |= report.load()
    show(out, cells, [peer.label for peer in them])
    out.print(report.busy(facts))
    if json_path:
        report.write_json(json_path, facts, cells)
    return 0


def measure(them, chosen, seconds, functions=peers.FUNCTIONS, **options):
    """The cells of a grid (run.grid), with a bar that shows how far it is."""
    cells = []
    with progress() as bar:
        task = bar.add_task("", total=len(chosen) * len(run.DTYPES) * len(functions))
        options["advance"] = lambda text: bar.update(task, description=text)
        for cell in run.grid(them, chosen, functions, seconds, **options):
            cells.append(cell)
            bar.advance(task)
    return cells


def show(out, cells, labels):
    for function in dict.fromkeys(cell.function for cell in cells):
        out.print()
        out.print(report.table(function, [cell for cell in cells if cell.function == function], labels))
    out.print()
    out.print(report.footnote(cells, labels))
    out.print()
    out.print(report.summary(cells, labels))


def console():
    return Console(width=WIDTH, highlight=False)


def progress():
    """A bar on a terminal, which is gone afterwards; nothing anywhere else."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
