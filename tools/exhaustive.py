"""The error of the one-argument functions in float32, for every float or every `--step`th.

    python tools/exhaustive.py [--step 1] [names...]

The reference is the function in float64, whose own error (below 2**-52) the tests hold against mpmath.
"""

import argparse

import numpy as np

import stablemath_core as sm

NAMES = ("expit", "softplus", "log_expit", "log1mexp", "logexpm1", "logit", "entr", "logcosh")
BLOCK = 1 << 20


def ulps(got: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """|got - exact| in ulps of float32; 0 where both are nan or the same infinity, inf where one is."""
    size = np.maximum(np.abs(exact), np.finfo(np.float32).smallest_normal)
    with np.errstate(all="ignore"):
        spacing = np.exp2(np.floor(np.log2(size)) - 23)
        error = np.abs(got - exact) / spacing
        rounded = exact.astype(np.float32)
    same = (got == rounded) & np.isinf(got) | np.isnan(got) & np.isnan(exact)
    return np.where(same, 0, np.where(np.isfinite(error), error, np.inf))


def worst(name: str, step: int) -> tuple[float, np.float32]:
    """The largest error and where it is."""
    function = getattr(sm, name)
    most, where = 0.0, np.float32(0)
    for start in range(0, 1 << 32, BLOCK * step):
        bits = np.arange(start, min(start + BLOCK * step, 1 << 32), step, dtype=np.uint64)
        x = bits.astype(np.uint32).view(np.float32)
        with np.errstate(invalid="ignore"):  # signalling nan among the floats
            error = ulps(function(x).astype(np.float64), function(x.astype(np.float64)))
        k = int(error.argmax())
        if error[k] > most:
            most, where = float(error[k]), x[k]
    return most, where


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--step", type=int, default=1)
    options = parser.parse_args()
    for name in options.names:
        most, where = worst(name, options.step)
        print(f"{name:10} {most:8.4f} ulp at {float(where).hex()}", flush=True)


if __name__ == "__main__":
    main()
