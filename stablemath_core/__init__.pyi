from contextlib import AbstractContextManager
from typing import Any, Literal, Self, SupportsIndex, TypeAlias, TypedDict, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

__version__: str

__all__ = [
    "LogSumExp",
    "entr",
    "expit",
    "get_num_threads",
    "log1mexp",
    "log_expit",
    "log_softmax",
    "logaddexp",
    "logcosh",
    "logcumsumexp",
    "logexpm1",
    "logit",
    "logmeanexp",
    "logsubexp",
    "logsumexp",
    "logsumexp_and_softmax",
    "num_threads",
    "set_num_threads",
    "show_config",
    "sigmoid_cross_entropy",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "xlogy",
]

_Axis: TypeAlias = SupportsIndex | tuple[SupportsIndex, ...] | None
_Array: TypeAlias = NDArray[Any]
# A NumPy scalar if no dimension is left, as NumPy's own reductions return it.
_Result: TypeAlias = Any
_Reduction: TypeAlias = Literal["mean", "sum", "none"]
_Bool: TypeAlias = bool | np.bool
_Pair: TypeAlias = tuple[_Array | None, _Array | None]

class _InstructionSets(TypedDict):
    built: list[str]
    runnable: list[str]
    chosen: str

class _Config(TypedDict):
    version: str
    instruction_sets: _InstructionSets
    compiler: str
    numpy: str
    python: str

@overload
def logsumexp(
    a: ArrayLike,
    axis: _Axis = None,
    b: ArrayLike | None = None,
    keepdims: _Bool = False,
    return_sign: Literal[False] = False,
    *,
    out: _Array | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> _Result: ...
@overload
def logsumexp(
    a: ArrayLike,
    axis: _Axis = None,
    b: ArrayLike | None = None,
    keepdims: _Bool = False,
    *,
    return_sign: Literal[True],
    out: _Pair | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> tuple[_Result, _Result]: ...
@overload
def logsumexp(
    a: ArrayLike,
    axis: _Axis,
    b: ArrayLike | None,
    keepdims: _Bool,
    return_sign: Literal[True],
    *,
    out: _Pair | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> tuple[_Result, _Result]: ...
@overload
def logsumexp(
    a: ArrayLike,
    axis: _Axis = None,
    b: ArrayLike | None = None,
    keepdims: _Bool = False,
    return_sign: _Bool = False,
    *,
    out: _Array | _Pair | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> Any: ...
@overload
def logmeanexp(
    a: ArrayLike,
    axis: _Axis = None,
    b: ArrayLike | None = None,
    keepdims: _Bool = False,
    return_sign: Literal[False] = False,
    *,
    out: _Array | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> _Result: ...
@overload
def logmeanexp(
    a: ArrayLike,
    axis: _Axis = None,
    b: ArrayLike | None = None,
    keepdims: _Bool = False,
    *,
    return_sign: Literal[True],
    out: _Pair | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> tuple[_Result, _Result]: ...
@overload
def logmeanexp(
    a: ArrayLike,
    axis: _Axis,
    b: ArrayLike | None,
    keepdims: _Bool,
    return_sign: Literal[True],
    *,
    out: _Pair | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> tuple[_Result, _Result]: ...
@overload
def logmeanexp(
    a: ArrayLike,
    axis: _Axis = None,
    b: ArrayLike | None = None,
    keepdims: _Bool = False,
    return_sign: _Bool = False,
    *,
    out: _Array | _Pair | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> Any: ...
def softmax(
    x: ArrayLike,
    axis: _Axis = None,
    *,
    out: _Array | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> _Result: ...
def log_softmax(
    x: ArrayLike,
    axis: _Axis = None,
    *,
    out: _Array | None = None,
    where: ArrayLike | None = None,
    dtype: DTypeLike | None = None,
) -> _Result: ...
def logsumexp_and_softmax(
    x: ArrayLike,
    axis: _Axis = None,
    *,
    out: _Pair | None = None,
    where: ArrayLike | None = None,
) -> tuple[_Result, _Result]: ...
def logcumsumexp(
    a: ArrayLike,
    axis: SupportsIndex | None = -1,
    *,
    reverse: bool = False,
    exclusive: bool = False,
    out: _Array | None = None,
    dtype: DTypeLike | None = None,
) -> _Result: ...
@overload
def sigmoid_cross_entropy(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    pos_weight: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
    return_grad: Literal[False] = False,
) -> _Result: ...
@overload
def sigmoid_cross_entropy(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    pos_weight: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
    return_grad: Literal[True],
) -> tuple[_Result, _Array]: ...
@overload
def sigmoid_cross_entropy(
    logits: ArrayLike,
    targets: ArrayLike,
    *,
    pos_weight: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    reduction: _Reduction = "mean",
    return_grad: _Bool = False,
) -> Any: ...
@overload
def softmax_cross_entropy(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    ignore_index: SupportsIndex | None = None,
    reduction: _Reduction = "mean",
    return_grad: Literal[False] = False,
) -> _Result: ...
@overload
def softmax_cross_entropy(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    ignore_index: SupportsIndex | None = None,
    reduction: _Reduction = "mean",
    return_grad: Literal[True],
) -> tuple[_Result, _Array]: ...
@overload
def softmax_cross_entropy(
    logits: ArrayLike,
    labels: ArrayLike,
    *,
    axis: SupportsIndex = -1,
    weight: ArrayLike | None = None,
    label_smoothing: float = 0.0,
    ignore_index: SupportsIndex | None = None,
    reduction: _Reduction = "mean",
    return_grad: _Bool = False,
) -> Any: ...

class LogSumExp:
    def __init__(self, axis: _Axis = None, dtype: DTypeLike | None = None) -> None: ...
    def update(self, x: ArrayLike, b: ArrayLike | None = None, where: ArrayLike | None = None) -> Self: ...
    def merge(self, other: LogSumExp) -> Self: ...
    def __add__(self, other: LogSumExp) -> Self: ...
    def __iadd__(self, other: LogSumExp) -> Self: ...
    @property
    def value(self) -> _Result: ...
    @property
    def sign(self) -> _Result: ...
    @property
    def mean(self) -> _Result: ...
    @property
    def count(self) -> _Result: ...

def get_num_threads() -> int: ...
def set_num_threads(n: SupportsIndex) -> None: ...
def num_threads(n: SupportsIndex) -> AbstractContextManager[None]: ...
@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> _Config: ...

entr: np.ufunc
expit: np.ufunc
log1mexp: np.ufunc
log_expit: np.ufunc
logaddexp: np.ufunc
logcosh: np.ufunc
logexpm1: np.ufunc
logit: np.ufunc
logsubexp: np.ufunc
softplus: np.ufunc
xlogy: np.ufunc
