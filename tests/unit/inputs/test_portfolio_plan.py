"""The plan of all deals together: every fault at once, also those of what it leads to."""

import shutil
from pathlib import Path

import pytest

from evaluation.base.errors import InputError
from evaluation.inputs.portfolio_plan import FILE, load_portfolio_plan
from evaluation.run.checks import check_portfolio_plan
from tests.conftest import ROOT


def spoilt(folder: Path, *changes: tuple[str, str]) -> Path:
    """Copy the plan with other words in it, beside the indicators and the register that it leads to."""
    for name in ("indicators", "regions"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    text = (ROOT / "data" / FILE).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "data" / FILE
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    return folder / "data"


def test_every_fault_is_told_at_once(tmp_path: Path):
    changes = (
        ("\npermutations: ", "\npermutation: "),
        ("family: log, theme: housing", "family: logg, theme: housing"),
        ("first: 2013, last: 2021", "first: 2019, last: 2021"),
    )
    with pytest.raises(InputError) as raised:
        load_portfolio_plan(data=spoilt(tmp_path, *changes))
    keys = {fault.key for fault in raised.value.faults}
    assert keys == {"permutation", "permutations", "outcomes.verkoopprijs.family", "outcomes.inkomen-mediaan"}


def test_an_indicator_and_a_theme_that_are_not_there_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    spoilt(tmp_path, ("series: verkoopprijs,", "series: verkoopprijzen,"), ("theme: education", "theme: educatie"))
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    with pytest.raises(InputError) as raised:
        check_portfolio_plan()
    told = {fault.key: str(fault) for fault in raised.value.faults}
    assert told.keys() == {"outcomes.verkoopprijs.series", "outcomes.hoogopgeleid.theme"}
    assert "Did you mean 'education'?" in told["outcomes.hoogopgeleid.theme"]


def test_the_plan_of_the_project_is_in_order():
    check_portfolio_plan()
