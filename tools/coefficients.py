"""Find every constant of `src/lanes` again and write `src/lanes/coefficients.h`.

    python tools/coefficients.py > src/lanes/coefficients.h

Polynomials are minimax (Lawson's iteration in 400 bits; the error stated is that of the polynomial with
its coefficients rounded to the type). Tables and splits are rounded from 400-bit values.
"""

from collections.abc import Callable
from dataclasses import dataclass

import mpmath as mp
import numpy as np

mp.mp.prec = 400
LN2 = mp.log(2)
STEPS = 16  # entries of the table of 2**(j/16)
SCALED_STEPS = 8  # of that of scale 2**(j/8)
FINE = 256  # entries of the table for extended arithmetic


@dataclass(frozen=True)
class Form:
    """What differs between float64 and float32."""

    name: str
    real: type
    bits: int  # of the significand
    split: tuple[int, ...]  # bits of each part of ln 2 but the last
    exp_degree: int
    rough_degree: int  # of sums that need fewer digits
    log_degree: int
    short_degree: int  # of the logarithm that is rounded
    wide_degree: int  # of that of a quotient of up to 2^1.086
    scale: str

    @property
    def kind(self) -> str:
        return "double" if self.bits == 53 else "float"


# The scales are those whose entries are most exact, as far as a search got: among the points of a lattice
# near a line (float64, after LLL reduction) and among all multiples of 2**-31 (float32).
FORMS = (
    Form("f64", np.float64, 53, (33, 53), 5, 5, 7, 6, 9, "1.049344812120306391763"),
    Form("f32", np.float32, 24, (10, 10, 24), 2, 1, 2, 2, 3, "1.087714908591555058"),
)


def rounded(value: mp.mpf, bits: int) -> mp.mpf:
    """`value` to `bits` significant bits, to nearest."""
    if value == 0:
        return mp.mpf(0)
    mantissa, exponent = mp.frexp(value)
    return mp.ldexp(mp.nint(mp.ldexp(mantissa, bits)), exponent - bits)


def parts(value: mp.mpf, widths: tuple[int, ...]) -> list[mp.mpf]:
    """`value` as a sum of numbers of the given widths, each the rest of those before it."""
    out = []
    for width in widths:
        out.append(rounded(value, width))
        value -= out[-1]
    return out


def minimax(f: Callable, weight: Callable, degree: int, low: mp.mpf, high: mp.mpf) -> list[mp.mpf]:
    """The polynomial of `degree` with the least largest |weight * (p - f)| on [low, high].

    Lawson's iteration: least squares on Chebyshev nodes, each node weighted again by its error.
    """
    nodes = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / 240) for i in range(120)]
    weights, values = [weight(x) for x in nodes], [f(x) for x in nodes]
    lawson = [mp.mpf(1)] * len(nodes)
    for _ in range(40):
        square = [share * w * w for share, w in zip(lawson, weights, strict=True)]
        moments = [sum(q * x**k for q, x in zip(square, nodes, strict=True)) for k in range(2 * degree + 1)]
        right = [
            sum(q * x**k * y for q, x, y in zip(square, nodes, values, strict=True))
            for k in range(degree + 1)
        ]
        system = mp.matrix([[moments[i + j] for j in range(degree + 1)] for i in range(degree + 1)])
        p = list(mp.lu_solve(system, mp.matrix(right)))
        errors = [
            abs(w * (mp.polyval(p[::-1], x) - y)) for w, x, y in zip(weights, nodes, values, strict=True)
        ]
        total = sum(share * e for share, e in zip(lawson, errors, strict=True))
        lawson = [share * e / total for share, e in zip(lawson, errors, strict=True)]
    return p


def largest(error: Callable, low: mp.mpf, high: mp.mpf) -> float:
    """log2 of the largest |error| on [low, high]."""
    return float(mp.log(max(abs(error(low + (high - low) * i / 3000)) for i in range(3001)), 2))


def literal(value: mp.mpf, form: Form) -> str:
    """A hexadecimal C literal of the value, which the type must hold exactly."""
    number = form.real(float(value))
    assert mp.mpf(float(number)) == value, value
    return float(number).hex() + ("f" if form.real is np.float32 else "")


def near_zero(f: Callable, at_zero: mp.mpf) -> Callable:
    return lambda x: at_zero if x == 0 else f(x)


def table(name: str, kind: str, values: list[str]) -> None:
    print(f"static const {kind} {name}[{len(values)}] = {{")
    for i in range(0, len(values), 4):
        print("    " + ", ".join(values[i : i + 4]) + ",")
    print("};\n")


def exp_polynomial(name: str, form: Form, steps: int, degree: int) -> None:
    half = LN2 / (2 * steps) * mp.mpf("1.0001")  # the reduction may leave a rounding error more
    f = near_zero(lambda r: (mp.exp(r) - 1 - r) / r**2, mp.mpf(1) / 2)
    c = [rounded(v, form.bits) for v in minimax(f, lambda r: r**2, degree, -half, half)]
    error = largest(lambda r: r**2 * (mp.polyval(c[::-1], r) - f(r)), -half, half)
    print(f"/* exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / {2 * steps}, error 2^{error:.1f} */")
    table(f"{name}_{form.name.upper()}", form.kind, [literal(v, form) for v in c])


def power_table(name: str, form: Form, steps: int, scale: mp.mpf, times: str) -> tuple[list, list]:
    """Write the table for steps of 2**(1/steps); return it exact and rounded."""
    exact = [scale * mp.mpf(2) ** (mp.mpf(j) / steps) for j in range(steps)]
    near = [rounded(v, form.bits) for v in exact]
    field = form.bits - steps.bit_length()
    integer, kind = (np.int64, "int64_t") if form.bits == 53 else (np.int32, "int32_t")
    bits = [int(form.real(float(v)).view(integer)) - (j << field) for j, v in enumerate(near)]
    entry = f"{times}2^(j/{steps})"
    print(f"/* bits of {entry} less j << {field}: adding k << {field} gives {entry.replace('j', 'k')} */")
    table(f"{name}_{form.name.upper()}", kind, [f"{b:#x}" for b in bits])
    return exact, near


def scaled(form: Form) -> None:
    """The table with a scale: no entry far from exact, so that none needs a second part."""
    tag, scale = form.name.upper(), mp.mpf(form.scale)
    exact, near = power_table("SCALED_POWER", form, SCALED_STEPS, scale, "S ")
    error = float(mp.log(max(abs(n / v - 1) for v, n in zip(exact, near, strict=True)), 2))
    print(f"/* 1 / S; S = {form.scale}, for which all entries are within 2^{error:.2f} of exact */")
    for i, v in enumerate(parts(1 / scale, (form.bits, form.bits))):
        print(f"#define UNSCALE{i}_{tag} {literal(v, form)}")
    print()


def exponential(form: Form) -> None:
    tag = form.name.upper()
    exp_polynomial("EXP", form, STEPS, form.exp_degree)
    exact, near = power_table("POWER", form, STEPS, mp.mpf(1), "")
    print(f"/* 2^(j/{STEPS}) over its rounded value, less 1 */")
    rest = [rounded(v / n - 1, form.bits) for v, n in zip(exact, near, strict=True)]
    table(f"POWER_REST_{tag}", form.kind, [literal(v, form) for v in rest])
    exp_polynomial("SCALED_EXP", form, SCALED_STEPS, form.exp_degree)
    if form.rough_degree != form.exp_degree:
        exp_polynomial("ROUGH_EXP", form, SCALED_STEPS, form.rough_degree)
    scaled(form)

    widths = (*form.split, form.bits)
    for i, v in enumerate(parts(LN2, widths)):
        print(f"#define LN2_PART{i}_{tag} {literal(v, form)}")
    for i, v in enumerate(parts(LN2, (form.bits, form.bits))):
        print(f"#define LN2_FULL{i}_{tag} {literal(v, form)}")
    print(f"#define LOG2E_{tag} {literal(rounded(1 / LN2, form.bits), form)}\n")


def logarithm(form: Form) -> None:
    def f(z: mp.mpf) -> mp.mpf:
        s = mp.sqrt(z)
        return (2 * mp.atanh(s) - 2 * s) / s**3

    f = near_zero(f, mp.mpf(2) / 3)
    for name, degree, power in (
        ("LOG", form.log_degree, "0.5"),
        ("LOG_SHORT", form.short_degree, "0.5"),
        ("LOG_WIDE", form.wide_degree, "1.086"),
    ):
        quotient = mp.mpf(2) ** mp.mpf(power)
        high = ((quotient - 1) / (quotient + 1)) ** 2 * mp.mpf("1.001")
        c = [rounded(v, form.bits) for v in minimax(f, lambda z: z / 2, degree, mp.mpf(0), high)]
        error = largest(lambda z, c=c: z / 2 * (mp.polyval(c[::-1], z) - f(z)), mp.mpf(0), high)
        print("/* log((1 + s) / (1 - s)) = 2 s + s^3 (c0 + c1 s^2 + ...),")
        print(f"   |s| <= (q - 1) / (q + 1), q = 2^{power}, relative error 2^{error:.1f} */")
        table(f"{name}_{form.name.upper()}", form.kind, [literal(v, form) for v in c])


def extended() -> None:
    """What arithmetic on three doubles needs."""
    form = FORMS[0]
    print(f"/* 2^(j/{FINE}) as a sum of three doubles */")
    print(f"static const double POWER_FINE[{FINE}][3] = {{")
    for j in range(FINE):
        triple = parts(mp.mpf(2) ** (mp.mpf(j) / FINE), (53, 53, 53))
        print("    {" + ", ".join(literal(v, form) for v in triple) + "},")
    print("};\n")
    print(
        "/* 1/(k + 2)! as a sum of two doubles: exp(r) = 1 + r + r^2 (c0 + c1 r + ...) on |r| <= ln 2 / 512,"
    )
    print("   error 2^-143 */")
    print("static const double INVERSE_FACTORIAL[10][2] = {")
    for k in range(10):
        print("    {" + ", ".join(literal(v, form) for v in parts(1 / mp.factorial(k + 2), (53, 53))) + "},")
    print("};\n")
    print("/* ln 2 in three parts of 30 bits, each exact times a 22-bit integer, and the rest */")
    for i, v in enumerate(parts(LN2, (30, 30, 30, 53))):
        print(f"#define LN2_FINE{i} {literal(v, form)}")


def main() -> None:
    print("/* Written by tools/coefficients.py: do not edit. */")
    print("#ifndef STABLEMATH_COEFFICIENTS_H\n#define STABLEMATH_COEFFICIENTS_H\n\n#include <stdint.h>\n")
    for form in FORMS:
        exponential(form)
        logarithm(form)
    extended()
    print("\n#endif")


if __name__ == "__main__":
    main()
