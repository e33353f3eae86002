"""What a user of the installed package meets before any number: versions, configuration, errors at import."""

import importlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import stablemath_core as sm

PACKAGE = Path(sm.__file__).parent
SETS = sm.show_config("dicts")["instruction_sets"]


def run(code, **environment):
    """Python code in an interpreter of its own, with this package importable."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("STABLEMATH_")}
    return subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**inherited, "PYTHONPATH": str(PACKAGE.parent), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_version():
    assert re.fullmatch(r"\d+\.\d+\.\d+", sm.__version__)
    assert sm.show_config("dicts")["version"] == sm.__version__


def test_config_is_printed_as_it_is_returned(capsys):
    assert sm.show_config() is None
    printed = capsys.readouterr().out
    facts = sm.show_config(mode="dicts")
    assert f"version: {facts['version']}\n" in printed
    assert f"  built: [{', '.join(SETS['built'])}]\n" in printed
    assert f"  runnable: [{', '.join(SETS['runnable'])}]\n" in printed
    assert f"  chosen: {SETS['chosen']}\n" in printed
    assert f"compiler: {facts['compiler']}\n" in printed
    assert f"numpy: {facts['numpy']}\n" in printed


def test_config_is_the_callers_own():
    sm.show_config("dicts")["instruction_sets"]["built"].clear()
    assert sm.show_config("dicts")["instruction_sets"] == SETS


def test_config_of_an_unknown_mode():
    with pytest.raises(ValueError, match="'stdout' or 'dicts', not 'yaml'"):
        sm.show_config(mode="yaml")


def test_instruction_sets():
    assert set(SETS["runnable"]) <= set(SETS["built"])
    assert SETS["chosen"] == (os.environ.get("STABLEMATH_ISA") or SETS["runnable"][-1])
    if sys.platform == "linux" and os.uname().machine == "x86_64":
        assert SETS["built"] == ["baseline", "avx2", "avx512"]


CHOSEN = "import stablemath_core as sm; print(sm.show_config('dicts')['instruction_sets']['chosen'])"


@pytest.mark.parametrize("name", SETS["runnable"])
def test_an_instruction_set_can_be_forced(name):
    assert run(CHOSEN, STABLEMATH_ISA=name).stdout == name + "\n"


@pytest.mark.parametrize("environment", [{}, {"STABLEMATH_ISA": ""}])
def test_the_best_instruction_set_is_the_default(environment):
    assert run(CHOSEN, **environment).stdout == SETS["runnable"][-1] + "\n"


@pytest.mark.parametrize("name", ["sse9", "AVX2", "vsx", " "])
def test_an_instruction_set_that_cannot_be_had_is_an_import_error(name):
    failed = run(CHOSEN, STABLEMATH_ISA=name)
    assert failed.returncode == 1
    message = failed.stderr.splitlines()[-1]
    assert message.startswith(f"ImportError: STABLEMATH_ISA={name!r} ")
    for each in SETS["runnable"]:
        assert each in message


def test_bare_sources_say_what_to_do(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("*.so", "*.pyd"))
    without_editable_install = (
        "import sys; sys.meta_path[:] = [each for each in sys.meta_path if 'Editable' not in repr(each)]\n"
    )
    failed = run(without_editable_install + "import stablemath_core", PYTHONPATH=str(tmp_path))
    assert "pip install -e ." in failed.stderr.splitlines()[-1]


def test_numpy_is_all_that_an_import_brings():
    heavy = {"scipy", "mpmath", "pandas", "dask", "torch", "jax", "sklearn", "matplotlib", "rich"}
    loaded = run("import sys, stablemath_core; print(*{name.partition('.')[0] for name in sys.modules})")
    assert not loaded.stderr
    assert heavy.isdisjoint(loaded.stdout.split())


def test_types_are_shipped():
    assert (PACKAGE / "py.typed").is_file()
    stub = (PACKAGE / "__init__.pyi").read_text(encoding="utf-8")
    for name in sm.__all__:
        assert re.search(rf"^((def|class) {name}\b|{name}:)", stub, re.MULTILINE), f"the stub lacks {name}"


def test_all_that_is_public_is_documented():
    for name in sm.__all__:
        assert getattr(sm, name).__doc__.strip(), f"{name} has no docstring"


def test_modules_are_private():
    for each in PACKAGE.glob("*.py"):
        assert each.stem.startswith("_"), f"{each.name} would be public"
        importlib.import_module(f"stablemath_core.{each.stem}")
