"""The implementations: how each is called, in its own types, with the same number of threads."""

import contextlib
import importlib
import importlib.util
import os

import numpy as np
import scipy
import scipy.special

import stablemath_core

from .measure import Call

FUNCTIONS = ("logsumexp", "softmax", "log_softmax")


class Formula:
    """What everyone writes with NumPy: shifted by the maximum."""

    @staticmethod
    def logsumexp(x, axis=None):
        top = x.max(axis=axis, keepdims=True)
        total = np.exp(x - top).sum(axis=axis)
        return top.squeeze(axis) + np.log(total)

    @staticmethod
    def softmax(x, axis=None):
        terms = np.exp(x - x.max(axis=axis, keepdims=True))
        terms /= terms.sum(axis=axis, keepdims=True)
        return terms

    @staticmethod
    def log_softmax(x, axis=None):
        shifted = x - x.max(axis=axis, keepdims=True)
        shifted -= np.log(np.exp(shifted).sum(axis=axis, keepdims=True))
        return shifted


class Peer:
    """An implementation under a label.

    call(function, x, axis) gives a Call, or None where it has no such thing.
    """

    answers = True  # its results are to be compared with the exact ones

    def threads(self, n):
        """A context in which it uses so many threads."""
        return contextlib.nullcontext()


class OnArrays(Peer):
    """A module or class with functions of NumPy arrays."""

    def __init__(self, label, functions, version):
        self.label, self.functions, self.version = label, functions, version

    def call(self, function, x, axis):
        names = {"f": getattr(self.functions, function), "x": x, "axis": axis}
        return Call("f(x)" if axis is None else "f(x, axis=axis)", names)


class Ours(OnArrays):
    def __init__(self):
        super().__init__("ours", stablemath_core, stablemath_core.__version__)

    def threads(self, n):
        return stablemath_core.num_threads(n)


class Torch(Peer):
    label = "torch"

    def __init__(self, threads):
        self.torch = importlib.import_module("torch")
        self.version = self.torch.__version__
        self.torch.set_num_threads(threads)

    def call(self, function, x, axis):
        dims = tuple(range(x.ndim)) if axis is None else axis
        names = {"torch": self.torch, "x": self.torch.from_numpy(x), "dim": dims}
        if isinstance(dims, tuple) and len(dims) == 1:
            names["dim"] = dims[0]
        elif isinstance(dims, tuple) and function != "logsumexp":
            # torch's own go along one axis; this is how its users go along more
            expression = "x - torch.logsumexp(x, dim, keepdim=True)"
            return Call(expression if function == "log_softmax" else f"torch.exp({expression})", names)
        return Call(f"torch.{function}(x, dim=dim)", names)


class Jax(Peer):
    label = "JAX"

    def __init__(self, threads):
        self.jax = importlib.import_module("jax")
        self.version = self.jax.__version__
        self.jax.config.update("jax_enable_x64", True)
        self.functions = {
            "logsumexp": self.jax.scipy.special.logsumexp,
            "softmax": self.jax.nn.softmax,
            "log_softmax": self.jax.nn.log_softmax,
        }

    def call(self, function, x, axis):
        compiled = self.jax.jit(self.functions[function], static_argnames="axis")
        names = {"f": compiled, "x": self.jax.numpy.asarray(x), "axis": axis}
        return Call("f(x, axis=axis).block_until_ready()", names)


def available(threads=1):
    """All that can be imported here, ours first. Once only: JAX's threads are settled at its import."""
    os.environ["NPROC"] = str(threads)  # the size of XLA's pool
    if threads == 1:
        flags = os.environ.get("XLA_FLAGS", "")
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    peers = [
        Ours(),
        OnArrays("scipy", scipy.special, scipy.__version__),
        OnArrays("NumPy", Formula, np.__version__),
    ]
    for name, peer in (("torch", Torch), ("jax", Jax)):
        if importlib.util.find_spec(name):
            # one that is installed and broken is as good as absent
            with contextlib.suppress(ImportError, OSError):
                peers.append(peer(threads))
    return peers
