"""What callers pass, made into what the kernels take: arrays, dtypes, axes, outputs.

The rules are scipy's for operands and NumPy's for `axis`, `where`, `out` and `dtype`;
the kernels rely on them being kept (native byte order, broadcast shapes, sorted axes).
"""

import functools
import operator

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ._quiet import quiet

# Python's own scalars adapt to the other operand's dtype, as they do in NumPy.
_STANDS_FOR = {int: 1.0, float: 1.0, complex: 1j, bool: np.dtype(bool)}
_AXES = "None, an integer or a tuple of integers"


def operands(x, b=None, where=None, dtype=None, *, name="x", strict=False, foreign="fd", maskable=True):
    """x, b and where of one shape, x and b of the dtype computed in; and the result's dtype.

    `foreign` has the dtypes (characters) in which x may stay in the other byte order.
    `strict` picks scipy's rules for logsumexp (no matrix; text and dates turn into
    float64, as weights dates alone) over those for softmax (the reverse).
    `maskable` says that the caller has a `where`, which is what masked arrays are told.
    """
    x = _array(x, name, strict, maskable)
    kinds = (_numeric(x, name, "SUMm" if strict else ""),)
    if b is not None:
        b = _array(b, "b", strict, maskable)
        kinds += (_numeric(b, "b", "Mm" if strict else ""),)
    dtype = _result_dtype(*kinds) if dtype is None else _given_dtype(dtype, *kinds)
    computed = computed_in(dtype)
    x = cast(x, computed, foreign)
    if b is not None:
        b = cast(b, computed)
    if where is not None:
        where = None if where is True else _mask(where)
    if b is not None or where is not None:
        x, b, where = _broadcast(name, x, b, where)
    return x, b, where, dtype


def axes(axis, ndim):
    """`axis` as a sorted tuple of non-negative ints."""
    if axis is None:
        return tuple(range(ndim))
    given = axis if isinstance(axis, tuple) else (axis,)
    found = tuple(sorted(_in_bounds(integer(each, "axis", _AXES), ndim) for each in given))
    if len(set(found)) < len(found):
        raise ValueError(f"duplicate value in 'axis': {axis} for an array of dimension {ndim}")
    return found


def checked_axis(axis):
    """`axis` for arrays yet to come: None, an int or a tuple of ints."""
    if axis is None:
        return None
    if isinstance(axis, tuple):
        return tuple(integer(each, "axis", _AXES) for each in axis)
    return integer(axis, "axis", _AXES)


def axis_index(axis, ndim, accepted="an integer"):
    """A single `axis` as a non-negative int; errors say what the caller accepts."""
    return _in_bounds(integer(axis, "axis", accepted), ndim)


def _in_bounds(axis, ndim):
    try:
        return normalize_axis_index(axis, ndim)
    except OverflowError:
        # It takes C's int. Beyond intp the error is an OverflowError everywhere in NumPy.
        raise np.exceptions.AxisError(int(np.intp(axis)), ndim) from None


@functools.lru_cache
def computed_in(dtype):
    """The dtype in which a result of `dtype` is computed."""
    if dtype.char == "e" or is_bfloat16(dtype):
        return np.dtype(np.float32)
    return dtype


def check_out(out, shape, dtype, name="out", dtype_is_given=True):
    """Refuse an `out` that cannot hold a result of this shape and dtype.

    `dtype_is_given` says whether the caller could ask for another dtype.
    """
    if out is None:
        return
    if not isinstance(out, np.ndarray) or isinstance(out, np.ma.MaskedArray):
        raise TypeError(f"{name} must be a numpy.ndarray, not {typename(out)}")
    if out.shape != shape:
        raise ValueError(f"{name} has shape {out.shape}, but the result has shape {shape}")
    if not np.can_cast(dtype, out.dtype, "safe"):
        message = f"{name} has dtype {out.dtype}, which cannot safely hold a result of dtype {dtype}"
        if dtype_is_given and (out.dtype.kind, dtype.kind) in (("f", "f"), ("c", "c")):
            message += f"; pass dtype={out.dtype} to compute in that dtype"
        raise TypeError(message)
    if not out.flags.writeable:
        raise ValueError(f"{name} is read-only")


def pair(out, names):
    """`out` of a function with two results, as a pair."""
    if out is None:
        return None, None
    if not isinstance(out, tuple) or len(out) != 2:
        raise TypeError(f"out must be a pair of arrays ({names}), not {typename(out)}")
    if out[0] is not None and out[1] is not None and np.may_share_memory(*out):
        raise ValueError(f"the two arrays of out ({names}) overlap")
    return out


def writable_as_is(out, dtype, *inputs, in_place=None):
    """Whether a kernel may write into `out` while it reads `inputs`.

    `in_place` is the one operand that may be `out` itself, element on element.
    """
    if out is None or out.dtype != dtype or type(out) is not np.ndarray:
        return False
    if any(np.may_share_memory(out, each) for each in inputs if each is not None):
        return False
    if in_place is None or not np.may_share_memory(out, in_place):
        return True
    return _layout(out) == _layout(in_place)


def _layout(array):
    return array.__array_interface__["data"][0], array.strides, array.shape


def _array(x, name, strict, maskable):
    if type(x) is np.ndarray or type(x) in _STANDS_FOR:
        return x
    if isinstance(x, np.ma.MaskedArray):
        advice = (
            f"{name}.data and where=~numpy.ma.getmaskarray({name})"
            if maskable
            else f"{name}.filled(value), with the value that masked elements are to have"
        )
        raise TypeError(f"{name} is a masked array, whose mask would be ignored; pass {advice}")
    if strict and isinstance(x, np.matrix):
        raise TypeError(f"{name} is a numpy.matrix, which stays two-dimensional; pass {name}.A instead")
    return np.asarray(x)


def _numeric(x, name, more):
    """What stands for x in a promotion: its dtype, or a number for a Python scalar.

    `more` has the kinds of dtype (characters) beside numbers that turn into float64.
    """
    if type(x) in _STANDS_FOR:
        return _STANDS_FOR[type(x)]
    if x.dtype.kind in "fciub" or is_bfloat16(x.dtype):
        return x.dtype
    if x.dtype.kind in more:
        return np.dtype(np.float64)
    raise TypeError(f"{name} must hold real or complex numbers, not {x.dtype}")


@functools.lru_cache
def _result_dtype(*kinds):
    """Real or complex floating, as scipy promotes; integers and bool alone give float64."""
    dtypes = {kind for kind in kinds if isinstance(kind, np.dtype)}
    if len(dtypes) == 1 and is_bfloat16(*dtypes) and 1j not in kinds:
        # NumPy knows no promotion of it with Python's own scalars.
        return dtypes.pop()
    try:
        return np.result_type(*kinds, 1.0).newbyteorder("=")
    except np.exceptions.DTypePromotionError:
        raise TypeError(f"{' and '.join(map(str, kinds))} have no common dtype") from None


def _given_dtype(dtype, *kinds):
    dtype = np.dtype(dtype).newbyteorder("=")
    if dtype.kind not in "fc" and not is_bfloat16(dtype):
        raise TypeError(f"dtype must be a real or complex floating dtype, not {dtype}")
    if dtype.kind != "c" and np.result_type(*kinds, 1.0).kind == "c":
        raise TypeError(f"complex input cannot be computed in the real dtype {dtype}")
    return dtype


def is_bfloat16(dtype):
    return dtype.name == "bfloat16"


def cast(x, dtype, foreign=""):
    """x in a dtype, in the other byte order too if the dtype's character is in `foreign`."""
    if type(x) in _STANDS_FOR:
        with quiet():
            return np.asarray(x, dtype)
    if x.dtype == dtype or (x.dtype.newbyteorder() == dtype and dtype.char in foreign):
        return x
    with quiet():
        return x.astype(dtype)


def _mask(where):
    if isinstance(where, np.ma.MaskedArray):
        raise TypeError("where is a masked array; pass a plain boolean array")
    mask = np.asarray(where)
    if mask.dtype != np.bool_:
        raise TypeError(f"where must be boolean, not {mask.dtype}")
    return mask


def _broadcast(name, x, b, where):
    arrays = (x, b, where)
    shapes = [each.shape for each in arrays if each is not None]
    if shapes.count(shapes[0]) == len(shapes):
        return arrays
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        names = zip((name, "b", "where"), arrays, strict=True)
        listed = ", ".join(f"{key} {each.shape}" for key, each in names if each is not None)
        raise ValueError(f"shapes do not broadcast together: {listed}") from None
    return tuple(each if each is None else np.broadcast_to(each, shape) for each in arrays)


def integer(x, name, accepted="an integer"):
    """x as an int, which True and False are not; errors say what is accepted."""
    if isinstance(x, (bool, np.bool_)):
        raise TypeError(f"{name} must be {accepted}, not {x!r}")
    try:
        return operator.index(x)
    except TypeError:
        raise TypeError(f"{name} must be {accepted}, not {typename(x)}") from None


def typename(x):
    kind = type(x)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
