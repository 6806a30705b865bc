"""The example records: what is committed is what the generator writes, sane, and visibly an example."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from evaluation.base.errors import UsageError
from evaluation.inputs.deal import Deal, load_deal
from evaluation.inputs.records.programme import Programme, load_programme
from tools.example import write_example

DATA = Path(__file__).resolve().parents[2] / "data"
COMMITTED = DATA / "programme" / "parkstad-limburg"
DEAL_SOURCES = ("Rijk", "Provincie", "gemeenten")
END = date(2022, 12, 31)


@pytest.fixture(scope="module")
def deal() -> Deal:
    return load_deal(folder=DATA / "deal")


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory, deal: Deal) -> Path:
    folder = tmp_path_factory.mktemp("example") / "parkstad-limburg"
    write_example(deal, folder)
    return folder


@pytest.fixture(scope="module")
def programme(example: Path, deal: Deal) -> Programme:
    return load_programme(deal, folder=example)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def money(programme: Programme, kind: str, sources: tuple[str, ...] = DEAL_SOURCES) -> float:
    rows = programme.payments[(programme.payments["kind"] == kind) & programme.payments["source"].isin(sources)]
    return float(rows["amount_eur"].sum())


def test_the_committed_records_are_a_fresh_example_as_long_as_they_are_an_example(example: Path, deal: Deal) -> None:
    if not load_programme(deal, folder=COMMITTED).is_example:
        pytest.skip("data/programme/parkstad-limburg holds records of the programme office, not the example")
    assert contents(COMMITTED) == contents(example), "write them again with: regiodeal example"


def test_another_seed_gives_another_example(example: Path, deal: Deal, tmp_path: Path) -> None:
    write_example(deal, tmp_path / "other", seed=7)
    other = contents(tmp_path / "other")
    assert other["payments.csv"] != contents(example)["payments.csv"]
    assert b"--seed 7" in other["dataset.yml"]
    assert load_programme(deal, folder=tmp_path / "other").is_example


def test_it_says_everywhere_that_it_is_an_example(programme: Programme) -> None:
    assert programme.dataset.status == "voorbeeld" and programme.is_example
    assert programme.dataset.title == "Voorbeeldset programmacijfers"
    assert programme.projects["title"].str.startswith("Voorbeeldproject ").all()
    assert programme.projects["neighbourhood"].dropna().str.startswith("voorbeeldbuurt ").all()
    assert programme.milestones["title"].str.startswith("Voorbeeld").all()


def test_every_theme_municipality_state_and_most_elements_are_in_it(programme: Programme, deal: Deal) -> None:
    projects = programme.projects
    assert 45 <= len(projects) <= 60
    assert set(projects["theme"]) == {theme.id for theme in deal.themes}
    assert {name for names in projects["municipalities"] for name in names} == set(deal.municipality_names)
    alone = {names[0] for names in projects["municipalities"] if len(names) == 1}
    assert alone == set(deal.municipality_names), "each municipality has a project of its own"
    assert set(projects["status"]) == {"planned", "started", "completed", "dropped"}
    named = {element for table in (projects, programme.milestones) for ids in table["approach"] for element in ids}
    assert 38 <= len(named) < sum(len(theme.approach) for theme in deal.themes)
    assert (projects["started_on"].dt.year == 2019).sum() < (projects["started_on"].dt.year == 2020).sum()


def test_money_stays_near_the_budget_but_is_not_equal_to_it(programme: Programme, deal: Deal) -> None:
    end = programme.as_of(END)
    budget = deal.as_of(END).budget_eur
    assert 0.85 <= money(end, "commitment") / budget <= 0.95
    assert 0.60 <= money(end, "payment") / budget <= 0.75
    assert 0.45 <= money(end, "commitment", ("Rijk",)) / money(end, "commitment") <= 0.55
    assert money(end, "commitment", ("corporaties", "private")) > 0
    theme = end.payments["project_id"].map(end.projects.set_index("project_id")["theme"])
    committed = end.payments[(end.payments["kind"] == "commitment") & end.payments["source"].isin(DEAL_SOURCES)]
    for name, planned in deal.as_of(END).budget_by_theme.items():
        share = committed[theme[committed.index] == name]["amount_eur"].sum() / planned
        assert 0.7 <= share < 1, f"theme {name}: {share:.2f}"


def test_rijk_never_pays_more_than_it_was_given(programme: Programme) -> None:
    assert money(programme, "tranche", ("Rijk",)) == 40_000_000
    for year in (2019, 2020, 2021, 2022):
        known = programme.as_of(date(year, 12, 31))
        assert money(known, "payment", ("Rijk",)) <= money(known, "tranche", ("Rijk",))
    assert money(programme.as_of(date(2019, 12, 31)), "tranche", ("Rijk",)) == 13_900_000


def test_what_was_promised_grows_and_is_partly_ahead_and_partly_behind(programme: Programme, deal: Deal) -> None:
    homes = [target.id for target in deal.as_of(END).targets if target.group == "woningen"]
    counts = []
    for year in (2019, 2020, 2021, 2022):
        outputs = programme.as_of(date(year, 12, 31)).outputs
        counts.append(outputs[outputs["target"].isin(homes)]["quantity"].sum())
    assert counts == sorted(counts) and 850 <= counts[-1] <= 950
    total = programme.outputs.groupby("target")["quantity"].sum()
    ended = [target for target in deal.as_of(END).targets if target.by <= END and target.counted_from == "outputs"]
    assert any(total[target.id] >= target.quantity for target in ended)
    assert any(total[target.id] < target.quantity for target in ended)
    free = programme.outputs[programme.outputs["target"].isna()]
    assert {"1", "5", "6"} <= set(free["result"].str[0]) and free["unit"].notna().all()


def test_milestones_are_early_late_open_and_absent(programme: Programme, deal: Deal) -> None:
    records = programme.milestones.dropna(subset=["deal_milestone"])
    done = records["date_done"] - records["date_planned"]
    assert (done.dt.days <= 0).any() and (done.dt.days > 0).any() and done.isna().any()
    assert set(records["deal_milestone"]) < {milestone.id for milestone in deal.milestones}
    held = programme.milestones[programme.milestones["kind"] == "meeting"]
    per_year = held.groupby(["body", held["date_done"].dt.year]).size()
    for year in (2020, 2021, 2022):
        assert 2 <= per_year["Overleg", year] <= 3 and 6 <= per_year["regiegroep", year] <= 8
        assert per_year["stuurgroep GROS", year] >= 3


def test_the_check_on_money_has_at_most_two_things_to_show(programme: Programme) -> None:
    assert 1 <= len(programme.findings) <= 2
    assert len(programme.as_of(date(2021, 12, 31)).findings) <= 2


@pytest.mark.parametrize("status", ["vastgesteld", "voorlopig", None])
def test_real_records_are_never_overwritten(example: Path, deal: Deal, tmp_path: Path, status: str | None) -> None:
    folder = tmp_path / "records"
    shutil.copytree(example, folder)
    path = folder / "dataset.yml"
    if status is None:
        path.unlink()
    else:
        path.write_text(path.read_text(encoding="utf-8").replace("voorbeeld", status), encoding="utf-8")
    before = contents(folder)
    with pytest.raises(UsageError, match="nothing was written"):
        write_example(deal, folder)
    assert contents(folder) == before


def test_other_files_beside_an_example_are_kept(example: Path, deal: Deal, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    shutil.copytree(example, folder)
    (folder / "programme.xlsx").write_bytes(b"werk")
    with pytest.raises(UsageError, match=r"programme\.xlsx"):
        write_example(deal, folder)
    assert (folder / "programme.xlsx").read_bytes() == b"werk"


def test_an_example_is_written_over_an_example(example: Path, deal: Deal, tmp_path: Path) -> None:
    folder = tmp_path / "records"
    shutil.copytree(example, folder)
    (folder / "outputs.csv").write_text("stuk\n", encoding="utf-8")
    write_example(deal, folder)
    assert contents(folder) == contents(example)
    assert [path.name for path in tmp_path.iterdir()] == ["records"], "nothing is left beside it"


def test_there_is_no_example_for_another_deal(deal: Deal, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="parkstad-limburg only"):
        write_example(deal.model_copy(update={"id": "elders"}), tmp_path / "elders")
    assert not (tmp_path / "elders").exists()
