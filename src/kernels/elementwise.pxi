"""The elementwise functions: name, loops, kernels, identity and documentation of each. The bounds are those that tests hold."""

DESCRIPTION = """\
{summary}

Parameters
----------
{operands} : array_like
    Real numbers{broadcast}.
out : ndarray or tuple of one, optional
    Where to write the result; it may be an operand.
where : array_like of bool, optional
    Elements to compute; the others of `out` are left as they are.
**kwargs
    `dtype`, `casting` and whatever else every NumPy ufunc takes.

Returns
-------
ndarray or scalar
    Of the shape that the operands broadcast to and their common floating dtype, float64 for integers and bool; a NumPy
    scalar for scalars.

Raises
------
TypeError
    If an operand does not hold real numbers, or the result cannot be cast to the dtype of `out`.
ValueError
    If shapes do not broadcast, or `out` has the wrong shape.

Notes
-----
{notes}

A NumPy ufunc: float32 and float64 by vector loops, float16 through float32, long double one by one; integers and
bool are computed as float64. No value makes it warn: nan and infinities are results like others. Bounds are of float32
and float64; a result below the normal numbers may be one smallest subnormal further off.

References
----------
{references}T. J. Dekker: A floating-point technique for extending the available precision.  Numerische Mathematik 18 (1971).

Examples
--------
>>> import stablemath_core as sm
{examples}"""

MACHLER = "M. Mächler: Accurately computing log(1 - exp(-|a|)).  Vignette of the R package Rmpfr (2012).\n\n"
BLANCHARD = """\
P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and softmax functions.  IMA Journal of
Numerical Analysis 41 (2021).

"""


cdef str described(int inputs, summary, notes, examples, references=""):
    """A docstring; NumPy puts the signature before it, whose operands are x or x1 and x2."""
    return DESCRIPTION.format(
        summary=summary, notes=notes, examples=examples, references=references,
        operands="x" if inputs == 1 else "x1, x2", broadcast="" if inputs == 1 else ", of shapes that broadcast together")


expit = make_ufunc(
    "expit", unary_loops, 1, <void *>f32.expit, <void *>f64.expit, <void *>expit_wide, None, described(1, """\
The logistic sigmoid, ``1 / (1 + exp(-x))``: a probability from its log odds.""", """\
0 at -inf, 1 at inf; subnormal results keep their digits. Error below 1 ulp. The inverse is `logit`.""", """\
>>> sm.expit([-800.0, -700.0, 0.0, 2.0])
array([0.00000000e+000, 9.85967654e-305, 5.00000000e-001, 8.80797078e-001])"""))

log_expit = make_ufunc(
    "log_expit", unary_loops, 1, <void *>f32.log_expit, <void *>f64.log_expit, <void *>log_expit_wide, None, described(1, """\
The logarithm of the logistic sigmoid, ``log(1 / (1 + exp(-x))) = -softplus(-x)``.""", """\
-inf at -inf, -0.0 at inf. Error below 2 ulp.""", """\
>>> sm.log_expit([-1000.0, 0.0, 50.0])
array([-1.00000000e+03, -6.93147181e-01, -1.92874985e-22])""", MACHLER))

softplus = make_ufunc(
    "softplus", unary_loops, 1, <void *>f32.softplus, <void *>f64.softplus, <void *>softplus_wide, None, described(1, """\
``log(1 + exp(x))``, a smooth ``max(x, 0)``.""", """\
0 at -inf, inf at inf. Error below 2 ulp. The inverse is `logexpm1`, the derivative `expit`.""", """\
>>> sm.softplus([-50.0, 0.0, 1000.0])
array([1.92874985e-22, 6.93147181e-01, 1.00000000e+03])""", MACHLER))

logexpm1 = make_ufunc(
    "logexpm1", unary_loops, 1, <void *>f32.logexpm1, <void *>f64.logexpm1, <void *>logexpm1_wide, None, described(1, """\
``log(exp(x) - 1)``, the inverse of `softplus`.""", """\
-inf at 0, inf at inf, nan below 0. Error below 2 ulp, beside its root log(2) too.""", """\
>>> sm.logexpm1([0.0, 1e-20, 1.0, 100.0])
array([        -inf, -46.05170186,   0.54132485, 100.        ])""", MACHLER))

log1mexp = make_ufunc(
    "log1mexp", unary_loops, 1, <void *>f32.log1mexp, <void *>f64.log1mexp, <void *>log1mexp_wide, None, described(1, """\
``log(1 - exp(x))`` for ``x <= 0``: of the log of a probability, the log of its complement.""", """\
-0.0 at -inf, -inf at 0, nan above. Error below 2 ulp.""", """\
>>> sm.log1mexp([-50.0, -1.0, -1e-20])
array([-1.92874985e-22, -4.58675145e-01, -4.60517019e+01])""", MACHLER))

logit = make_ufunc(
    "logit", unary_loops, 1, <void *>f32.logit, <void *>f64.logit, <void *>logit_wide, None, described(1, """\
The log odds of a probability, ``log(x / (1 - x))``; the inverse of `expit`.""", """\
-inf at 0, inf at 1, nan outside [0, 1]. Error below 2 ulp, beside its root 1/2 too.""", """\
>>> sm.logit([0.0, 0.25, 0.5, 1.0])
array([       -inf, -1.09861229,  0.        ,         inf])"""))

entr = make_ufunc(
    "entr", unary_loops, 1, <void *>f32.entr, <void *>f64.entr, <void *>entr_wide, None, described(1, """\
``-x * log(x)``, a term of an entropy.""", """\
0 at 0, -inf below 0 and at inf. Error below 1.5 ulp (2 without fused multiply-add).""", """\
>>> sm.entr([0.0, 0.5, 1.0])
array([ 0.        ,  0.34657359, -0.        ])"""))

xlogy = make_ufunc(
    "xlogy", binary_loops, 2, <void *>f32.xlogy, <void *>f64.xlogy, <void *>xlogy_wide, None, described(2, """\
``x1 * log(x2)``, and 0 where x1 is 0, whatever x2 but nan.""", """\
nan where x2 is below 0 (and x1 is not 0). Error below 1.5 ulp (2 without fused multiply-add).""", """\
>>> sm.xlogy([0.0, 2.0], [0.0, 3.0])
array([0.        , 2.19722458])"""))

logcosh = make_ufunc(
    "logcosh", unary_loops, 1, <void *>f32.logcosh, <void *>f64.logcosh, <void *>logcosh_wide, None, described(1, """\
``log(cosh(x))``: x**2 / 2 near 0, ``|x| - log(2)`` far away.""", """\
inf at -inf and inf. Error below 2 ulp, for the smallest x too.""", """\
>>> sm.logcosh([1e-10, 1.0, 1000.0])
array([5.00000000e-21, 4.33780830e-01, 9.99306853e+02])"""))

logaddexp = make_ufunc(
    "logaddexp", logaddexp_loops, 2, <void *>f32.logaddexp, <void *>f64.logaddexp, <void *>logaddexp_wide, -INFINITY,
    described(2, """\
``log(exp(x1) + exp(x2))``: the sum of two numbers given by their logarithms.""", """\
Error below 1.5 ulp, where the result is close to 0 too. The identity is -inf.

``logaddexp.reduce`` along an axis and ``logaddexp.accumulate`` are as accurate as `logsumexp` and `logcumsumexp` and, for long
rows, as fast, with one temporary row in the latter. Across rows (the first axis of C-ordered data) NumPy itself adds two
at a time, with a rounding each: `logsumexp` serves that, and short rows, better.""", """\
>>> sm.logaddexp([-1000.0, 0.0], [-1000.0, -50.0])
array([-9.99306853e+02,  1.92874985e-22])
>>> float(sm.logaddexp.reduce([1.0, 2.0, 3.0]))
3.40760596444438""", BLANCHARD))

logsubexp = make_ufunc(
    "logsubexp", binary_loops, 2, <void *>f32.logsubexp, <void *>f64.logsubexp, <void *>logsubexp_wide, None, described(2, """\
``log(exp(x1) - exp(x2))``: the difference of two numbers given by their logarithms.""", """\
-inf where x1 equals x2, nan where x1 is less than x2 and for two inf. Error below 2 ulp, where the result is close to 0
too.""", """\
>>> sm.logsubexp([2.0, 2.0, 1000.0], [1.0, 2.0, 999.0])
array([  1.54132485,         -inf, 999.54132485])""", MACHLER))
