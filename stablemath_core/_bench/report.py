"""Figures as tables that a person reads, and as JSON that a program does."""

import json
import os
import platform
from pathlib import Path
from statistics import geometric_mean

from rich.table import Table
from rich.text import Text

import stablemath_core

from .run import Cell

# Marks what a peer did faster, where colours do not show.
LOST = "◄"
FLOOR = "floor"  # the label of what bounds us: reading, or copying, the input
TIMES = "\N{MULTIPLICATION SIGN}"


def machine(peers, threads, clock="wall"):
    """What ran where."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "instruction_set": stablemath_core.show_config("dicts")["instruction_sets"]["chosen"],
        "threads": threads,
        "clock": clock,
        "python": platform.python_version(),
        "versions": {peer.label: peer.version for peer in peers},
    }


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def load():
    """How many processes wanted a processor over the last minute, as a figure for the machine's facts."""
    return {"load": os.getloadavg()[0]} if hasattr(os, "getloadavg") else {}


def heading(facts):
    versions = ", ".join(
        f"{label} {version}" for label, version in facts["versions"].items() if label != "ours"
    )
    count = facts["threads"]
    return (
        f"stablemath_core {facts['versions']['ours']} ({facts['instruction_set']}) beside {versions}\n"
        f"{facts['processor']}, Python {facts['python']}, {count} thread{'s' * (count > 1)} each"
        + (", processor time" if facts["clock"] == "cpu" else "")
    )


def table(title, cells, labels):
    """Cells as rows: our time, the peers' times as multiples of ours, everyone's largest error where known.

    Where the floor was measured, the last column is our time as a multiple of the floor's.
    """
    errors, floor = any(cell.errors for cell in cells), any(FLOOR in cell.times for cell in cells)
    out = blank_table(title)
    for label in labels:
        out.add_column(label, justify="right", no_wrap=True)
        if errors:
            out.add_column("ulp", justify="right", no_wrap=True, style="dim")
    if floor:
        out.add_column("of floor", justify="right", no_wrap=True)
    previous = None
    for cell in cells:
        if previous and (previous.dtype, previous.group) != (cell.dtype, cell.group):
            out.add_row()
        row = [f"{cell.dtype} {cell.input}"]
        for label in labels:
            row.append(_time(cell, label))
            if errors:
                row.append(ulp(cell.errors[label]) if label in cell.errors else "")
        if floor:
            row.append(f"{_digits(1 / cell.ratio(FLOOR))}{TIMES}" if FLOOR in cell.times else "")
        out.add_row(*row)
        previous = cell
    return out


def blank_table(title):
    out = Table(
        title=title, title_justify="left", title_style="bold", box=None, padding=(0, 1), pad_edge=False
    )
    out.add_column("", no_wrap=True)
    return out


def _time(cell, label):
    if label not in cell.times:
        return ""
    return duration(cell.times[label]) if label == "ours" else multiple(cell.ratio(label))


def summary(cells, labels):
    """Of each peer: ours' lead in the geometric mean, how often ours is faster, and its worst cell."""
    functions = list(dict.fromkeys(cell.function for cell in cells))
    out = blank_table("In all")
    for heading in (*functions, "ours faster in", "least lead", "at", "largest ulp"):
        out.add_column(heading, justify="left" if heading == "at" else "right", no_wrap=heading == "at")
    for label in labels:
        error = max((cell.errors[label] for cell in cells if label in cell.errors), default=None)
        if label == "ours":
            row = [""] * (len(functions) + 3)
        else:
            ratios = {cell: cell.ratio(label) for cell in cells if label in cell.times}
            worst = min(ratios, key=ratios.get)
            row = [multiple(lead(ratios, function)) for function in functions]
            row += [f"{sum(ratio > 1 for ratio in ratios.values())} of {len(ratios)}"]
            row += [multiple(ratios[worst]), f"{worst.function} {worst.dtype} {worst.input}"]
        out.add_row(label, *row, "" if error is None else ulp(error))
    return out


def lead(ratios, function):
    """The geometric mean of a function's ratios. ratios: Cell -> ratio"""
    return geometric_mean(ratio for cell, ratio in ratios.items() if cell.function == function)


def busy(facts):
    """A warning if the machine had more to do than cores for it; empty if not."""
    if facts["clock"] == "cpu" or facts.get("load", 0) <= facts["cores"]:
        return ""
    return (
        f"The machine was busy ({facts['load']:.1f} processes on {facts['cores']} cores): "
        "the figures are rough, and the shortest times the most reliable."
    )


def footnote(cells, labels):
    text = "Times are ours; the other columns say how many times as long the others took."
    if any(cell.ratio(label) < 1 for cell in cells for label in labels if label in cell.times):
        text += f" {LOST} marks what took less."
    if any(cell.group == "real" for cell in cells):
        text += (
            "\ndigits: what a classifier and a mixture make of the 1797 handwritten digits of scikit-learn, "
            "10 numbers for each."
        )
    if any(FLOOR in cell.times for cell in cells):
        text += "\nfloor: np.add.reduce for logsumexp, np.copyto into an array that is there for the others."
    return f"{text}\nulp: the largest error, in units in the last place of the exact result."


def write_json(path, facts, cells):
    dump(path, {"machine": facts, "cells": [cell.as_dict() for cell in cells]})


def dump(path, document):
    Path(path).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_json(path):
    """The machine's facts and the cells that write_json wrote."""
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    return document["machine"], [Cell(**each) for each in document["cells"]]


def duration(seconds):
    for unit, scale in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= scale * 0.9995:
            return f"{_digits(seconds / scale)} {unit}"
    return f"{_digits(seconds / 1e-9)} ns"


def multiple(ratio):
    if ratio < 1:
        return Text(f"{LOST} {ratio:.2f}{TIMES}", style="bold red")
    return Text(f"{_digits(ratio)}{TIMES}", style="green")


def ulp(error):
    if error < 99.5:
        return f"{error:.1f}"
    return "inf" if error == float("inf") else f"{error:.0e}".replace("e+0", "e").replace("e+", "e")


def _digits(value):
    """Three digits, or all before the point."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
