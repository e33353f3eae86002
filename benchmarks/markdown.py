"""The grid's figures as Markdown: `python -m benchmarks.markdown build/benchmarks [--into README.md]`."""

import argparse
from pathlib import Path

from stablemath_core._bench import report
from stablemath_core._bench.peers import FUNCTIONS

PEERS = ("scipy", "NumPy", "torch", "JAX")
INPUTS = ("(10,)", "(1000000,)", "(1000, 1000) axis -1", "(1000, 1000) axis 0", "(100000, 10) axis -1")
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->"


def figures(folder):
    """All of it, from what `python -m benchmarks` wrote."""
    facts, cells = report.read_json(folder / "grid-1.json")
    _, cells_of_two = report.read_json(folder / "grid-2.json")
    peers = [peer for peer in PEERS if peer in facts["versions"]]
    versions = ", ".join(f"{peer} {facts['versions'][peer]}" for peer in peers)
    lines = [
        f"How many times as long the others take ({report.LOST} marks those that are faster), and the",
        "largest error of each in ulp, from one interleaved run of `make bench-full`; one thread each,",
        f"{facts['processor']} ({facts['instruction_set']}), {versions}:",
        "",
        *some_cells(cells, peers),
        "",
        f"The geometric means over all {len(cells)} cells of that run, and in how many ours is faster:",
        "",
        *means(cells, cells_of_two, peers),
        "",
    ]
    return "\n".join(lines)


def some_cells(cells, peers):
    """A table: for each cell our time, the peers' as multiples of it, and everyone's error."""
    yield f"| | time | {' | '.join(peers)} | largest error, ulp: ours | {' | '.join(peers)} |"
    yield "|---" + "|--:" * (2 * len(peers) + 2) + "|"
    for cell in sorted(cells, key=lambda cell: FUNCTIONS.index(cell.function)):
        if cell.input in INPUTS:
            times = [report.multiple(cell.ratio(peer)) for peer in peers]
            errors = [report.ulp(cell.errors[label]) for label in ("ours", *peers)]
            row = " | ".join(map(str, (report.duration(cell.times["ours"]), *times, *errors)))
            yield f"| `{cell.function}` {cell.dtype} {cell.input} | {row} |"


def means(one, two, peers):
    """A table: the leads over each peer by function, for one thread each and for two."""
    yield f"| | {' | '.join(peers)} |"
    yield "|---" + "|--:" * len(peers) + "|"
    for cells, threads in ((one, "one thread each"), (two, "two threads (scipy and NumPy: one)")):
        ratios = {peer: {cell: cell.ratio(peer) for cell in cells} for peer in peers}
        for function in FUNCTIONS:
            leads = [str(report.multiple(report.lead(ratios[peer], function))) for peer in peers]
            yield f"| `{function}`, {threads} | {' | '.join(leads)} |"
        faster = [str(sum(ratio > 1 for ratio in ratios[peer].values())) for peer in peers]
        yield f"| faster, {threads} | {' | '.join(faster)} |"


def replaced(page, text):
    """The page with the text where its figures are."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + text + END + after


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.markdown", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `python -m benchmarks` wrote")
    parser.add_argument("--into", type=Path, metavar="PAGE", help="put them there, where its figures are")
    options = parser.parse_args(arguments)
    text = figures(options.folder)
    if options.into is None:
        print(text, end="")
    else:
        page = options.into.read_text(encoding="utf-8")
        options.into.write_text(replaced(page, text), encoding="utf-8")


if __name__ == "__main__":
    main()
