"""Shares of one large call, run by several threads.

A call is cut where its shape and strides alone say (`_kernels.cut_along`), and every share is
a whole number of rows, so the bits of the result do not depend on how many threads there are.
The caller works too: it takes shares like any other thread and never waits for one
that nobody has begun.  A pool that serves another caller, or that has no thread to
offer, therefore costs time at most, never a deadlock.
"""

import contextlib
import contextvars
import functools
import os
from sys import is_finalizing

from . import _arguments, _kernels

# The most threads that a call uses.
_MOST = 64


def _available_cores():
    """Cores this process may use: its affinity, and its cgroup's quota if lower."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    quota = _cgroup_quota()
    return cores if quota is None else max(1, min(cores, quota))


def _cgroup_quota():
    """The tightest CPU quota of this process's control groups in cores, or None."""
    quotas = []
    for path in _cgroup_folders():
        text = _read(path + "/cpu.max")
        if text is None:
            quota, period = _read(path + "/cpu.cfs_quota_us"), _read(path + "/cpu.cfs_period_us")
            text = f"{quota} {period}" if quota and period else ""
        with contextlib.suppress(ValueError):
            quota, period = (int(each) for each in text.split())
            if quota > 0 and period > 0:
                quotas.append(-(-quota // period))
    return min(quotas, default=None)


def _cgroup_folders():
    """The control group folders of this process, from its own up to the root."""
    for line in (_read("/proc/self/cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = "/sys/fs/cgroup" + ("/cpu" if controllers else "")
        group = group.rstrip("/")
        while group:
            yield root + group
            group = group.rpartition("/")[0]
        yield root


def _read(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except (OSError, UnicodeError):
        return None


def _initial_threads():
    own = os.environ.get("STABLEMATH_NUM_THREADS", "").strip()
    if own:
        if not own.isdecimal() or int(own) < 1:
            raise ValueError(f"STABLEMATH_NUM_THREADS must be a positive integer, not {own!r}")
        return int(own)
    # OpenMP's variable may list one number per nesting level; garbage in it is
    # not this package's to complain about.
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if first.isdecimal() and int(first) >= 1:
        return int(first)
    return _available_cores()


_threads = _initial_threads()
_local_threads = contextvars.ContextVar("stablemath_threads", default=None)

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_kernels.forget_threads)


def get_num_threads():
    """The number of threads that a large call may use.

    Returns
    -------
    int
        The innermost `num_threads` block's number, else what `set_num_threads` set,
        else the environment's ``STABLEMATH_NUM_THREADS`` or ``OMP_NUM_THREADS``, else
        the cores this process may use (affinity and control group limits counted).

    Examples
    --------
    >>> import stablemath_core as sm
    >>> with sm.num_threads(1):
    ...     sm.get_num_threads()
    1
    """
    return _local_threads.get() or _threads


def set_num_threads(n):
    """Set the number of threads that a large call may use, for the whole process.

    Results do not depend on it, to the last bit; calls of fewer than some 200 000
    elements never use more than the caller's thread.

    Parameters
    ----------
    n : int
        At least 1, which means the caller's thread alone.

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is less than 1.

    See Also
    --------
    num_threads : the same for one block of code.

    Examples
    --------
    >>> import stablemath_core as sm
    >>> before = sm.get_num_threads()
    >>> sm.set_num_threads(2)
    >>> sm.get_num_threads()
    2
    >>> sm.set_num_threads(before)
    """
    global _threads
    _threads = _count(n)


def num_threads(n):
    """Set the number of threads for the calls made inside a ``with`` block.

    It holds for the running thread (or asyncio task) alone, so that callers side by
    side do not change each other's number.

    Parameters
    ----------
    n : int
        At least 1.

    Returns
    -------
    context manager

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is less than 1.

    Examples
    --------
    >>> import stablemath_core as sm
    >>> with sm.num_threads(2):
    ...     sm.get_num_threads()
    2
    """
    return _limited_to(_count(n))


@contextlib.contextmanager
def _limited_to(n):
    token = _local_threads.set(n)
    try:
        yield
    finally:
        _local_threads.reset(token)


def _count(n):
    n = _arguments.integer(n, "the number of threads", "an integer")
    if n < 1:
        raise ValueError(f"the number of threads must be at least 1, not {n}")
    return n


def run(tasks):
    """Call every function of the list `tasks`, on this thread and the pool's; any order.

    The first exception is raised again here, after every share has ended.
    """
    threads = _useful_threads()
    if min(threads, len(tasks)) < 2:
        for task in tasks:
            task()
        return
    failures = _kernels.run_tasks(tasks, threads)
    if failures:
        raise failures[0]


def _useful_threads():
    # At its end the interpreter stops every other thread that asks for its lock, and its share never ends.
    return 1 if is_finalizing() else min(get_num_threads(), _MOST)


# The kernels ask it, too, for the shares that they cut by themselves.
_kernels.set_threads(_useful_threads)


def by_rows(call, axes, inputs, kept=(), full=()):
    """call(*inputs, *kept, *full), in shares of whole rows if it is large."""
    if inputs[0].size < _kernels.THRESHOLD:
        call(*inputs, *kept, *full)
        return
    run([functools.partial(call, *each) for each in rows(axes, inputs, kept, full)])


def rows(axes, inputs, kept=(), full=()):
    """The shares of a call in whole rows, of each the parts of (*inputs, *kept, *full).

    `inputs` (None allowed) and the outputs `full` have one shape; the outputs `kept`
    have the kept shape, which lacks `axes`.
    """
    x = inputs[0]
    cut = _kernels.cut_along(x, [i for i in range(x.ndim) if i not in axes])
    if cut is None:
        return [(*inputs, *kept, *full)]
    axis, bounds = cut
    kept_axis = axis - sum(each < axis for each in axes)
    places = [axis] * len(inputs) + [kept_axis] * len(kept) + [axis] * len(full)
    return [
        tuple(part(each, place, *bound) for each, place in zip((*inputs, *kept, *full), places, strict=True))
        for bound in bounds
    ]


def part(array, axis, start, stop):
    """array[start:stop] along an axis; None stays None."""
    return None if array is None else array[(slice(None),) * axis + (slice(start, stop),)]
