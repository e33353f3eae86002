"""Looks for the rows on which the functions are furthest off, by climbing from random rows of every family.

    python tools/search_worst.py [--seconds 60] [--seed 0]

The table of errors by function and dtype is printed; rows worse than those of
tests/data/worst_rows.json are added to it, and the tests hold the promise on them ever after.
A few rows are kept for each function, dtype and instruction set, beside all that once broke the
promise; STABLEMATH_ISA chooses the set.
"""

import argparse
import json
import pathlib
import sys
import time

import numpy as np

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import oracle  # noqa: E402
from families import DTYPES, FAMILIES  # noqa: E402

import stablemath_core as sm  # noqa: E402
from stablemath_core._bench.peers import FUNCTIONS  # noqa: E402

DATA = ROOT / "tests" / "data" / "worst_rows.json"
KEPT = 3
PROMISED = {"logsumexp": 1, "softmax": 2, "log_softmax": 2}
STEPS = 40  # without an improvement, and a climb ends


def error_of(name, x):
    """In ulp, the worst element's; a subnormal result's own allowance is taken off."""
    value = np.asarray(getattr(sm, name)(x))
    exact = oracle.reductions(x)[FUNCTIONS.index(name)]
    error = oracle.ulp_error(value, exact)
    if name != "logsumexp":
        error = error - oracle.is_subnormal(exact, x.dtype)
    return float(error.max())


def changed(rng, x):
    """A neighbour of the row x."""
    x = x.copy()
    i = rng.integers(len(x))
    match rng.integers(8):
        case 0:
            x[i] = np.nextafter(x[i], rng.choice([-1, 1]) * np.inf)
        case 1:
            x[i] *= 1 + rng.normal() * 10 ** rng.uniform(-8, -1)
        case 2:
            x[i] += rng.normal() * 10 ** rng.uniform(-8, 1)
        case 3:
            x += x.dtype.type(rng.normal() * 10 ** rng.uniform(-6, 1))
        case 4:
            x[i] = x[rng.integers(len(x))]
        case 5 if len(x) > 1:
            x = np.delete(x, i)
        case 6 if len(x) < 100:
            x = np.insert(x, i, x[rng.integers(len(x))] + x.dtype.type(rng.normal()))
        case _:
            # across or towards 0, where the result is small beside the terms
            value = sm.logsumexp(x)
            if abs(value) < 50:
                x -= value * x.dtype.type(1 + rng.normal() * 1e-3)
    return x.astype(x.dtype)


def climb(rng, name, x, until):
    best = error_of(name, x)
    since = 0
    while since < STEPS and time.monotonic() < until:
        with np.errstate(all="ignore"):
            other = changed(rng, x)
        if not np.isfinite(other.max()) or np.isnan(other).any():
            continue
        error = error_of(name, other)
        since += 1
        if error >= best:
            since = 0 if error > best else since
            x, best = other, error
    return best, x


def is_mended(case):
    """Whether its error was beyond the promise when it was found."""
    return case["ulp"] > PROMISED[case["function"]]


def keep(cases, instruction_set, name, dtype, error, x):
    """Adds a row to the cases, and drops the mildest of its kind beyond those kept."""
    row = [float(each).hex() for each in x]
    if any(case["row"] == row and case["dtype"] == dtype for case in cases):
        return
    cases.append(
        {"set": instruction_set, "function": name, "dtype": dtype, "ulp": round(error, 4), "row": row}
    )
    alike = [
        case
        for case in cases
        if (case["set"], case["function"], case["dtype"]) == (instruction_set, name, dtype)
        and not is_mended(case)
    ]
    if len(alike) > KEPT:
        cases.remove(min(alike, key=lambda case: case["ulp"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    instruction_set = sm.show_config(mode="dicts")["instruction_sets"]["chosen"]
    cases = json.loads(DATA.read_text()) if DATA.exists() else []
    for case in cases:  # the kernels may have changed since
        if case["set"] == instruction_set and not is_mended(case):
            x = np.array([float.fromhex(each) for each in case["row"]], case["dtype"])
            case["ulp"] = round(error_of(case["function"], x), 4)
    worst = {}
    until = time.monotonic() + options.seconds
    while time.monotonic() < until:
        family = rng.choice(list(FAMILIES))
        dtype = str(rng.choice(DTYPES))
        name = str(rng.choice(FUNCTIONS))
        x = FAMILIES[family](rng, 1, int(rng.choice([2, 3, 4, 6, 9, 17, 40])), dtype)[0]
        error, x = climb(rng, name, x, until)
        if error > worst.get((name, dtype), (-1,))[0]:
            worst[name, dtype] = error, family, x
            keep(cases, instruction_set, name, dtype, error, x)
    for (name, dtype), (error, family, x) in sorted(worst.items()):
        print(f"{instruction_set}  {name:12} {dtype}  {error:.3f} ulp  from {family}, {len(x)} elements")
    cases.sort(key=lambda case: (case["dtype"], case["function"], case["set"], -case["ulp"]))
    DATA.parent.mkdir(exist_ok=True)
    DATA.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


if __name__ == "__main__":
    main()
