"""The memory of large results, which is kept for the next one of their size."""

import ctypes
import gc
import mmap
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from closeness import assert_identical

import stablemath_core as sm
from stablemath_core import _kernels

HUGE_PAGE = 1 << 21
DONTNEED = 4  # madvise: the pages go at once, as they do when memory runs short
ROWS = 1100


def the_system_takes_offers():
    try:
        with mmap.mmap(-1, mmap.PAGESIZE, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as page:
            page.madvise(mmap.MADV_FREE)
    except (AttributeError, OSError):
        return False
    return sys.platform == "linux"


pytestmark = pytest.mark.skipif(
    not the_system_takes_offers(), reason="memory is only kept where Linux may take it"
)


@pytest.fixture(autouse=True)
def nothing_is_kept():
    _kernels.forget_memory()
    yield
    _kernels.forget_memory()


@pytest.fixture
def x(dtype, rng):
    """Of some 36 MB."""
    return rng.standard_normal((ROWS, 33_000_000 // ROWS // dtype.itemsize + 300), dtype)


def gone(result):
    """Where the memory was of a result that nobody holds any longer."""
    return result.ctypes.data


def lazily_free():
    """Bytes of this process that the system may take as they are."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("LazyFree"))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "logcumsumexp"])
def test_it_serves_the_next_result_of_its_size(name, x):
    function = getattr(sm, name)
    expected = function(x, axis=1).copy()
    place = gone(function(x, axis=0))
    assert gone(function(x, axis=0)) == place
    result = function(x, axis=1)
    assert result.ctypes.data == place
    assert_identical(result, expected)
    assert _kernels.forget_memory() == 0


def test_gradients_use_it_too(x):
    labels = np.zeros(len(x), int)
    place = gone(sm.softmax(x, axis=1))
    _, gradient = sm.softmax_cross_entropy(x, labels, return_grad=True)
    assert gradient.ctypes.data == place
    expected = sm.softmax(x[:1], axis=1)
    expected[0, 0] -= 1
    np.testing.assert_allclose(gradient[:1] * len(x), expected, rtol=1e-5)


def test_results_that_live_share_nothing(x):
    first, second = sm.softmax(x, axis=1), sm.softmax(x, axis=1)
    assert not np.may_share_memory(first, second)
    del first
    assert not np.may_share_memory(sm.softmax(x, axis=1), second)
    view = sm.log_softmax(x, axis=1)[1:]
    assert not np.may_share_memory(sm.log_softmax(x, axis=1), view)


def test_one_is_kept_and_not_beside_a_result_of_another_size(x):
    sm.softmax(x, axis=1)
    assert _kernels.forget_memory() == x.nbytes
    assert _kernels.forget_memory() == 0
    sm.softmax(x, axis=1)
    shorter = sm.softmax(x[1:], axis=1)
    assert _kernels.forget_memory() == 0
    del shorter
    sm.softmax(x[:10], axis=1)
    assert _kernels.forget_memory() == x[1:].nbytes


def test_the_system_may_take_it(x):
    if "LazyFree" not in Path("/proc/self/smaps_rollup").read_text(encoding="ascii"):
        pytest.skip("a system that does not tell")
    gc.collect()
    result = sm.softmax(x, axis=1)
    in_use = lazily_free()
    del result
    assert lazily_free() - in_use >= x.nbytes - 2 * HUGE_PAGE
    result = sm.softmax(x, axis=1)
    assert lazily_free() <= in_use
    np.testing.assert_allclose(result.sum(axis=1), 1, rtol=1e-4)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_what_the_system_has_taken_comes_back(name, x):
    function = getattr(sm, name)
    expected = function(x, axis=1).copy()
    place = gone(function(x, axis=1))
    # whole pages of its own only: the C library may hold others' memory in those where it begins and ends
    first = -(-place // mmap.PAGESIZE) * mmap.PAGESIZE
    last = (place + x.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
    madvise = ctypes.CDLL(None).madvise
    assert madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), DONTNEED) == 0
    result = function(x, axis=1)
    assert result.ctypes.data == place
    assert_identical(result, expected)


def test_arrays_may_be_resized(x):
    result = sm.softmax(x, axis=1)
    first = result[0].copy()
    result.resize((2 * len(x), x.shape[1]), refcheck=False)
    assert_identical(result[0], first)
    assert not result[-1].any()
    result.resize((10, x.shape[1]), refcheck=False)
    assert_identical(result[0], first)
    del result
    assert _kernels.forget_memory() == 0


def test_only_large_results_are_allocated_so(x):
    handler = np._core.multiarray.get_handler_name
    assert handler(sm.softmax(x, axis=1)) == "stablemath_core"
    assert handler(sm.softmax(x[:10], axis=1)) == handler(np.empty(3)) == handler()
    assert handler(np.empty_like(x)) == handler()


def test_tracemalloc_sees_results_only(x):
    sm.softmax(x, axis=1)
    tracemalloc.start()
    try:
        result = sm.softmax(x, axis=1)
        assert tracemalloc.get_traced_memory()[0] >= x.nbytes
        del result
        assert tracemalloc.get_traced_memory()[0] < x.nbytes / 100
    finally:
        tracemalloc.stop()
