"""The three functions on every shape and layout: `python -m benchmarks.grid --threads 2 FILE`."""

import argparse

import numpy as np

from stablemath_core._bench import command, inputs, peers, report
from stablemath_core._bench.measure import Call

INPUTS = (
    *(inputs.random((10**power,)) for power in range(1, 8)),
    *(
        inputs.random(shape, -1)
        for shape in ((100000, 3), (100000, 10), (10000, 100), (1000, 1000), (32, 50257), (2000, 4096))
    ),
    *(inputs.random(shape, 0) for shape in ((1000, 1000), (10, 100000), (100000, 10))),
    inputs.random((64, 100, 256), 1),
    inputs.random((64, 100, 256), (0, 2)),
    inputs.random((1000, 1000), None),
    *(
        inputs.random(shape, axis, "F")
        for shape, axis in (((1000, 1000), -1), ((1000, 1000), 0), ((100000, 10), -1))
    ),
    *(inputs.random((1000, 1000), axis, "every second") for axis in (-1, 0, None)),
)


class Floor(peers.Peer):
    """What no implementation can beat: the input read once, or copied into memory that is there."""

    label, version, answers = report.FLOOR, np.__version__, False

    def call(self, function, x, axis):
        if function == "logsumexp":
            return Call("add(x, axis=axis)", {"add": np.add.reduce, "x": x, "axis": axis})
        return Call("copyto(out, x)", {"copyto": np.copyto, "out": np.zeros_like(x), "x": x})


class IntoOut(peers.Peer):
    """Ours, into memory that is there."""

    label, version, answers = "ours out=", "", False

    def call(self, function, x, axis):
        if function == "logsumexp":
            return None
        call = peers.Ours().call(function, x, axis)
        return Call(call.expression[:-1] + ", out=out)", {**call.names, "out": np.zeros_like(x)})


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grid", description=__doc__)
    parser.add_argument("json", metavar="FILE")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--largest", type=int, metavar="N", help="leave out inputs of more than N elements")
    parser.add_argument("--ours-and-numpy", action="store_true", help="leave out the other peers")
    parser.add_argument("--clock", choices=command.CLOCKS, default="wall", help="see the short benchmark's")
    options = parser.parse_args(arguments)
    if options.threads > 1 and options.clock == "cpu":
        parser.error("processor time tells nothing about threads")

    them = peers.available(options.threads)
    labels = [peer.label for peer in them]
    if options.ours_and_numpy:
        them = [peer for peer in them if peer.label in ("ours", "NumPy")]
    facts = report.machine(them, options.threads, options.clock)
    chosen = [each for each in INPUTS if options.largest is None or each.size <= options.largest]
    if not chosen:
        parser.error(f"no input has {options.largest} elements or fewer")
    cells = command.measure(
        [*them, IntoOut(), Floor()],
        chosen,
        options.seconds,
        threads=options.threads,
        clock=command.CLOCKS[options.clock],
        accuracy=options.threads == 1,  # the bits do not depend on it
    )
    facts |= report.load()
    report.write_json(options.json, facts, cells)
    console = command.console()
    console.print(report.heading(facts))
    command.show(console, cells, [label for label in labels if label in facts["versions"]])
    console.print(report.busy(facts))


if __name__ == "__main__":
    main()
