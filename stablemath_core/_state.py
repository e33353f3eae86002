"""The mergeable state behind every reduction, as an object for streams and shards."""

import copy

import numpy as np

from . import _arguments, _calls, _kernels

# The dtypes, as characters, that a state can have.
DTYPES = "efd"


class LogSumExp:
    """A running logsumexp: data come in pieces, states of shards merge.

    Parameters
    ----------
    axis : None, int or tuple of ints, optional
        The axes of every block that are summed over; None means all.  With ``axis=0``
        and a stream of blocks of rows there is one state a column.
    dtype : dtype, optional
        float16, float32 or float64: the dtype that blocks are computed in and `value`
        has.  Default: the common dtype of all blocks (float64 for integers and bool).

    Attributes
    ----------
    value : ndarray or scalar
        The logsumexp of everything so far: log|sum(b * exp(x))|.  -inf when empty.
    sign : ndarray or scalar
        The sign of that sum: 1, 0 or -1.
    count : ndarray or scalar
        The number of unmasked elements so far.
    mean : ndarray or scalar
        Their logmeanexp: the same with the sum divided by the sum of the weights (an
        element without a weight weighs 1).  -inf when empty.

    Raises
    ------
    TypeError
        If `axis` is neither None nor integers, or the dtype is complex or extended.

    Notes
    -----
    Sums are kept in three float64 each: for any split of the data and any order of merging
    `value` is within 1 ulp, and `mean` is too, or, where it is near 0, within a quarter of
    the spacing of floats at 1 (`logmeanexp` has the elements at hand and keeps 1 ulp).
    Weights are exact to some 2**-100 of the largest term, so that weighted blocks may
    cancel each other; blocks without weights to 2**-55 (float32: 2**-25).  What is less
    than 2**-900 of the sum counts for nothing.
    A state can be copied, pickled and sent; none shares memory with another.

    References
    ----------
    M. Milakov, N. Gimelshein: Online normalizer calculation for softmax.
    arXiv:1805.02867 (2018).

    T. J. Dekker: A floating-point technique for extending the available precision.
    Numerische Mathematik 18 (1971).

    Examples
    --------
    >>> import stablemath_core as sm
    >>> stream = sm.LogSumExp()
    >>> for block in ([1000.0, 1000.0], [1000.0]):
    ...     stream = stream.update(block)
    >>> stream.value, stream.mean, stream.count
    (np.float64(1001.0986122886682), np.float64(1000.0), np.int64(3))

    Shards, one state a column:

    >>> left = sm.LogSumExp(axis=0).update([[0.0, 1.0], [0.0, -1.0]])
    >>> right = sm.LogSumExp(axis=0).update([[0.0, 2.0]])
    >>> (left + right).value
    array([1.09861229, 2.34901222])
    """

    __slots__ = ("_axis", "_count", "_dtype", "_given", "_sums", "_weights")

    def __init__(self, axis=None, dtype=None):
        self._axis = _arguments.checked_axis(axis)
        self._given = None if dtype is None else _supported(np.dtype(dtype).newbyteorder("="))
        self._dtype = self._given
        # Totals of the kept shape; None until a block tells that shape. Those of the weights stay None
        # while none are given, as then the counts tell them.
        self._sums = self._weights = self._count = None

    def update(self, x, b=None, where=None):
        """Add the block `x`, weighted by `b`, without the elements that `where` masks.

        Parameters
        ----------
        x : array_like
            Real numbers; the axes that are not summed over have the same lengths in
            every block.
        b, where : array_like, optional
            Weights and mask, as for `logsumexp`.

        Returns
        -------
        LogSumExp
            This object, so that calls can be chained.

        Raises
        ------
        TypeError
            If `x` or `b` is complex, extended, masked or no numbers.
        ValueError
            If the block's kept shape differs from that of the blocks before.

        Examples
        --------
        >>> import stablemath_core as sm
        >>> sm.LogSumExp(axis=0).update([[0.0, 1.0], [0.0, 1.0]]).value
        array([0.69314718, 1.69314718])
        """
        if b is None and where is None:
            quick = _kernels.fast_totals(x, self._axis, self._given)
            if quick is not None:
                dtype, sums, count = quick
                self._absorb(dtype, sums, None, count)
                return self
        x, b, where, dtype = _arguments.operands(x, b, where, self._given, name="x", strict=True)
        _supported(dtype)
        x, b, where = (each if each is None else np.atleast_1d(each) for each in (x, b, where))
        axes = _arguments.axes(self._axis, x.ndim)
        self._absorb(dtype, *_calls.totals(axes, x, b, where))
        return self

    def merge(self, other):
        """Add all that another state has seen.

        Parameters
        ----------
        other : LogSumExp
            Of the same shape, or one that has seen nothing.  It stays as it is.

        Returns
        -------
        LogSumExp
            This object, so that calls can be chained.  ``first + second`` is a new one.

        Raises
        ------
        TypeError
            If `other` is no LogSumExp.
        ValueError
            If the two have different shapes.

        Examples
        --------
        >>> import stablemath_core as sm
        >>> first, second = sm.LogSumExp().update([1.0, 2.0]), sm.LogSumExp().update([3.0])
        >>> first.merge(second).value
        np.float64(3.40760596444438)
        """
        if not isinstance(other, LogSumExp):
            raise TypeError(f"can merge a LogSumExp, not {type(other).__name__}")
        if other._sums is not None:
            self._absorb(other._dtype, other._sums, other._weights, other._count)
        return self

    def __add__(self, other):
        """A new state of what both have seen."""
        if not isinstance(other, LogSumExp):
            return NotImplemented
        # Arrays are replaced, never written to, so that copies may share them.
        return copy.copy(self).merge(other)

    def __iadd__(self, other):
        """The same as `merge`."""
        return self.merge(other) if isinstance(other, LogSumExp) else NotImplemented

    @property
    def value(self):
        """The logsumexp of everything so far."""
        return self._finish(None)[0]

    @property
    def sign(self):
        """The sign of that sum: 1, 0 or -1."""
        return self._finish(None)[1]

    @property
    def mean(self):
        """The logmeanexp of everything so far."""
        weights = self._weights
        if weights is None and self._count is not None:
            weights = _calls.totals_of_counts(self._count)
        return self._finish(weights)[0]

    @property
    def count(self):
        """The number of unmasked elements so far."""
        return np.int64(0) if self._count is None else self._count.copy()[()]

    def __repr__(self):
        dtype = "None" if self._dtype is None else self._dtype.name
        parts = [f"axis={self._axis}", f"dtype={dtype}"]
        if self._count is not None and self._count.ndim:
            parts.append(f"shape={self._count.shape}")
            parts.append(f"count={np.array2string(self._count, threshold=6)}")
            parts.append(f"value={np.array2string(self.value, threshold=6)}")
        else:
            parts += [f"count={self.count}", f"value={self.value}"]
        return f"LogSumExp({', '.join(parts)})"

    def __reduce_ex__(self, protocol):
        # Pickle knows what to do with slots from protocol 2 on.
        return super().__reduce_ex__(max(protocol, 2))

    def _absorb(self, dtype, sums, weights, count):
        if self._sums is None:
            self._sums, self._weights, self._count = sums, weights, count
        else:
            if count.shape != self._count.shape:
                raise ValueError(
                    f"the state has shape {self._count.shape}, "
                    f"but what is to be added to it has shape {count.shape}"
                )
            self._sums = _calls.added_totals(self._sums, sums)
            if self._weights is not None or weights is not None:
                own, more = (
                    _calls.totals_of_counts(counted) if given is None else given
                    for given, counted in ((self._weights, self._count), (weights, count))
                )
                self._weights = _calls.added_totals(own, more)
            self._count = self._count + count
        if self._given is None and self._dtype is not dtype:
            self._dtype = dtype if self._dtype is None else np.result_type(self._dtype, dtype)

    def _finish(self, weights):
        dtype = np.dtype(np.float64) if self._dtype is None else self._dtype
        if self._sums is None:
            return dtype.type(-np.inf), dtype.type(0)
        results = _calls.logs_of_totals(self._sums, weights)
        return tuple(_calls.deliver(each, dtype, None) for each in results)


def _supported(dtype):
    if dtype.char not in DTYPES:
        raise TypeError(f"LogSumExp keeps float16, float32 or float64, not {dtype}")
    return dtype
