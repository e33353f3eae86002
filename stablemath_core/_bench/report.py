"""Figures as tables that a person reads, and as JSON that a program does."""

import json
import os
import platform
from pathlib import Path
from statistics import geometric_mean

from rich.table import Table
from rich.text import Text

import stablemath_core

# Marks what a peer did faster, where colours do not show.
LOST = "◄"
TIMES = "\N{MULTIPLICATION SIGN}"


def machine(peers, threads):
    """What ran where."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "instruction_set": stablemath_core.show_config("dicts")["instruction_sets"]["chosen"],
        "threads": threads,
        "python": platform.python_version(),
        "versions": {peer.label: peer.version for peer in peers},
    }


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def heading(facts):
    versions = ", ".join(
        f"{label} {version}" for label, version in facts["versions"].items() if label != "ours"
    )
    count = facts["threads"]
    return (
        f"stablemath_core {facts['versions']['ours']} ({facts['instruction_set']}) beside {versions}\n"
        f"{facts['processor']}, Python {facts['python']}, {count} thread{'s' * (count > 1)} each"
    )


def table(function, cells, labels):
    """One function's cells: our time, the peers' times as multiples of ours, and everyone's largest error."""
    peers = [label for label in labels if label != "ours"]
    out = Table(
        title=function, title_justify="left", title_style="bold", box=None, padding=(0, 1), pad_edge=False
    )
    out.add_column("")
    for label in ("ours", *peers):
        out.add_column(label, justify="right", no_wrap=True)
        out.add_column("ulp", justify="right", no_wrap=True, style="dim")
    previous = None
    for cell in cells:
        if previous and (previous.dtype, previous.group) != (cell.dtype, cell.group):
            out.add_row()
        row = [f"{cell.dtype} {cell.input}", duration(cell.times["ours"]), ulp(cell.errors["ours"])]
        for label in peers:
            row += [multiple(cell.ratio(label)), ulp(cell.errors[label])]
        out.add_row(*row)
        previous = cell
    return out


def summary(cells, labels):
    """For each peer: ours' lead in the geometric mean, how often ours is faster, and its worst cell."""
    functions = list(dict.fromkeys(cell.function for cell in cells))
    out = Table(
        title="In all", title_justify="left", title_style="bold", box=None, padding=(0, 1), pad_edge=False
    )
    out.add_column("")
    for function in functions:
        out.add_column(function, justify="right")
    out.add_column("ours faster in", justify="right")
    out.add_column("least lead", justify="right")
    out.add_column("at", no_wrap=True)
    out.add_column("largest ulp", justify="right")
    largest = {label: max(cell.errors[label] for cell in cells) for label in labels}
    out.add_row("ours", *[""] * (len(functions) + 3), ulp(largest["ours"]))
    for label in labels:
        if label == "ours":
            continue
        ratios = {cell: cell.ratio(label) for cell in cells}
        worst = min(ratios, key=ratios.get)
        means = [
            geometric_mean(r for cell, r in ratios.items() if cell.function == each) for each in functions
        ]
        out.add_row(
            label,
            *map(multiple, means),
            f"{sum(r > 1 for r in ratios.values())} of {len(ratios)}",
            multiple(ratios[worst]),
            f"{worst.function} {worst.dtype} {worst.input}",
            ulp(largest[label]),
        )
    return out


def footnote(cells, labels):
    text = "Times are ours; the other columns say how many times as long the others took."
    if any(cell.ratio(label) < 1 for cell in cells for label in labels):
        text += f" {LOST} marks what took less."
    if any(cell.group == "real" for cell in cells):
        text += (
            "\ndigits: what a classifier and a mixture make of the 1797 handwritten digits of scikit-learn, "
            "10 numbers for each."
        )
    return f"{text}\nulp: the largest error, in units in the last place of the exact result."


def write_json(path, facts, cells):
    document = {"machine": facts, "cells": [cell.as_dict() for cell in cells]}
    Path(path).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


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
