"""Threads: how many, whose, the same bits for any number, and no way to hang."""

import concurrent.futures
import multiprocessing
import os
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from closeness import assert_identical

import stablemath_core as sm
from stablemath_core import _kernels, _threads


@pytest.fixture(autouse=True)
def number_of_threads_restored():
    before = sm.get_num_threads()
    yield
    sm.set_num_threads(before)


CALLS = {
    "logsumexp": sm.logsumexp,
    "weighted": lambda x, axis: sm.logsumexp(x, axis, x, return_sign=True),
    "masked": lambda x, axis: sm.logsumexp(x, axis, where=x > 0),
    "softmax": sm.softmax,
    "log_softmax": sm.log_softmax,
    "masked softmax": lambda x, axis: sm.softmax(x, axis, where=x > 0),
    "value and softmax": sm.logsumexp_and_softmax,
    "mean": sm.logmeanexp,
    "longdouble": lambda x, axis: sm.softmax(x, axis, dtype=np.longdouble),
}


@pytest.mark.parametrize(
    ("shape", "axis"),
    [
        *(((400_000,), 0), ((2000, 150), 1), ((2000, 150), 0), ((2000, 150), None)),
        *(((3, 120_000), 1), ((120_000, 3), 0), ((120_000, 3), 1), ((2, 300, 600), (0, 2))),
        *(((60, 70, 80), 1), ((60, 70, 80), (1, 2)), ((60, 70, 80), ())),
    ],
    ids=str,
)
@pytest.mark.parametrize("call", CALLS)
def test_the_same_bits_for_any_number_of_threads(call, shape, axis, dtype, rng):
    if call == "longdouble" and dtype == np.float32:
        pytest.skip("computed in the same dtype as float64")
    x = (rng.normal(size=shape) * 4).astype(dtype)
    results = []
    for n in (1, 2, 5):
        with sm.num_threads(n):
            results.append(CALLS[call](x, axis))
    for other in results[1:]:
        if isinstance(other, tuple):
            for one, same in zip(other, results[0], strict=True):
                assert_identical(one, same)
        else:
            assert_identical(other, results[0])


@pytest.mark.parametrize("axis", [0, 1])
def test_shared_running_sums(axis, dtype, rng):
    x = rng.normal(size=(600, 700)).astype(dtype)
    with sm.num_threads(1):
        expected = sm.logcumsumexp(x, axis)
    with sm.num_threads(4):
        assert_identical(sm.logcumsumexp(x, axis), expected)


def test_large_calls_agree_with_their_rows(dtype, rng):
    x = rng.normal(size=(1000, 400)).astype(dtype)
    with sm.num_threads(3):
        for function in (sm.logsumexp, sm.softmax, sm.log_softmax):
            together = function(x, axis=1)
            np.testing.assert_allclose(together, [function(row) for row in x], rtol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("n", [300_000, 1_200_000, 2_300_000])
def test_a_long_row_whose_exponentials_are_stored_or_taken_again(n, dtype, rng):
    x = (rng.normal(size=n) * 4).astype(dtype)
    shifted = x.astype(np.longdouble) - x.max()
    power = np.exp(shifted)
    log = np.log(power.sum())
    tolerance = {"rtol": 2.5 * np.finfo(dtype).eps, "atol": 0}
    np.testing.assert_allclose(sm.softmax(x), power / power.sum(), **tolerance)
    np.testing.assert_allclose(sm.log_softmax(x), shifted - log, **tolerance)
    np.testing.assert_allclose(sm.logsumexp(x), x.max() + log, **tolerance)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_special_values_in_a_long_row(value, dtype):
    x = np.zeros(400_000, dtype)
    x[300_000] = value
    log = np.log(399_999)
    ends = {sm.logsumexp: log, sm.softmax: [1 / 399_999, 0], sm.log_softmax: [-log, -np.inf]}
    with sm.num_threads(2):
        for function, without_it in ends.items():
            long = function(x)
            long = long[[0, 300_000]] if np.ndim(long) else long
            if value == -np.inf:
                np.testing.assert_allclose(long, without_it, rtol=4 * np.finfo(dtype).eps)
            else:
                np.testing.assert_array_equal(long, function(x[[0, 300_000]]))
    assert sm.logsumexp(np.full(400_000, -np.inf, dtype)) == -np.inf


def test_a_large_call_is_run_by_several_threads(rng):
    x = rng.normal(size=(1000, 1000))
    before = _kernels.helped()
    with sm.num_threads(2):
        for _ in range(1000):  # the first few may be done before the other thread wakes up
            sm.softmax(x, axis=1)
            if _kernels.helped() > before:
                return
    pytest.fail("no other thread ever took a share")


def test_python_tasks_are_run_side_by_side():
    barrier = threading.Barrier(3)
    with sm.num_threads(3):
        _threads.run([lambda: barrier.wait(60)] * 3)  # each waits for the others


def test_more_threads_than_shares(rng):
    x = rng.normal(size=(1000, 300))
    calls = (
        lambda: sm.softmax(x, axis=1),
        lambda: sm.logsumexp(x, axis=1),
        lambda: sm.logsumexp(x, axis=1, b=x),
    )
    for call in calls:
        with sm.num_threads(1):
            expected = call()
        with sm.num_threads(10**30):
            assert_identical(call(), expected)


def test_a_small_call_never_is(monkeypatch, rng):
    monkeypatch.setattr(_threads, "run", lambda tasks: pytest.fail("shared"))
    _kernels.set_threads(lambda: pytest.fail("shared"))
    try:
        with sm.num_threads(8):
            sm.softmax(rng.normal(size=(100, 100)), axis=1)
            sm.logsumexp(rng.normal(size=100_000), where=np.ones(100_000, bool))
            sm.logsumexp(rng.normal(size=100_000), b=np.ones(100_000))
        for weights in (None, np.ones(300_000)):
            with pytest.raises(pytest.fail.Exception, match="shared"):
                sm.logsumexp(rng.normal(size=300_000), b=weights)
    finally:
        _kernels.set_threads(_threads._useful_threads)


# How many


def test_the_number():
    sm.set_num_threads(3)
    assert sm.get_num_threads() == 3
    sm.set_num_threads(np.int64(2))
    assert sm.get_num_threads() == 2


def test_the_number_within_a_block():
    sm.set_num_threads(2)
    with sm.num_threads(5):
        assert sm.get_num_threads() == 5
        with sm.num_threads(1):
            assert sm.get_num_threads() == 1
        assert sm.get_num_threads() == 5
        sm.set_num_threads(4)
    assert sm.get_num_threads() == 4
    with pytest.raises(RuntimeError, match="out"), sm.num_threads(7):
        raise RuntimeError("out")
    assert sm.get_num_threads() == 4


def test_a_block_is_the_callers_own():
    sm.set_num_threads(2)
    seen = []
    with sm.num_threads(6):
        thread = threading.Thread(target=lambda: seen.append(sm.get_num_threads()))
        thread.start()
        thread.join()
    assert seen == [2]


@pytest.mark.parametrize(("n", "kind"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
@pytest.mark.parametrize("way", [sm.set_num_threads, lambda n: sm.num_threads(n).__enter__()])
def test_numbers_that_cannot_be(n, kind, way):
    with pytest.raises(kind, match="number of threads"):
        way(n)
    for bad in ("2", None, True):
        with pytest.raises(TypeError, match="number of threads"):
            way(bad)


def run_python(code, **environment):
    """What a fresh interpreter prints."""
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**clean, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() if done.returncode == 0 else done.stderr.strip()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"STABLEMATH_NUM_THREADS": "3", "OMP_NUM_THREADS": "2"}, "3"),
        ({"OMP_NUM_THREADS": "2"}, "2"),
        ({"OMP_NUM_THREADS": "5,2"}, "5"),
        ({"STABLEMATH_NUM_THREADS": " 4 "}, "4"),
    ],
)
def test_the_environment_chooses(environment, expected):
    code = "import stablemath_core as sm; print(sm.get_num_threads())"
    assert run_python(code, **environment) == expected


@pytest.mark.parametrize("value", ["0", "-2", "two", "1.5"])
def test_the_environment_is_checked(value):
    error = run_python("import stablemath_core", STABLEMATH_NUM_THREADS=value)
    assert error.endswith(f"STABLEMATH_NUM_THREADS must be a positive integer, not {value!r}")
    default = run_python("import stablemath_core as sm; print(sm.get_num_threads())")
    code = "import stablemath_core as sm; print(sm.get_num_threads())"
    assert run_python(code, OMP_NUM_THREADS=value) == default


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no affinity on this system")
def test_affinity_is_respected():
    code = """
        import os
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        import stablemath_core as sm
        print(sm.get_num_threads())
    """
    assert run_python(code) == "1"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/proc/self/cgroup": "0::/a/b", "/sys/fs/cgroup/a/cpu.max": "150000 100000"}, 2),
        ({"/proc/self/cgroup": "0::/a/b", "/sys/fs/cgroup/a/b/cpu.max": "max 100000"}, None),
        (
            {
                "/proc/self/cgroup": "0::/a/b",
                "/sys/fs/cgroup/a/b/cpu.max": "300000 100000",
                "/sys/fs/cgroup/cpu.max": "100000 100000",
            },
            1,
        ),
        (
            {
                "/proc/self/cgroup": "3:cpu,cpuacct:/x\n0::/",
                "/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "50000",
                "/sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000",
            },
            1,
        ),
        (
            {
                "/proc/self/cgroup": "3:cpu:/x",
                "/sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "-1",
                "/sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000",
            },
            None,
        ),
        ({}, None),
    ],
)
def test_control_group_quotas_are_respected(files, expected, monkeypatch):
    monkeypatch.setattr(_threads, "_read", files.get)
    assert _threads._cgroup_quota() == expected


# No way to hang


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_after_fork():
    code = """
        import os, numpy as np, stablemath_core as sm
        sm.set_num_threads(2)
        x = np.random.default_rng(0).normal(size=(1000, 1000))
        expected = sm.softmax(x, axis=1)
        children = []
        for _ in range(3):
            child = os.fork()
            if child == 0:
                os._exit(0 if np.array_equal(sm.softmax(x, axis=1), expected) else 1)
            children.append(child)
        print([os.waitpid(child, 0)[1] for child in children])
    """
    assert run_python(code) == "[0, 0, 0]"


def total(seed):
    x = np.random.default_rng(seed).normal(size=(600, 500))
    return float(sm.logsumexp(x, axis=1).sum())


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_in_a_pool_of_processes(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip("not on this system")
    expected = [total(seed) for seed in range(4)]
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as pool:
        assert list(pool.map(total, range(4))) == expected


def test_many_callers_at_once():
    expected = [total(seed) for seed in range(24)]
    sm.set_num_threads(3)
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        assert list(pool.map(total, range(24))) == expected


def test_inside_its_own_pool():
    """Calls made by the pool's own threads, all of them busy."""
    with sm.num_threads(3):
        results = []
        _threads.run([lambda seed=seed: results.append(total(seed)) for seed in range(6)])
    assert sorted(results) == sorted(total(seed) for seed in range(6))


def test_the_number_raised_while_calls_run():
    stop = threading.Event()
    failures = []

    def work():
        while not stop.is_set():
            try:
                total(1)
            except BaseException as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(2, 9):
        sm.set_num_threads(n)
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize(
    "call",
    [
        "sm.logsumexp(x, axis=1)",
        "sm.logsumexp(x, axis=1, b=x + 1)",
        "sm.logcumsumexp(x, axis=1)[:, -1]",
        "sm.softmax_cross_entropy(x, labels, reduction='none')",
        # sums that only integers settle
        "sm.logsumexp(np.where(x < 0, x, [[-1e-300, np.log(1e-300)] + [-np.inf] * 998]), axis=1)",
    ],
)
def test_at_interpreter_exit(call):
    """Also where shares need the interpreter's lock, which at the very end no other thread is given."""
    code = f"""
        import atexit, sys, threading, numpy as np, stablemath_core as sm
        sm.set_num_threads(2)
        x, labels = np.zeros((1000, 1000)), np.zeros(1000, int)
        def last(when):
            print(when, float(({call})[0]), flush=True)
        atexit.register(last, "atexit")
        class Dying:
            def __del__(self):
                last("del")
        keep = Dying()
        threading.Thread(target=lambda: (threading.main_thread().join(), last("thread"))).start()
        last("main")
    """
    lines = run_python(code).splitlines()
    assert [line.split()[0] for line in lines] == ["main", "thread", "atexit", "del"]
    assert len({line.split()[1] for line in lines}) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited until no stack fits")
def test_when_no_thread_can_be_started():
    code = """
        import resource, numpy as np, stablemath_core as sm
        from stablemath_core import _kernels
        x = np.random.default_rng(0).normal(size=(1000, 1000))
        with sm.num_threads(1):
            expected = sm.softmax(x, axis=1)
        out = np.empty_like(x)
        with open("/proc/self/statm") as sizes:
            used = int(sizes.read().split()[0]) * resource.getpagesize()
        unlimited = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used + 2**22, unlimited[1]))
        with sm.num_threads(4):
            sm.softmax(x, axis=1, out=out)
        resource.setrlimit(resource.RLIMIT_AS, unlimited)
        print(np.array_equal(out, expected), _kernels.helped())
    """
    assert run_python(code) == "True 0"


def test_an_error_in_a_share_is_the_callers():
    done = []

    def fail():
        raise MemoryError("no memory")

    with sm.num_threads(2), pytest.raises(MemoryError, match="no memory"):
        _threads.run([fail, *[lambda i=i: done.append(i) for i in range(5)]])
    assert sorted(done) == list(range(5))


def test_shares_are_stacks_of_columns_rather_than_narrow_pieces():
    axis, bounds = _kernels.cut_along(np.empty((8, 700, 2000)), [0, 2])
    assert (axis, bounds[0], len(bounds)) == (0, (0, 1), 8)
    assert _kernels.cut_along(np.empty((2, 700, 2000)), [0, 2])[0] == 2
    assert _kernels.cut_along(np.empty((8, 10, 200_000)), [0, 2])[0] == 2
