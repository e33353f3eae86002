"""Elementwise functions, losses, masks and running sums: `python -m benchmarks.relatives FILE`.

The tables here say which expression does the work for each implementation; `x`, `y`, `mask` and `labels` are
arrays of its own kind in it. JAX's are compiled.
"""

import argparse

import numpy as np
import scipy.special

import stablemath_core
from stablemath_core._bench import command, measure, peers, report, run

# name: what x (and y) are drawn from, then the expressions of NumPy or scipy, torch and JAX
ELEMENTWISE = {
    "logaddexp(x, y)": ("wide", "np.logaddexp(x, y)", "torch.logaddexp(x, y)", "jnp.logaddexp(x, y)"),
    "logsubexp(x, y)": (
        "ordered",
        "x + log1mexp(np, y - x)",
        "x + log1mexp(torch, y - x)",
        "x + log1mexp(jnp, y - x)",
    ),
    "softplus(x)": ("wide", "np.logaddexp(0, x)", "F.softplus(x)", "jax.nn.softplus(x)"),
    "logexpm1(x)": (
        "positive",
        "x + log1mexp(np, -x)",
        "x + log1mexp(torch, -x)",
        "x + log1mexp(jnp, -x)",
    ),
    "log1mexp(x)": ("negative", "log1mexp(np, x)", "log1mexp(torch, x)", "log1mexp(jnp, x)"),
    "expit(x)": ("wide", "scipy.expit(x)", "torch.special.expit(x)", "jax.nn.sigmoid(x)"),
    "log_expit(x)": ("wide", "scipy.log_expit(x)", "F.logsigmoid(x)", "jax.nn.log_sigmoid(x)"),
    "logit(x)": ("share", "scipy.logit(x)", "torch.special.logit(x)", "jax.scipy.special.logit(x)"),
    "xlogy(x, y)": (
        "positive",
        "scipy.xlogy(x, y)",
        "torch.special.xlogy(x, y)",
        "jax.scipy.special.xlogy(x, y)",
    ),
    "entr(x)": ("share", "scipy.entr(x)", "torch.special.entr(x)", "jax.scipy.special.entr(x)"),
    "logcosh(x)": (
        "wide",
        "np.logaddexp(x, -x) - 0.6931471805599453",
        "torch.logaddexp(x, -x) - 0.6931471805599453",
        "jnp.logaddexp(x, -x) - 0.6931471805599453",
    ),
}

# name: shapes, our expression, torch's, JAX's
LOSSES = {
    "softmax_cross_entropy": (
        ((100000, 10), (10000, 1000), (4096, 32000)),
        "sm.softmax_cross_entropy(x, labels)",
        "F.cross_entropy(x, labels)",
        "-jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(x), labels[:, None], 1))",
    ),
    "sigmoid_cross_entropy": (
        ((100000, 10),),
        "sm.sigmoid_cross_entropy(x, y)",
        "F.binary_cross_entropy_with_logits(x, y)",
        "jnp.mean(jnp.maximum(x, 0) - x * y + jnp.log1p(jnp.exp(-jnp.abs(x))))",
    ),
}

# name: shape, then expressions by label; 'plain' is our call without the option
OPTIONS = {
    "logsumexp, where": (
        (1000, 1000),
        {
            "ours": "sm.logsumexp(x, axis=-1, where=mask)",
            "plain": "sm.logsumexp(x, axis=-1)",
            "scipy": "scipy.logsumexp(x, axis=-1, b=mask)",
            "NumPy": "formula.logsumexp(np.where(mask, x, -np.inf), axis=-1)",
            "torch": "torch.logsumexp(x.masked_fill(~mask, -torch.inf), -1)",
        },
    ),
    "softmax, where": (
        (1000, 1000),
        {
            "ours": "sm.softmax(x, axis=-1, where=mask)",
            "plain": "sm.softmax(x, axis=-1)",
            "NumPy": "formula.softmax(np.where(mask, x, -np.inf), axis=-1)",
            "torch": "torch.softmax(x.masked_fill(~mask, -torch.inf), -1)",
        },
    ),
    "logsumexp, where, columns": (
        (1000, 1000),
        {
            "ours": "sm.logsumexp(x, axis=0, where=mask)",
            "plain": "sm.logsumexp(x, axis=0)",
            "scipy": "scipy.logsumexp(x, axis=0, b=mask)",
        },
    ),
    "logsumexp, b": (
        (1000, 1000),
        {
            "ours": "sm.logsumexp(x, axis=-1, b=weights)",
            "plain": "sm.logsumexp(x, axis=-1)",
            "scipy": "scipy.logsumexp(x, axis=-1, b=weights)",
        },
    ),
    "logmeanexp": (
        (1000, 1000),
        {
            "ours": "sm.logmeanexp(x, axis=-1)",
            "plain": "sm.logsumexp(x, axis=-1)",
            "scipy": "scipy.logsumexp(x, axis=-1) - np.log(1000)",
        },
    ),
    "logsumexp_and_softmax": (
        (1000, 1000),
        {
            "ours": "sm.logsumexp_and_softmax(x, axis=-1)",
            "plain": "sm.softmax(x, axis=-1)",
            "scipy": "scipy.logsumexp(x, axis=-1), scipy.softmax(x, axis=-1)",
        },
    ),
    "LogSumExp().update": (
        (1000000,),
        {
            "ours": "sm.LogSumExp().update(x)",
            "plain": "sm.logsumexp(x)",
            "scipy": "scipy.logsumexp(x)",
        },
    ),
    "logcumsumexp": (
        (1000000,),
        {
            "ours": "sm.logcumsumexp(x)",
            "NumPy": "np.logaddexp.accumulate(x)",
            "torch": "torch.logcumsumexp(x, 0)",
            "JAX": "jax.lax.cumlogsumexp(x)",
        },
    ),
    "logcumsumexp, columns": (
        (1000, 1000),
        {
            "ours": "sm.logcumsumexp(x, axis=0)",
            "NumPy": "np.logaddexp.accumulate(x, axis=0)",
            "torch": "torch.logcumsumexp(x, 0)",
        },
    ),
}
GROUPS = ("elementwise", "losses", "losses with gradient", "options")


def log1mexp(library, x):
    """log(1 - exp(x)) as one writes it where the library has none, without losing digits."""
    return library.where(x > -0.693, library.log(-library.expm1(x)), library.log1p(-library.exp(x)))


class Kinds:
    """Calls of expressions, each in its implementation's world."""

    def __init__(self, threads):
        self.peers = peers.available(threads)
        self.labels = [peer.label for peer in self.peers]
        self.names = {
            "np": np,
            "scipy": scipy.special,
            "sm": stablemath_core,
            "formula": peers.Formula,
            "log1mexp": log1mexp,
        }
        if "torch" in self.labels:
            import torch

            self.names |= {"torch": torch, "F": torch.nn.functional}
        if "JAX" in self.labels:
            import jax

            self.names |= {"jax": jax, "jnp": jax.numpy}

    def call(self, label, expression, arrays):
        if label == "torch":
            arrays = {name: self.names["torch"].from_numpy(array) for name, array in arrays.items()}
        elif label == "JAX":
            jax = self.names["jax"]
            function = eval(f"lambda {', '.join(arrays)}: {expression}", self.names)
            return self._compiled(
                function, {name: jax.numpy.asarray(array) for name, array in arrays.items()}
            )
        return measure.Call(expression, {**self.names, **arrays})

    def gradient(self, label, expression, arrays):
        """A call that gives the expression's gradient with regard to x too."""
        if label == "ours":
            return self.call(label, expression[:-1] + ", return_grad=True)", arrays)
        if label == "torch":
            call = self.call(label, f"torch.autograd.grad({expression}, x)", arrays)
            call.names["x"].requires_grad_()
            return call
        jax = self.names["jax"]
        function = jax.value_and_grad(eval(f"lambda {', '.join(arrays)}: {expression}", self.names))
        return self._compiled(function, {name: jax.numpy.asarray(array) for name, array in arrays.items()})

    def _compiled(self, function, arrays):
        jax = self.names["jax"]
        call = f"ready(f({', '.join(arrays)}))"
        return measure.Call(call, {"ready": jax.block_until_ready, "f": jax.jit(function), **arrays})


def elementwise(kinds):
    """(dtype, description, calls by label), for every function."""
    for name, (domain, numpy, torch, jax) in ELEMENTWISE.items():
        expressions = {"ours": f"sm.{name}", "NumPy": numpy, "torch": torch, "JAX": jax}
        if numpy.startswith("scipy"):
            expressions["scipy"] = expressions.pop("NumPy")
        for dtype in run.DTYPES:
            arrays = dict(zip("xy" if ", y" in name else "x", _operands(domain, dtype), strict=False))
            yield dtype, name, _calls(kinds.call, kinds, expressions, arrays)


def _operands(domain, dtype):
    rng = np.random.default_rng(7)
    x, y = rng.standard_normal((2, 100000)) * 10
    x, y = {
        "wide": (x, y),
        "positive": (np.abs(x), np.abs(y)),
        "negative": (-np.abs(x), -np.abs(y)),
        "ordered": (np.maximum(x, y), np.minimum(x, y)),
        "share": (rng.random(x.size), rng.random(x.size)),
    }[domain]
    return x.astype(dtype), y.astype(dtype)


def losses(kinds, gradient):
    for name, (shapes, ours, torch, jax) in LOSSES.items():
        for shape in shapes:
            rng = np.random.default_rng(11)
            arrays = {"x": rng.standard_normal(shape, np.float32) * 5}
            if "labels" in ours:
                arrays["labels"] = rng.integers(shape[1], size=shape[0])
            else:
                arrays["y"] = rng.random(shape, np.float32)
            make = kinds.gradient if gradient else kinds.call
            yield (
                "float32",
                f"{name} {shape}",
                _calls(make, kinds, {"ours": ours, "torch": torch, "JAX": jax}, arrays),
            )


def options(kinds):
    for name, (shape, expressions) in OPTIONS.items():
        rng = np.random.default_rng(13)
        x = rng.standard_normal(shape) * 10
        extra = {"mask": rng.random(shape) < 0.7, "weights": rng.random(shape)}
        for dtype in run.DTYPES:
            arrays = {"x": x.astype(dtype)}
            for each, array in extra.items():
                if any(each in expression for expression in expressions.values()):
                    arrays[each] = array if array.dtype == bool else array.astype(dtype)
            yield dtype, f"{name} {shape}", _calls(kinds.call, kinds, expressions, arrays)


def _calls(make, kinds, expressions, arrays):
    found = {}
    for label, expression in expressions.items():
        if label in kinds.labels or label == "plain":
            found[label] = make(label, expression, arrays)
            found[label].result()  # compiles, and warms up
    return found


def cells(group, kinds, seconds):
    rows = {
        "elementwise": elementwise,
        "losses": lambda kinds: losses(kinds, gradient=False),
        "losses with gradient": lambda kinds: losses(kinds, gradient=True),
        "options": options,
    }[group](kinds)
    for dtype, name, calls in rows:
        times = measure.interleaved(calls, seconds)
        x = next(call.names["x"] for call in calls.values())
        yield run.Cell(group, dtype, name, group, x.size, x.size, times, {})


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relatives", description=__doc__)
    parser.add_argument("json", metavar="FILE")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.6, help="for each line (default: %(default)s)")
    parser.add_argument("--group", choices=GROUPS, action="append", help="only these (default: all)")
    options = parser.parse_args(arguments)

    kinds = Kinds(options.threads)
    console, found = command.console(), []
    with stablemath_core.num_threads(options.threads), np.errstate(all="ignore"):
        for group in options.group or GROUPS:
            measured = sorted(
                cells(group, kinds, options.seconds), key=lambda cell: run.DTYPES.index(cell.dtype)
            )
            if measured:
                labels = [
                    each
                    for each in ("ours", "plain", *kinds.labels[1:])
                    if any(each in c.times for c in measured)
                ]
                console.print(report.table(group, measured, labels))
                console.print()
            found += measured
    report.write_json(options.json, report.machine(kinds.peers, options.threads), found)


if __name__ == "__main__":
    main()
