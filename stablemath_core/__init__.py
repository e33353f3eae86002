"""logsumexp, softmax and their relatives on NumPy arrays: fast, and accurate to a few ulp."""

try:
    from . import _kernels as _kernels
except ImportError as error:
    if error.name != __name__:
        raise
    raise ImportError(
        f"{__path__[0]} holds the sources of {__name__} without its compiled kernels; "
        "run `pip install -e .` beside it, or start Python in another folder"
    ) from None

from ._config import show_config
from ._kernels import (
    entr,
    expit,
    log1mexp,
    log_expit,
    logaddexp,
    logcosh,
    logexpm1,
    logit,
    logsubexp,
    softplus,
    xlogy,
)
from ._losses import sigmoid_cross_entropy, softmax_cross_entropy
from ._reductions import (
    log_softmax,
    logcumsumexp,
    logmeanexp,
    logsumexp,
    logsumexp_and_softmax,
    softmax,
)
from ._state import LogSumExp
from ._threads import get_num_threads, num_threads, set_num_threads

__version__ = "0.1.0"

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
