"""Ways in which an array can lie in memory, each a function of an array that copies it so."""

import numpy as np


def unaligned(x):
    raw = np.empty(x.nbytes + 1, np.uint8)
    view = raw[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    assert not view.flags.aligned or x.dtype.itemsize == 1
    return view


def strided(x):
    wide = np.full(tuple(2 * n + 1 for n in x.shape), np.nan, x.dtype)
    view = wide[tuple(slice(1, None, 2) for _ in x.shape)]
    view[...] = x
    return view


def every_second(x):
    wide = np.zeros((*x.shape[:-1], 2 * x.shape[-1]), x.dtype)
    wide[..., ::2] = x
    return wide[..., ::2]


def every_third_column(x):
    wide = np.full((*x.shape[:-1], 3 * x.shape[-1]), np.nan, x.dtype)
    wide[..., ::3] = x
    return wide[..., ::3]


def part_of_wider_rows(x):
    wide = np.zeros((*x.shape[:-1], x.shape[-1] + 5), x.dtype)
    wide[..., 3:-2] = x
    return wide[..., 3:-2]


def field(x):
    records = np.zeros(x.shape, [("other", np.int8), ("x", x.dtype), ("more", np.int16)])
    records["x"] = x
    return records["x"]


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


LAYOUTS = {
    "C": np.array,
    "fortran": np.asfortranarray,
    "reversed": lambda x: np.ascontiguousarray(np.flip(x))[(slice(None, None, -1),) * x.ndim],
    "last axis reversed": lambda x: np.ascontiguousarray(x[..., ::-1])[..., ::-1],
    "first axis reversed": lambda x: np.ascontiguousarray(x[::-1])[::-1],
    "every second": every_second,
    "strided": strided,
    "every third column": every_third_column,
    "part of wider rows": part_of_wider_rows,
    "unaligned": unaligned,
    "byte-swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "byte-swapped, reversed": lambda x: x[..., ::-1].astype(x.dtype.newbyteorder())[..., ::-1],
    "field of a record": field,
    "read-only": read_only,
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "axes rolled": lambda x: np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0),
    "subclass": lambda x: x.view(type("Sub", (np.ndarray,), {})),
}
