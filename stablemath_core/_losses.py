"""Losses on logits, with their gradients: no probability is ever computed to be logged.

`_arguments` makes the logits an array of a dtype that is computed in; labels, targets
and weights follow it. The rows are shared out and computed by `_kernels` (or, for
dtypes without a kernel, `_plain_losses`); what is left to do here is to check the
labels and to sum.
"""

import math
import numbers

import numpy as np

from . import _arguments, _kernels, _plain_losses
from ._calls import deliver
from ._quiet import quiet
from ._threads import by_rows, part, run

_REDUCTIONS = ("mean", "sum", "none")


def softmax_cross_entropy(
    logits,
    labels,
    *,
    axis=-1,
    weight=None,
    label_smoothing=0.0,
    ignore_index=None,
    reduction="mean",
    return_grad=False,
):
    """The cross entropy between labels and the softmax of logits.

    For a class label y it is ``logsumexp(x) - x[y]``, for a row of probabilities t the
    sum of ``t * (logsumexp(x) - x)``.

    Parameters
    ----------
    logits : array_like
        Real numbers, the classes along `axis`.
    labels : array_like
        Either integers, the classes, of the shape of `logits` without `axis`; or floating
        point numbers, a probability for each class, of the shape of `logits`.  A
        probability of zero hides its class, even a logit of -inf.
    axis : int, optional
        The axis of the classes.  Default: the last.
    weight : array_like, optional
        A weight for each class, of shape (classes,).
    label_smoothing : float, optional
        The share, from 0 to 1, of every label that is spread evenly over all classes.
    ignore_index : int, optional
        Rows with this class label count for nothing.  It need not be a class, and is not
        to be had with probabilities.
    reduction : {'mean', 'sum', 'none'}, optional
        'mean' divides the sum by the number of rows that count or, where `weight` is
        given with class labels, by the sum of these rows' weights; 'none' gives a loss
        for each row.
    return_grad : bool, optional
        Return the gradient of the (reduced) loss with regard to `logits` too; for 'none',
        of the sum.

    Returns
    -------
    loss : scalar or ndarray
        Of the dtype of `logits` (float64 for integers and bool).
    gradient : ndarray
        With `return_grad` only: of the dtype and shape of `logits`.

    Raises
    ------
    numpy.exceptions.AxisError
        If `axis` is out of range.
    TypeError
        If `labels` are neither integers nor floating point numbers, if floating point
        numbers stand where classes should, if `logits` or `weight` are not real numbers
        or are masked, if `label_smoothing` is not a number, or if `axis` or
        `ignore_index` is not an integer.
    ValueError
        If a label is not a class, a shape does not fit, `reduction` is unknown,
        `label_smoothing` is not a share, or `ignore_index` comes with probabilities.

    See Also
    --------
    sigmoid_cross_entropy : classes that do not exclude each other.
    log_softmax

    Notes
    -----
    The label's logit is kept apart from the others, as the loss is softplus of the
    distance by which logsumexp of the others lies above it: nothing cancels, however sure
    and right the logits are.  Losses are within 4 ulp, and so are gradients for class
    labels that are not smoothed, subnormal results aside (they may be off by one smallest
    number more); otherwise a gradient carries that error of the two terms that it is the
    difference of.  Where a weight lifts a probability or a loss that is below the smallest
    normal number, the digits that it lacks stay missing.

    A logit of -inf has probability zero: its loss is inf where it is the label.  A single
    logit of inf has probability one, its loss is 0.  Rows without any possible class
    (all -inf) have a loss of nan and a gradient of zero.  The mean of no rows is nan.

    References
    ----------
    P. Blanchard, D. J. Higham, N. J. Higham: Accurately computing the log-sum-exp and
    softmax functions.  IMA Journal of Numerical Analysis 41 (2021).

    M. Mächler: Accurately computing log(1 - exp(-|a|)).  Vignette of the R package Rmpfr
    (2012); its log(1 + exp(x)) is the softplus used here.

    Examples
    --------
    >>> import numpy as np
    >>> import stablemath_core as sm
    >>> sm.softmax_cross_entropy([[1000.0, 1000.0, 1000.0]], [0])     # log 3
    np.float64(1.0986122886681098)
    >>> loss, gradient = sm.softmax_cross_entropy([[0.0, -50.0], [0.0, -50.0]], [0, 1], return_grad=True)
    >>> gradient
    array([[-9.64374924e-23,  9.64374924e-23],
           [ 5.00000000e-01, -5.00000000e-01]])
    >>> sm.softmax_cross_entropy([0.0, -np.inf, 0.0], [0.5, 0.0, 0.5])
    np.float64(0.6931471805599453)
    """
    _check_reduction(reduction)
    sharp = type(label_smoothing) in (int, float) and label_smoothing == 0
    if weight is None and ignore_index is None and sharp:
        result = _kernels.fast_cross_entropy(logits, labels, axis, reduction, return_grad)
        if result is not None:
            return result
    x, dtype = _real(logits, "logits")
    axis = _arguments.axis_index(axis, x.ndim)
    classes = x.shape[axis]
    if classes == 0:
        raise ValueError(f"logits of shape {x.shape} have no classes along axis {axis}")
    rows = x.shape[:axis] + x.shape[axis + 1 :]
    weight = _class_weights(weight, classes, x.dtype)
    share, spread = _shares(label_smoothing, classes, x.dtype)
    labels = _labels(labels, x.shape, rows)
    lift = 0

    with quiet():
        if labels.dtype.kind in "iu":
            labels, counted = _checked(labels, classes, ignore_index)
            size = labels.size if counted is None else int(np.count_nonzero(counted))
            if weight is not None and reduction == "mean":
                weight, size, lift = _of_a_mean(weight, labels, counted, spread)
            smooth = spread if weight is None else spread * weight
            targets = _along(smooth, axis, x) if spread else None
        else:
            if ignore_index is not None:
                raise ValueError("ignore_index is for class labels, not for probabilities")
            targets, labels = _weighted_targets(labels, x, share, spread, weight, axis), None
            size = math.prod(rows)
        scale = _scale(reduction, size)

    loss = np.empty(rows, np.result_type(x.dtype, np.float64))
    gradient = _kernels.empty_like(x, x.dtype) if return_grad else None
    if x.size:

        def call(x, targets, labels, loss, gradient):
            _engine(x).cross_entropy(x, axis, labels, weight, targets, share, scale, loss, gradient)

        by_rows(call, (axis,), (x, targets), (labels, loss), (gradient,))
    if reduction != "none":
        loss = _reduced(loss, reduction, size)
    if lift:
        loss, gradient = (_lifted(each, lift) for each in (loss, gradient))
    return _result(loss, gradient, dtype)


def _weighted_targets(labels, x, share, spread, weight, axis):
    """Probabilities as the kernels take them: smoothed and weighted, in x's dtype."""
    targets = _arguments.cast(labels, x.dtype)
    if spread:
        targets = x.dtype.type(share) * targets + x.dtype.type(spread)
    if weight is not None:
        targets = targets * _along(weight, axis, x)
    return targets.astype(x.dtype, copy=False)


def sigmoid_cross_entropy(
    logits, targets, *, pos_weight=None, weight=None, reduction="mean", return_grad=False
):
    """The cross entropy between targets and the sigmoid of logits, element by element.

    With logits x and targets z, ``-(z * log(sigmoid(x)) + (1 - z) * log(1 - sigmoid(x)))``:
    the logistic loss, or binary cross entropy.

    Parameters
    ----------
    logits : array_like
        Real numbers.
    targets : array_like
        Probabilities of the positive class, of the shape of `logits` or a scalar.
    pos_weight : array_like, optional
        Multiplies the first term, the positive targets' one; broadcast to `logits`.
    weight : array_like, optional
        Multiplies the losses; broadcast to `logits`.  Zero hides a loss, even inf.
    reduction : {'mean', 'sum', 'none'}, optional
        'mean' divides the sum by the number of elements; 'none' gives a loss for each.
    return_grad : bool, optional
        Return the gradient of the (reduced) loss with regard to `logits` too; for 'none',
        of the sum.

    Returns
    -------
    loss : scalar or ndarray
        Of the dtype of `logits` (float64 for integers and bool).
    gradient : ndarray
        With `return_grad` only: of the dtype and shape of `logits`.

    Raises
    ------
    TypeError
        If `logits`, `targets` or weights are not real numbers, or are masked.
    ValueError
        If a shape does not fit or `reduction` is unknown.

    See Also
    --------
    softmax_cross_entropy : classes of which one is right.

    Notes
    -----
    Computed as ``z * softplus(-x) + (1 - z) * softplus(x)``, which is ``max(x, 0) - x * z +
    log1p(exp(-abs(x)))`` without its cancellation: both terms are positive.  Losses are
    within 4 ulp, and so are gradients for targets 0 and 1, subnormal results aside; where
    `weight` or `pos_weight` lifts a loss or a slope that is below the smallest normal number,
    the digits that it lacks stay missing.

    A term with factor zero counts for nothing, so the loss of a logit of inf with target
    1, or of -inf with target 0, is 0.

    References
    ----------
    M. Mächler: Accurately computing log(1 - exp(-|a|)).  Vignette of the R package Rmpfr
    (2012); its log(1 + exp(x)) is the softplus used here.

    Examples
    --------
    >>> import numpy as np
    >>> import stablemath_core as sm
    >>> sm.sigmoid_cross_entropy([50.0, -50.0], [1, 0], reduction="none")
    array([1.92874985e-22, 1.92874985e-22])
    >>> sm.sigmoid_cross_entropy([np.inf, -np.inf, 0.0], [1, 0, 1], return_grad=True)
    (np.float64(0.23104906018664842), array([ 0.        , -0.        , -0.16666667]))
    """
    _check_reduction(reduction)
    if pos_weight is None and weight is None:
        result = _kernels.fast_binary_cross_entropy(logits, targets, reduction, return_grad)
        if result is not None:
            return result
    x, dtype = _real(logits, "logits")
    targets = _follower(targets, "targets", x)
    if targets.ndim and targets.shape != x.shape:
        raise ValueError(f"targets have shape {targets.shape}, but logits have shape {x.shape}")
    targets = np.broadcast_to(targets, x.shape)
    pos_weight = _broadcast(pos_weight, "pos_weight", x)
    weight = _broadcast(weight, "weight", x)

    scale = _scale(reduction, x.size)
    loss = _kernels.empty_like(x, x.dtype) if reduction == "none" else None
    gradient = _kernels.empty_like(x, x.dtype) if return_grad else None
    sums = _sigmoid_shares(x, targets, pos_weight, weight, scale, loss, gradient) if x.size else 0.0
    if loss is None:
        loss = _reduced(sums, reduction, x.size)
    return _result(loss, gradient, dtype)


def _sigmoid_shares(*arrays):
    """OUT loss, gradient (each may be None); returns sums, the same for any number of threads."""
    x, targets, pos_weight, weight, scale, loss, gradient = (
        np.atleast_1d(each) if isinstance(each, np.ndarray) else each for each in arrays
    )
    engine = _engine(x)
    cut = _kernels.cut_along(x, range(x.ndim))
    if cut is None:
        return engine.binary_cross_entropy(x, targets, pos_weight, weight, scale, loss, gradient)
    axis, bounds = cut
    sums = [0.0] * len(bounds)

    def call(i, start, stop):
        views = [part(each, axis, start, stop) for each in (x, targets, pos_weight, weight)]
        outputs = [part(each, axis, start, stop) for each in (loss, gradient)]
        sums[i] = engine.binary_cross_entropy(*views, scale, *outputs)

    run([lambda i=i, each=each: call(i, *each) for i, each in enumerate(bounds)])
    return sums


def _engine(x):
    return _kernels if x.dtype.char in "fd" else _plain_losses


def _real(x, name):
    """x as an array of a dtype that is computed in, and the dtype of a result of x."""
    x, _, _, dtype = _arguments.operands(x, name=name, foreign="", maskable=False)
    if dtype.kind == "c":
        raise TypeError(f"{name} must hold real numbers, not {dtype}")
    return x, dtype


def _follower(array, name, x):
    """An array of numbers in the dtype of the logits x."""
    return _arguments.cast(_real(array, name)[0], x.dtype)


def _broadcast(array, name, x):
    if array is None:
        return None
    array = _follower(array, name, x)
    try:
        return np.broadcast_to(array, x.shape)
    except ValueError:
        raise ValueError(
            f"{name} has shape {array.shape}, which does not broadcast to the shape of logits, {x.shape}"
        ) from None


def _class_weights(weight, classes, dtype):
    if weight is None:
        return None
    weight, _ = _real(weight, "weight")
    if weight.shape != (classes,):
        raise ValueError(f"weight has shape {weight.shape}, but there are {classes} classes: ({classes},)")
    return np.require(weight, np.result_type(dtype, np.float64), ["C", "A"])


def _labels(labels, shape, rows):
    """An array of classes (integers, of the shape `rows`) or probabilities (floating, of `shape`)."""
    if isinstance(labels, np.ma.MaskedArray):
        raise TypeError("labels is a masked array; mark rows that count for nothing by ignore_index")
    labels = np.asarray(labels)
    if labels.dtype.kind in "iu" or (labels.size == 0 and labels.shape == rows != shape):
        if labels.shape == rows:
            return labels if labels.dtype.kind in "iu" else labels.astype(np.intp)
        hint = "; probabilities must be floating point numbers" if labels.shape == shape else ""
        raise ValueError(
            f"class labels have shape {labels.shape}, but logits of shape {shape} "
            f"have rows of shape {rows}{hint}"
        )
    if labels.dtype.kind != "f" and not _arguments.is_bfloat16(labels.dtype):
        raise TypeError(f"labels must be integers (classes) or floating (probabilities), not {labels.dtype}")
    if labels.shape == shape:
        return labels
    if labels.shape == rows:
        raise TypeError(f"class labels must be integers, not {labels.dtype}")
    raise ValueError(f"probabilities have shape {labels.shape}, but logits have shape {shape}")


def _checked(labels, classes, ignore_index):
    """The class labels as intp, -1 for those that are ignored; and which are not (None: all count)."""
    given, counted = labels, None
    if ignore_index is not None:
        counted = given != _arguments.integer(ignore_index, "ignore_index")
    labels = given.astype(np.intp, copy=False)
    # As unsigned numbers the negative ones are the largest.
    beyond = labels.view(np.uintp) >= classes
    if counted is not None:
        beyond &= counted
    if beyond.any():
        place = tuple(int(i[0]) for i in np.nonzero(np.atleast_1d(beyond)))
        where = f" at {place if len(place) > 1 else place[0]}" if given.ndim else ""
        raise ValueError(
            f"label {np.atleast_1d(given)[place]}{where} is not a class: "
            f"there are {classes}, from 0 to {classes - 1}"
        )
    if counted is not None:
        labels = np.where(counted, labels, -1)
    return labels, counted


def _of_a_mean(weight, labels, counted, spread):
    """Weights, what 'mean' divides by, and the power of two that is left to multiply the quotient by.

    Either is multiplied by a power of two, so that neither a sum of weights nor one over it
    leaves the range of floats: the largest weight that counts becomes about one, and the
    largest of a row's label.  These may differ if labels are spread out, as every class counts.
    Weights are divided already by what is not a power of two: later it would be a rounding more.
    """
    labels = labels if counted is None else labels[counted]
    those = weight[labels]
    own = _exponent(those)
    most = _exponent(weight) if spread else own
    size = _sum(np.ldexp(weight, -own)[labels])
    weight = np.ldexp(weight, -most)
    if size:
        fraction, power = np.frexp(size)
        weight, size = weight / fraction, np.ldexp(1.0, power)
    return weight, size, most - own


def _exponent(weights):
    """The power of two just above the largest."""
    return np.frexp(np.abs(weights).max(initial=0))[1]


def _along(weight, axis, x):
    """A number for each class, as an array of the shape and dtype of x."""
    shape = [1] * x.ndim
    shape[axis] = x.shape[axis]
    weight = np.broadcast_to(np.asarray(weight, x.dtype), x.shape[axis])
    return np.broadcast_to(weight.reshape(shape), x.shape)


def _shares(label_smoothing, classes, dtype):
    """What is left of a label, and what every class gets of it."""
    number = label_smoothing[()] if isinstance(label_smoothing, np.ndarray) else label_smoothing
    if not isinstance(number, numbers.Real):
        given = _arguments.typename(label_smoothing)
        raise TypeError(f"label_smoothing must be a number from 0 to 1, not {given}")
    if not 0 <= number <= 1:
        raise ValueError(f"label_smoothing must be a number from 0 to 1, not {label_smoothing!r}")
    smoothing = np.result_type(dtype, np.float64).type(number)
    return 1 - smoothing, smoothing / classes


def _check_reduction(reduction):
    if reduction not in _REDUCTIONS:
        raise ValueError(f"reduction must be 'mean', 'sum' or 'none', not {reduction!r}")


def _scale(reduction, size):
    """What a gradient is multiplied by; a mean of nothing has none."""
    return 1.0 if reduction != "mean" else 1 / size if size else 0.0


def _reduced(losses, reduction, size):
    """The sum or the mean of losses, or of sums of them."""
    with quiet():
        total = _sum(losses)
        if reduction == "mean":
            total = total / size if size else math.nan
    return np.asarray(total)


def _sum(terms):
    terms = np.ravel(terms)
    return _engine(terms).compensated_sum(terms)


def _lifted(array, power):
    """An array, or None, times a power of two."""
    with quiet():
        return None if array is None else np.ldexp(array, power, out=array)


def _result(loss, gradient, dtype):
    loss = deliver(loss, dtype, None)
    return loss if gradient is None else (loss, deliver(gradient, dtype, None))
