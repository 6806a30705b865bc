"""The example of the retail monitor: what is committed is what the generator writes, sane, and visibly an example."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from evaluation.base.errors import UsageError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.retail.tables import load_retail
from tools.example_retail import write_retail_example

DATA = Path(__file__).resolve().parents[2] / "data"
COMMITTED = DATA / "retail" / "parkstad-limburg"
DEAL = load_deal(folder=DATA / "deal")


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("example") / "parkstad-limburg"
    write_retail_example(DEAL, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_committed_tables_are_a_fresh_example_as_long_as_they_are_an_example(example):
    if not load_retail(DEAL, folder=COMMITTED).is_example:
        pytest.skip("data/retail/parkstad-limburg holds premises of a count, not the example")
    assert contents(COMMITTED) == contents(example), "write them again with: regiodeal example"


def test_another_seed_gives_another_example(example, tmp_path):
    write_retail_example(DEAL, tmp_path / "other", seed=7)
    assert contents(tmp_path / "other")["premises.csv"] != contents(example)["premises.csv"]
    assert b"--seed 7" in contents(tmp_path / "other")["dataset.yml"]


def test_it_says_that_it_is_an_example_and_names_nothing_real(example):
    tables = load_retail(DEAL, folder=example)
    assert tables.is_example and not tables.dataset.comparable_with_baseline
    assert tables.clusters["name"].str.startswith("Voorbeeldcluster ").all()
    assert tables.premises["premises_id"].str.fullmatch(r"W\d{4}").all()
    assert tables.premises["occupant_id"].dropna().str.fullmatch(r"O\d{4}").all()


def test_it_is_small_and_has_four_priority_clusters_without_the_main_centre(example):
    tables = load_retail(DEAL, folder=example)
    assert tables.years == (2018, 2019, 2020, 2021, 2022)
    assert 400 <= tables.premises["premises_id"].nunique() <= 800
    assert len(tables.priority_clusters) == 4
    centre = tables.clusters[tables.clusters["is_main_centre"]]
    assert len(centre) == 1 and not centre["is_priority"].any()
    assert set(tables.premises["municipality"]) == {m.code for m in DEAL.region.municipalities}


def test_vacancy_and_transformation_are_of_a_likely_size(example):
    shops = load_retail(DEAL, folder=example).premises.query("function == 'retail'")
    vacancy = shops.groupby("year")["is_vacant"].mean()
    assert vacancy.between(0.08, 0.2).all()
    count = shops.groupby("year").size()
    assert 0.75 < count[2022] / count[2018] < 0.95


@pytest.mark.parametrize("status", ["vastgesteld", "voorlopig"])
def test_a_real_count_is_never_overwritten(example, tmp_path, status):
    folder = tmp_path / "retail"
    shutil.copytree(example, folder)
    path = folder / "dataset.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("status: voorbeeld", f"status: {status}"), encoding="utf-8"
    )
    before = contents(folder)
    with pytest.raises(UsageError, match="nothing was written"):
        write_retail_example(DEAL, folder)
    assert contents(folder) == before


def test_there_is_no_example_for_another_deal(tmp_path):
    with pytest.raises(UsageError, match="parkstad-limburg only"):
        write_retail_example(DEAL.model_copy(update={"id": "elders"}), tmp_path / "elders")
