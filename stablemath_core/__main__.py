"""The command line: `python -m stablemath_core bench` or `config`."""

import argparse
import sys

from . import __version__, show_config


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m stablemath_core", description=sys.modules[__package__].__doc__
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    config = commands.add_parser("config", help="how this copy was built, and the instruction set in use")
    config.set_defaults(run=lambda options: show_config())

    bench = commands.add_parser(
        "bench",
        help="speed and accuracy beside scipy and NumPy, and torch and JAX where installed",
        description="Speed and accuracy beside scipy and NumPy, and torch and JAX where they are installed.",
    )
    bench.add_argument("--json", metavar="FILE", help="also write the figures to FILE")
    bench.add_argument(
        "--seconds", type=float, default=60, help="time to spend measuring, about (default: %(default)s)"
    )
    bench.add_argument("--largest", type=int, metavar="N", help="leave out inputs of more than N elements")
    bench.add_argument(
        "--clock",
        choices=["wall", "cpu"],
        default="wall",
        help="wall: time as it passes (the default); cpu: this process's processor time, for a busy machine",
    )
    bench.set_defaults(run=_bench)

    options = parser.parse_args(arguments)
    return options.run(options)


def _bench(options):
    try:
        from ._bench import command
    except ModuleNotFoundError as error:
        # A missing peer is the user's to install; a missing module of this package is a broken copy.
        if (error.name or "").startswith(__package__):
            raise
        return (
            f"the benchmark needs {error.name}, which is not installed; "
            f"`pip install '{__package__}[bench]'` brings all that it needs"
        )
    return command.run_bench(options.json, options.seconds, options.largest, options.clock)


if __name__ == "__main__":
    sys.exit(main())
