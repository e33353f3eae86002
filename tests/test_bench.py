"""The benchmark: its figures are right, its output is readable, and what it lacks it names."""

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import stablemath_core as sm

for package in ("scipy", "mpmath", "sklearn", "rich"):
    pytest.importorskip(package)

from stablemath_core import __main__ as command_line  # noqa: E402
from stablemath_core._bench import accuracy, inputs, measure, peers, report, run  # noqa: E402


@pytest.fixture
def implementations():
    """Those that every install of the bench extra has."""
    return [peers.Ours(), peers.OnArrays("NumPy", peers.Formula, np.__version__)]


@pytest.fixture
def cells(implementations):
    chosen = [inputs.random((4, 30), -1), inputs.random((40,))]
    return list(run.grid(implementations, chosen, peers.FUNCTIONS, seconds=0.5))


def bench(*arguments, code=None):
    code = code or "import sys; from stablemath_core.__main__ import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, "bench", *arguments], capture_output=True, text=True, check=False
    )


def test_the_command_prints_tables_and_writes_json(tmp_path):
    target = tmp_path / "figures.json"
    done = bench("--largest", "10", "--seconds", "1", "--json", str(target))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""  # progress is for terminals
    for name in (*peers.FUNCTIONS, "float64 (10,)", "float32 (10,)", "ours", "scipy", "NumPy", "ulp"):
        assert name in done.stdout
    assert "\x1b" not in done.stdout

    document = json.loads(target.read_text())
    assert document["machine"]["threads"] == 1
    assert document["machine"]["versions"]["ours"] == sm.__version__
    assert [(cell["function"], cell["dtype"]) for cell in document["cells"]] == [
        (function, dtype) for dtype in run.DTYPES for function in peers.FUNCTIONS
    ]
    for cell in document["cells"]:
        assert cell["times"].keys() == cell["errors"].keys() == document["machine"]["versions"].keys()
        assert all(seconds > 0 for seconds in cell["times"].values())


@pytest.mark.parametrize("missing", ["scipy", "mpmath", "sklearn", "rich"])
def test_what_is_missing_is_named(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from stablemath_core.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    failed = bench(code=code)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert len(failed.stderr.splitlines()) == 1
    assert missing in failed.stderr
    assert "pip install 'stablemath_core[bench]'" in failed.stderr


def test_json_into_no_folder_is_refused_at_once(tmp_path):
    failed = bench("--json", str(tmp_path / "absent" / "figures.json"))
    assert failed.returncode == 1
    assert "there is no such folder" in failed.stderr


def test_the_configuration_is_shown(capsys):
    assert not command_line.main(["config"])
    assert f"version: {sm.__version__}" in capsys.readouterr().out


def test_a_command_is_asked_for(capsys):
    with pytest.raises(SystemExit) as failed:
        command_line.main([])
    assert failed.value.code == 2
    assert "bench" in capsys.readouterr().err


def test_every_cell_is_measured(cells):
    assert len(cells) == 2 * len(run.DTYPES) * len(peers.FUNCTIONS)
    for cell in cells:
        assert cell.times.keys() == cell.errors.keys() == {"ours", "NumPy"}
        assert 0 <= cell.errors["ours"] <= (1 if cell.function == "logsumexp" else 2)
        assert cell.ratio("ours") == 1


def test_tables(cells, capsys):
    from stablemath_core._bench import command

    command.show(command.console(), cells, ["ours", "NumPy"])
    printed = capsys.readouterr().out
    assert printed.count("float32 (4, 30) axis -1") >= len(peers.FUNCTIONS)
    assert "ours faster in" in " ".join(printed.split())


def test_a_faster_peer_is_shown_plainly():
    assert str(report.multiple(0.5)) == f"{report.LOST} 0.50{report.TIMES}"
    assert report.LOST not in str(report.multiple(1.5))


@pytest.mark.parametrize(
    ("seconds", "text"), [(2.5e-7, "250 ns"), (1.234e-6, "1.23 µs"), (9.9999e-4, "1.00 ms"), (12, "12.0 s")]
)
def test_durations(seconds, text):
    assert report.duration(seconds) == text


@pytest.mark.parametrize(
    ("error", "text"), [(0.4, "0.4"), (42, "42.0"), (1234, "1e3"), (2e15, "2e15"), (np.inf, "inf")]
)
def test_errors_in_ulp(error, text):
    assert report.ulp(error) == text


def test_ulps_against_fractions():
    exact = Fraction(1, 3)
    high = float(exact)
    low = float(exact - Fraction(high))
    got = np.nextafter(high, 1)
    expected = abs(Fraction(got) - exact) / Fraction(float(np.spacing(high)))
    assert accuracy.ulps(np.array([got]), np.array([[high, low]]))[0] == pytest.approx(float(expected))
    single = np.float32(1 / 3)
    expected = abs(Fraction(float(single)) - exact) / Fraction(float(np.spacing(single)))
    assert accuracy.ulps(np.array([single]), np.array([[high, low]]))[0] == pytest.approx(float(expected))


def test_what_is_not_a_number_is_infinitely_wrong():
    assert accuracy.ulps(np.array([np.nan]), np.array([[1.0, 0.0]]))[0] == np.inf


def test_exact_results_of_a_tail_below_all_digits():
    x = np.array([0.0, -500.0])
    reference = accuracy.Reference(x, None, accuracy.Exponentials())
    tail = np.exp(-500.0)
    assert reference.error("logsumexp", np.float64(tail)) <= 1
    assert reference.error("log_softmax", np.array([-tail, -500.0])) <= 1
    assert reference.error("softmax", np.array([1.0, tail])) <= 1
    assert reference.error("log_softmax", np.array([0.0, -500.0])) > 1e15


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), 1])
def test_exact_results_on_every_axis(axis, implementations):
    x = np.random.default_rng(3).standard_normal((3, 5, 4))
    reference = accuracy.Reference(x, axis, accuracy.Exponentials())
    for peer in implementations:
        for function in peers.FUNCTIONS:
            assert reference.error(function, peer.call(function, x, axis).result()) < 20
    assert reference.error("softmax", 2 * sm.softmax(x, axis)) > 1e15


@pytest.mark.parametrize("layout", ["C", "F", "every second"])
def test_layouts(layout):
    x = inputs.random((6, 8), -1, layout).make(np.dtype("float32"))
    assert x.shape == (6, 8)
    assert x.dtype == np.float32
    assert x.strides == {"C": (32, 4), "F": (4, 24), "every second": (64, 8)}[layout]


def test_real_inputs():
    for each in inputs.digits():
        x = each.make(np.dtype("float64"))
        assert x.shape == each.shape
        assert np.isfinite(x).all()


def test_time_is_measured_of_all_alike():
    counts = {"a": [], "b": []}
    calls = {name: measure.Call("seen.append(0)", {"seen": seen}) for name, seen in counts.items()}
    times = measure.interleaved(calls, 0.02)
    assert set(times) == {"a", "b"}
    assert len(counts["a"]) == len(counts["b"])


def test_threads_are_given_time_to_wake_up():
    assert measure._warming(1e-3, threads=1) == 1
    assert measure._warming(1e-1, threads=1) == 0
    assert measure._warming(1e-3, threads=2) == 3
    assert measure._warming(1e-1, threads=2) == 1


def test_interrupted_timings_count_only_where_there_are_no_others():
    assert measure._typical([(1, 0), (2, 0), (3, 0), (50, 2), (60, 1)]) == 2
    assert measure._typical([(1, 0), (50, 2), (60, 1)]) == 50


def test_a_busy_machine_is_mentioned():
    assert report.busy({"cores": 2, "load": 1.5, "clock": "wall"}) == ""
    assert report.busy({"cores": 2, "clock": "wall"}) == ""
    assert "busy (3.5 processes on 2 cores)" in report.busy({"cores": 2, "load": 3.5, "clock": "wall"})


def test_no_input_at_all():
    done = bench("--largest", "3")
    assert done.returncode == 1
    assert "no input has 3 elements or fewer" in done.stderr


CHECKOUT = Path(__file__).parent.parent
needs_checkout = pytest.mark.skipif(
    not (CHECKOUT / "benchmarks").is_dir(), reason="only a checkout holds the full benchmark"
)


@needs_checkout
def test_figures_go_into_a_page(implementations, tmp_path):
    cells = list(run.grid(implementations, [inputs.random((10,))], peers.FUNCTIONS, seconds=0.2))
    facts = report.machine(implementations, 1)
    for name in ("grid-1.json", "grid-2.json"):
        report.write_json(tmp_path / name, facts, cells)
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter\n")
    command = [sys.executable, "-m", "benchmarks.markdown", str(tmp_path), "--into", str(page)]
    subprocess.run(command, cwd=CHECKOUT, check=True)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- figures: begin -->\n")
    assert text.endswith("\n<!-- figures: end -->\nafter\n")
    assert "old" not in text
    for cell in cells:
        assert f"| `{cell.function}` {cell.dtype} (10,) | {report.duration(cell.times['ours'])} |" in text
    lead = report.multiple(report.lead({c: c.ratio("NumPy") for c in cells}, "softmax"))
    assert f"| `softmax`, one thread each | {lead} |" in text


@needs_checkout
def test_the_full_benchmark_judges_the_targets(tmp_path):
    pytest.importorskip("matplotlib")
    command = [sys.executable, "-m", "benchmarks", "grid-1", "--largest", "10", "--seconds", "1"]
    done = subprocess.run(
        [*command, "--output", str(tmp_path)], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "logsumexp float64 (10,)" in done.stdout
    for target in range(1, 8):
        assert f"\n{target}. " in done.stdout
    assert (tmp_path / "speed.svg").stat().st_size > 1000
    facts, cells = report.read_json(tmp_path / "grid-1.json")
    assert facts["threads"] == 1
    assert {cell.function for cell in cells} == set(peers.FUNCTIONS)
