"""The error of the one-argument functions in float32, for every float or every `--step`th.

    python tools/exhaustive.py [--step 1] [names...]

The reference is the function in float64, whose own error (below 2**-52) the tests hold against mpmath.
"""

import argparse

import numpy as np

import stablemath_core as sm

NAMES = ("expit", "softplus", "log_expit", "log1mexp", "logexpm1", "logit", "entr", "logcosh")
BLOCK = 1 << 15  # floats at a time, all arrays in the second-level cache
EXPONENT = np.int64(0x7FF << 52)


def ulps(got: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """|got - exact| in ulps of float32; 0 where both are nan or the same infinity, inf where one is."""
    binade = (exact.view(np.int64) & EXPONENT).view(np.float64)
    spacing = np.maximum(binade, 2.0**-126) * 2.0**-23
    error = np.abs(got - exact) / spacing
    if not np.isfinite(error.sum()):
        rounded = exact.astype(np.float32)
        same = (got == rounded) & np.isinf(got) | np.isnan(got) & np.isnan(exact)
        error = np.where(same, 0, np.where(np.isfinite(error), error, np.inf))
    return error


def worst(name: str, step: int) -> tuple[float, np.float32]:
    """The largest error and where it is."""
    function = getattr(sm, name)
    most, where = 0.0, np.float32(0)
    with np.errstate(all="ignore"):
        for start in range(0, 1 << 32, BLOCK * step):
            bits = np.arange(start, min(start + BLOCK * step, 1 << 32), step, dtype=np.uint32)
            x = bits.view(np.float32)
            error = ulps(function(x), function(x.astype(np.float64)))
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
