"""Dask arrays stay lazy: their chunks are computed when the graph is.

A chunk's share of a logsumexp is the mergeable state of `LogSumExp`; elementwise results,
and dtypes that no state is kept of, need whole rows, so the axes summed over are joined
into one chunk first.
Nothing here imports Dask: an array of it brings its module along.
"""

import functools
import sys

import numpy as np

from . import _arguments
from ._state import DTYPES, LogSumExp


def is_lazy(x):
    """Whether x is a Dask array."""
    return type(x).__module__.startswith("dask.array") and hasattr(x, "map_blocks")


def reduced(function, a, axis, keepdims):
    """logsumexp (`function`) of a Dask array: one state a chunk, merged as a tree."""
    dask = sys.modules["dask.array"]
    a = _floating(a, "a", strict=True)
    a = a.reshape(1) if a.ndim == 0 else a
    axes = _arguments.axes(axis, a.ndim)
    if not axes or a.dtype.char not in DTYPES:
        value = _by_whole_rows(function, a, axes, dropped=axes)
        return dask.expand_dims(value, axes) if keepdims else value
    return dask.reduction(
        a,
        chunk=functools.partial(_chunk_state, dtype=a.dtype),
        combine=_merged,
        aggregate=_value,
        axis=axes,
        keepdims=bool(keepdims),
        dtype=a.dtype,
        concatenate=False,
        meta=np.empty((0,) * (a.ndim if keepdims else a.ndim - len(axes)), a.dtype),
    )


def along(function, x, axis):
    """softmax or log_softmax (`function`) of a Dask array."""
    x = _floating(x, "x", strict=False)
    axes = _arguments.axes(axis, max(x.ndim, 1)) if x.ndim else ()
    return _by_whole_rows(function, x, axes)


def _by_whole_rows(function, x, axes, dropped=()):
    """function(block, axis=axes) of blocks that are whole along `axes`."""
    whole = x.rechunk(dict.fromkeys(axes, -1))
    meta = np.empty((0,) * (x.ndim - len(dropped)), x.dtype)
    return whole.map_blocks(function, axis=axes, drop_axis=list(dropped), dtype=x.dtype, meta=meta)


def _floating(x, name, strict):
    """x in its result's dtype; what cannot be computed is refused as an array of it would be."""
    _, _, _, dtype = _arguments.operands(np.empty(0, x.dtype), name=name, strict=strict)
    return x.astype(dtype)


def _chunk_state(block, axis, keepdims, dtype, computing_meta=False):
    # Dask tries the functions on an empty array, to learn what kind of array they give.
    return block if computing_meta else LogSumExp(axis, dtype).update(block)


def _merged(blocks, axis, keepdims, computing_meta=False):
    if computing_meta:
        return blocks
    return functools.reduce(lambda left, right: left + right, _flatten(blocks))


def _value(blocks, axis, keepdims):
    value = _merged(blocks, axis, keepdims).value
    return np.expand_dims(value, axis) if keepdims else value


def _flatten(blocks):
    if isinstance(blocks, list):
        for each in blocks:
            yield from _flatten(each)
    else:
        yield blocks
