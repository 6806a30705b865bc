"""YAML that people wrote: what nobody writes is a fault with its place, and not the end of the process."""

from __future__ import annotations

import re
import time

import pytest
import yaml

from evaluation.base.errors import InputError
from evaluation.base.yaml_entries import UniqueKeys, load_yaml, raise_faults, read_mapping
from tests.conftest import ROOT

TEN = {n: ", ".join([f"*a{n - 1}"] * 10) for n in range(1, 12)}
LAUGHS = "\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [{ten}]" for n, ten in TEN.items())])
MERGED = "\n".join(["a0: &a0 {k: 1}", *(f"a{n}: &a{n} {{<<: [{ten}]}}" for n, ten in TEN.items())])
BOMBS = {
    "lists": ("[" * 200_000, "nested too deep"),
    "mappings": ("{a: " * 200_000, "nested too deep"),
    "dashes": ("- " * 200_000, "nested too deep"),
    "a billion laughs": (LAUGHS, "too large"),
    "a billion laughs in keys that are merged": (MERGED, "too large"),
    "aliases of aliases": ("\n".join(["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 99))]), "too deep"),
    "a long text, many times": ("a: &a " + "x" * 100_000 + "\nb: [" + "*a, " * 1_000 + "*a]", "too large"),
    "entries without end": ("a: [" + "1, " * 2_000_000 + "1]", "too large"),
    "letters without end": ("a: " + "x" * 9_000_000, "too large"),
    "an alias within itself": ("a: &a [1, *a]", "an alias within what it stands for"),
    "a key within itself": ("a: &a {b: {c: *a}}", "an alias within what it stands for"),
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("loader", [yaml.BaseLoader, UniqueKeys])
def test_yaml_without_bounds_is_refused_soon(loader, name, tmp_path):
    text, words = BOMBS[name]
    begun = time.process_time()
    with pytest.raises(yaml.YAMLError, match=words):
        load_yaml(text, loader)
    (tmp_path / "plan.yml").write_text(text, encoding="utf-8")
    faults: list = []
    assert read_mapping(tmp_path / "plan.yml", {"a"}, faults) == {}
    with pytest.raises(InputError, match=rf"plan\.yml: got .*{words}"):
        raise_faults(faults)
    assert time.process_time() - begun < 5


NO_VALUES = {
    "a day that is not there": "2021-02-30",
    "an hour that is not there": "2021-01-01T25:00:00",
    "a number of thousands of digits": "1" * 5_000,
    "a number of sixties without end": "1" + ":59" * 1_000_000,
    "a fraction without end": "0." + "1" * 300,
    "no whole number": "!!int x",
    "no number": "!!float x",
    "no day": "!!timestamp x",
    "neither true nor false": "!!bool x",
    "no mapping": "!!map [x]",
    "no set": "!!set [x]",
    "an object of Python": "!!python/object:os.system x",
}


@pytest.mark.parametrize("name", NO_VALUES)
def test_a_value_that_cannot_be_is_told_with_its_place(name):
    with pytest.raises(yaml.MarkedYAMLError) as raised:
        load_yaml(f"first: 1\nsecond: {NO_VALUES[name]}\n")
    assert "line 2" in str(raised.value) and len(str(raised.value)) < 300


def test_yaml_as_people_write_it_is_read():
    assert load_yaml("a: [1, {b: c}]\n") == {"a": [1, {"b": "c"}]}
    assert load_yaml("a: &x {b: 1}\nc: {<<: *x, d: 2}\ne: *x\n") == {
        "a": {"b": 1},
        "c": {"b": 1, "d": 2},
        "e": {"b": 1},
    }
    with pytest.raises(yaml.YAMLError, match="'a' stands twice"):
        load_yaml("a: 1\na: 2\n")


def test_what_people_send_is_loaded_within_these_bounds_only():
    """Only what stands beside a module of the package, as part of it, is loaded without."""
    bare = re.compile(r"yaml\.(?:safe_load|load|full_load|unsafe_load)(?:_all)?\((.*)")
    for path in [*(ROOT / "evaluation").rglob("*.py"), *(ROOT / "tools").glob("*.py")]:
        for line in bare.findall(path.read_text(encoding="utf-8")):
            is_own = "resources.files(" in line or "__file__" in line or "CITATION.cff" in line
            assert is_own or path.name in ("yaml_entries.py", "fault_words.py"), (path.name, line)
