"""The programs in examples/ run, and print what their subjects promise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLES = {
    "logistic_loss": [
        "[nan nan nan]",
        "[0.09003057 0.24472847 0.66524096]",
        "1.92875e-22             1.92875e-22",
    ],
    "language_terms": ["[inf inf inf]", "1001.0986122886682", "[0.33333333 0.33333333 0.33333333]"],
    "stable_softmax": [
        "[0.0320586  0.08714432 0.23688282 0.64391426]",
        "5e-324 0.0",
        "[1.38389653e-87 3.72007598e-44 1.00000000e+00]",
        "-3.720075976020836e-44",
    ],
    "classifier_outputs": ["12.408216490736713", "= 1000.0", "nan", "sum: 1.0"],
    "soft_maximum": [
        "softmax([-1000.0, -1000.0, -1000.0]) = [0.33333333 0.33333333 0.33333333]",
        "1.0986122886681098 = log 3",
    ],
}


def run(name, *arguments):
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", str(ROOT / "examples" / f"{name}.py"), *arguments],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_figures(name):
    printed = run(name)
    for figure in EXAMPLES[name]:
        assert figure in printed


def test_digits(tmp_path):
    pytest.importorskip("sklearn")
    picture = tmp_path / "curve.png"
    naive, stable, *rest = run("digits", "--plot", str(picture)).splitlines()
    assert "loss nan" in naive
    assert float(stable.partition("loss ")[2].split()[0]) < 0.1
    assert float(stable.partition("steps: ")[2].split()[1].rstrip("%")) > 90
    assert len(rest) == 1
    if "matplotlib is not installed" not in rest[0]:
        assert picture.read_bytes().startswith(b"\x89PNG")


def test_every_example_is_run():
    assert {each.stem for each in (ROOT / "examples").glob("*.py")} == {"digits", *EXAMPLES}
