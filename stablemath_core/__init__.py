"""logsumexp, softmax and their relatives on NumPy arrays: fast, and within an ulp."""

from ._config import show_config
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
    "get_num_threads",
    "log_softmax",
    "logcumsumexp",
    "logmeanexp",
    "logsumexp",
    "logsumexp_and_softmax",
    "num_threads",
    "set_num_threads",
    "show_config",
    "softmax",
]
