"""Every example in a docstring, the README and the pages of docs/ gives what it shows."""

import doctest
import importlib
from pathlib import Path

import numpy as np
import pytest

import stablemath_core as sm

PACKAGE = Path(sm.__file__).parent
ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
UFUNCS = [name for name in sm.__all__ if isinstance(getattr(sm, name), np.ufunc)]
OTHERS = [name for name in sm.__all__ if name not in UFUNCS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page(page):
    failed, _ = doctest.testfile(str(page), module_relative=False, optionflags=OPTIONS)
    assert failed == 0


@pytest.mark.parametrize("name", sorted(each.stem for each in PACKAGE.glob("_*.py")))
def test_docstrings(name):
    module = importlib.import_module(f"{sm.__name__}.{name}")
    failed, _ = doctest.testmod(module, optionflags=OPTIONS)
    assert failed == 0


@pytest.mark.parametrize("name", OTHERS)
def test_all_others_have_examples(name):
    assert ">>>" in getattr(sm, name).__doc__


@pytest.mark.parametrize("name", UFUNCS)
def test_ufunc_docstrings(name):
    text = getattr(sm, name).__doc__
    examples = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert examples.examples
    assert doctest.DocTestRunner(optionflags=OPTIONS).run(examples).failed == 0
