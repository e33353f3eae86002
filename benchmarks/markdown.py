"""The grid's figures as a table for a README: `python -m benchmarks.markdown build/benchmarks`."""

import argparse
from pathlib import Path

from stablemath_core._bench import report

PEERS = ("scipy", "NumPy", "torch", "JAX")
INPUTS = ("(10,)", "(1000000,)", "(1000, 1000) axis -1", "(1000, 1000) axis 0", "(100000, 10) axis -1")


def lines(facts, cells):
    """Lines of Markdown: for each cell our time, the peers' as multiples of it, and everyone's error."""
    peers = [peer for peer in PEERS if peer in facts["versions"]]
    yield f"| | time | {' | '.join(peers)} | largest error, ulp: ours | {' | '.join(peers)} |"
    yield "|---" + "|--:" * (2 * len(peers) + 2) + "|"
    for cell in sorted(cells, key=lambda cell: (cell.function != "logsumexp", cell.function != "softmax")):
        if cell.input in INPUTS:
            times = [
                report.duration(cell.times["ours"]),
                *(report.multiple(cell.ratio(peer)) for peer in peers),
            ]
            errors = [report.ulp(cell.errors[label]) for label in ("ours", *peers)]
            figures = " | ".join(map(str, (*times, *errors)))
            yield f"| `{cell.function}` {cell.dtype} {cell.input} | {figures} |"
    versions = ", ".join(f"{peer} {facts['versions'][peer]}" for peer in peers)
    yield ""
    yield (
        f"Times are ours; the next columns say how many times as long the others took. One thread each, "
        f"{facts['processor']} ({facts['instruction_set']}), {versions}."
    )


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.markdown", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `python -m benchmarks` wrote")
    options = parser.parse_args(arguments)
    print(*lines(*report.read_json(options.folder / "grid-1.json")), sep="\n")


if __name__ == "__main__":
    main()
