"""YAML that people wrote: nested deeper than anybody writes it is a fault, and not the end of the process."""

from __future__ import annotations

import pytest
import yaml

from evaluation.base.errors import InputError
from evaluation.base.yaml_entries import UniqueKeys, load_yaml, raise_faults, read_mapping

DEEP = ("[" * 200_000, "{a: " * 200_000, "- " * 200_000)


@pytest.mark.parametrize("text", DEEP, ids=["lists", "mappings", "dashes"])
@pytest.mark.parametrize("loader", [yaml.BaseLoader, UniqueKeys])
def test_yaml_that_is_nested_too_deep_is_refused(text, loader, tmp_path):
    with pytest.raises(yaml.YAMLError, match="nested too deep"):
        load_yaml(text, loader)
    (tmp_path / "plan.yml").write_text(text, encoding="utf-8")
    faults: list = []
    assert read_mapping(tmp_path / "plan.yml", {"a"}, faults) == {}
    with pytest.raises(InputError, match=r"plan\.yml: got .*nested too deep"):
        raise_faults(faults)


def test_yaml_as_people_write_it_is_read():
    assert load_yaml("a: [1, {b: c}]\n") == {"a": [1, {"b": "c"}]}
