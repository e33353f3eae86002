"""The elementwise functions: name, loops, kernels, identity and documentation of each. The bounds are those that tests hold."""

NOTE = """

Notes
-----
A NumPy ufunc: float32 and float64 by vector loops, float16 through float32, long double one by one; integers and
bool are computed as float64. No value makes it warn: nan and infinities are results like others. Bounds are of float32
and float64; a result below the normal numbers may be one smallest subnormal further off.
"""

expit = make_ufunc("expit", unary_loops, 1, <void *>f32.expit, <void *>f64.expit, <void *>expit_wide, None, """\
The logistic sigmoid, ``1 / (1 + exp(-x))``: a probability from its log odds.

0 at -inf, 1 at inf; subnormal results keep their digits. Error below 1 ulp. The inverse is `logit`.

Examples
--------
>>> import stablemath_core as sm
>>> sm.expit([-800.0, -700.0, 0.0, 2.0])
array([0.00000000e+000, 9.85967654e-305, 5.00000000e-001, 8.80797078e-001])""" + NOTE)

log_expit = make_ufunc(
    "log_expit", unary_loops, 1, <void *>f32.log_expit, <void *>f64.log_expit, <void *>log_expit_wide, None, """\
The logarithm of the logistic sigmoid, ``log(1 / (1 + exp(-x))) = -softplus(-x)``.

-inf at -inf, -0.0 at inf. Error below 2 ulp.

Examples
--------
>>> import stablemath_core as sm
>>> sm.log_expit([-1000.0, 0.0, 50.0])
array([-1.00000000e+03, -6.93147181e-01, -1.92874985e-22])""" + NOTE)

softplus = make_ufunc(
    "softplus", unary_loops, 1, <void *>f32.softplus, <void *>f64.softplus, <void *>softplus_wide, None, """\
``log(1 + exp(x))``, a smooth ``max(x, 0)``.

0 at -inf, inf at inf. Error below 2 ulp. The inverse is `logexpm1`, the derivative `expit`.

Examples
--------
>>> import stablemath_core as sm
>>> sm.softplus([-50.0, 0.0, 1000.0])
array([1.92874985e-22, 6.93147181e-01, 1.00000000e+03])""" + NOTE)

logexpm1 = make_ufunc(
    "logexpm1", unary_loops, 1, <void *>f32.logexpm1, <void *>f64.logexpm1, <void *>logexpm1_wide, None, """\
``log(exp(x) - 1)``, the inverse of `softplus`.

-inf at 0, inf at inf, nan below 0. Error below 2 ulp, beside its root log(2) too.

Examples
--------
>>> import stablemath_core as sm
>>> sm.logexpm1([0.0, 1e-20, 1.0, 100.0])
array([        -inf, -46.05170186,   0.54132485, 100.        ])""" + NOTE)

log1mexp = make_ufunc(
    "log1mexp", unary_loops, 1, <void *>f32.log1mexp, <void *>f64.log1mexp, <void *>log1mexp_wide, None, """\
``log(1 - exp(x))`` for ``x <= 0``: of the log of a probability, the log of its complement.

-0.0 at -inf, -inf at 0, nan above. Error below 2 ulp.

Examples
--------
>>> import stablemath_core as sm
>>> sm.log1mexp([-50.0, -1.0, -1e-20])
array([-1.92874985e-22, -4.58675145e-01, -4.60517019e+01])""" + NOTE)

logit = make_ufunc("logit", unary_loops, 1, <void *>f32.logit, <void *>f64.logit, <void *>logit_wide, None, """\
The log odds of a probability, ``log(x / (1 - x))``; the inverse of `expit`.

-inf at 0, inf at 1, nan outside [0, 1]. Error below 2 ulp, beside its root 1/2 too.

Examples
--------
>>> import stablemath_core as sm
>>> sm.logit([0.0, 0.25, 0.5, 1.0])
array([       -inf, -1.09861229,  0.        ,         inf])""" + NOTE)

entr = make_ufunc("entr", unary_loops, 1, <void *>f32.entr, <void *>f64.entr, <void *>entr_wide, None, """\
``-x * log(x)``, a term of an entropy.

0 at 0, -inf below 0 and at inf. Error below 1.5 ulp (2 without fused multiply-add).

Examples
--------
>>> import stablemath_core as sm
>>> sm.entr([0.0, 0.5, 1.0])
array([ 0.        ,  0.34657359, -0.        ])""" + NOTE)

xlogy = make_ufunc("xlogy", binary_loops, 2, <void *>f32.xlogy, <void *>f64.xlogy, <void *>xlogy_wide, None, """\
``x * log(y)``, and 0 where x is 0, whatever y but nan.

nan where y is below 0 (and x is not 0). Error below 1.5 ulp (2 without fused multiply-add).

Examples
--------
>>> import stablemath_core as sm
>>> sm.xlogy([0.0, 2.0], [0.0, 3.0])
array([0.        , 2.19722458])""" + NOTE)

logcosh = make_ufunc(
    "logcosh", unary_loops, 1, <void *>f32.logcosh, <void *>f64.logcosh, <void *>logcosh_wide, None, """\
``log(cosh(x))``: x**2 / 2 near 0, ``|x| - log(2)`` far away.

inf at -inf and inf. Error below 2 ulp, for the smallest x too.

Examples
--------
>>> import stablemath_core as sm
>>> sm.logcosh([1e-10, 1.0, 1000.0])
array([5.00000000e-21, 4.33780830e-01, 9.99306853e+02])""" + NOTE)

logaddexp = make_ufunc(
    "logaddexp", logaddexp_loops, 2, <void *>f32.logaddexp, <void *>f64.logaddexp, <void *>logaddexp_wide, -INFINITY, """\
``log(exp(x) + exp(y))``: the sum of two numbers given by their logarithms.

Error below 1.5 ulp, where the result is close to 0 too. The identity is -inf.

``logaddexp.reduce`` along an axis and ``logaddexp.accumulate`` are as accurate as `logsumexp` and `logcumsumexp` and, for long
rows, as fast, with one temporary row in the latter. Across rows (the first axis of C-ordered data) NumPy itself adds two
at a time, with a rounding each: `logsumexp` serves that, and short rows, better.

Examples
--------
>>> import stablemath_core as sm
>>> sm.logaddexp([-1000.0, 0.0], [-1000.0, -50.0])
array([-9.99306853e+02,  1.92874985e-22])
>>> float(sm.logaddexp.reduce([1.0, 2.0, 3.0]))
3.40760596444438""" + NOTE)

logsubexp = make_ufunc(
    "logsubexp", binary_loops, 2, <void *>f32.logsubexp, <void *>f64.logsubexp, <void *>logsubexp_wide, None, """\
``log(exp(x) - exp(y))``: the difference of two numbers given by their logarithms.

-inf where x equals y, nan where x is less than y and for two inf. Error below 2 ulp, where the result is close to 0 too.

Examples
--------
>>> import stablemath_core as sm
>>> sm.logsubexp([2.0, 2.0, 1000.0], [1.0, 2.0, 999.0])
array([  1.54132485,         -inf, 999.54132485])""" + NOTE)
