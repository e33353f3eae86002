"""What the scripts of tools/ rely on."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CARELESS = ROOT / "tools" / "careless.py"


@pytest.mark.skipif(not CARELESS.is_file(), reason="only a checkout holds the tools")
@pytest.mark.parametrize("variant", ["COUNTED", "CARELESS"])
def test_what_the_cost_of_care_leaves_out_stands_there_once(variant):
    sources = {}
    for name, old, new in runpy.run_path(str(CARELESS))[variant]:
        text = sources.get(name) or (ROOT / "src" / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"src/{name}: {old}"
        sources[name] = text.replace(old, new)
    assert sources
