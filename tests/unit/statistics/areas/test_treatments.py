"""The register of treatments: faults told together, who was treated on a day, and what else was paid."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from evaluation.base.errors import InputError
from evaluation.base.paths import data_dir
from evaluation.inputs.subjects import load_subjects
from evaluation.statistics.areas.treatment_schema import Moment
from evaluation.statistics.areas.treatments import (
    list_other_money,
    list_own_deals,
    load_register,
    overlaps,
    touches,
    treated_on,
)

REGIONS = Path(__file__).resolve().parents[4] / "data" / "regions"
REGISTER = load_register(folder=REGIONS)
PARKSTAD = {"GM1954", "GM0899", "GM0917", "GM0928", "GM0882", "GM0965", "GM0986"}
HOMES = ["woningen-transitie", "woningen-sloop-nieuwbouw", "woningen-inponden", "woningen-verbetering"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(REGIONS, tmp_path / "regions"))


def change(path: Path, edit) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    edit(content)
    path.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), encoding="utf-8")


def faults(folder: Path, **options) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_register(folder=folder, **options)
    return [str(fault) for fault in caught.value.faults]


def test_all_faults_of_all_files_are_told_together(folder: Path):
    def spoil_deals(content):
        content["deals"]["twente"]["stats"] = 1
        content["deals"]["achterhoek"]["starts"]["precision"] = "week"
        content["deals"]["zeeland"]["extent"]["area"] = ["PV92"]
        content["deals"]["twente-2"]["continues"] = "twent"
        content["deals"]["veluwe"]["state"] = None

    change(folder / "deals.yml", spoil_deals)
    change(folder / "events.yml", lambda content: content["events"]["buitenring"].update(municipalities=["GM0951"]))
    change(folder / "shrinking.yml", lambda content: content["regions"]["parkstad"].update(kind="krimp"))
    table = folder / "deal_municipalities.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace("foodvalley,GM0203,Barneveld,full", "foodvaley,GM0203,Barnefeld,ful"),
        encoding="utf-8",
    )
    told = "\n".join(faults(folder))
    for expected in (
        "deals.twente.stats: got an unknown key",
        "deals.achterhoek.starts.precision: got 'week'",
        "deals.zeeland.extent.area: got 'PV92'",
        "deals.twente-2.continues: got 'twent'",
        "deals.veluwe: got a contradiction; expected a note that says why",
        "events.buitenring.municipalities: got 'GM0951'; expected a municipality of today",
        "regions.parkstad.kind: got 'krimp'",
        "column deal: got 'foodvaley'; expected a deal of deals.yml. Did you mean 'foodvalley'?",
        "column name: got 'Barnefeld'; expected 'Barneveld', the name of GM0203",
        "exposure: got 'ful'",
    ):
        assert expected in told


def test_a_source_that_is_not_in_the_list_is_refused(folder: Path):
    change(folder / "deals.yml", lambda content: content["deals"]["twente"]["state"].update(source="overijssel-twent"))
    (told,) = faults(folder)
    expected = "got 'overijssel-twent'; expected a key of sources. Did you mean 'overijssel-twente'?"
    assert told.endswith(f"deals.twente.state.source: {expected}")


def test_a_municipality_stands_once_in_a_deal(folder: Path):
    table = folder / "deal_municipalities.csv"
    with table.open("a", encoding="utf-8") as file:
        file.write("twente,GM0153,Enschede,partial\n")
    (told,) = faults(folder)
    assert "GM0153 again; expected each once in twente" in told


def test_a_code_of_wrong_form_is_told_once_and_in_our_words(folder: Path):
    table = folder / "deal_municipalities.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("twente,GM0153", "twente,153"), encoding="utf-8")
    (told,) = faults(folder)
    assert "column code: got '153'; expected a municipality of today" in told


def test_more_deals_than_were_published_are_refused(folder: Path):
    change(folder / "deals.yml", lambda content: content["tranches"][2].update(published_count=11))
    (told,) = faults(folder)
    assert "tranches.2: got 12 deals; expected at most 11, as published" in told


def test_what_follows_from_a_name_was_not_seen(folder: Path):
    def claim(content):
        content["deals"]["achterhoek"]["extent"].update(verified=True, source="streekgids-achterhoek")

    change(folder / "deals.yml", claim)
    assert any("what follows from the name of a region was not seen" in told for told in faults(folder))


def test_what_is_wrong_with_the_facts_of_deals_is_told_together(folder: Path):
    def spoil(content):
        deals = content["deals"]
        content["sources"]["fruitdelta"] = "https://www.fruitdelta.nl"
        content["themes"]["safety"].pop("what")
        deals["twente"]["aims"][0]["themes"] = ["economie", "work"]
        deals["achterhoek"]["aims"][0]["unclear"] = ["safety"]
        deals["noord-limburg"]["aims"][0]["unclear"] = ["safety"]
        deals["zaanij"]["districts"]["names"] = {"GM0363": ["Molenwijk"], "GM0518": ["Moerwijk"]}
        deals["oost-groningen"]["signed"].update(day=date(2020, 2, 13), source="westerwolde")
        deals["estec-noordwijk"]["ends"] = {**deals["estec-noordwijk"]["signed"], "precision": "day"}
        deals["kop-van-noord-holland"]["extent"].pop("names_source")
        deals["regio-zwolle"]["extent"]["names_source"] = "plaatsengids"

    change(folder / "deals.yml", spoil)
    told = "\n".join(faults(folder))
    for expected in (
        "sources.fruitdelta: got 'https://www.fruitdelta.nl'; expected a mapping of fields",
        "themes.safety.what: got nothing; expected this key",
        "deals.twente.aims.0: got 'economie'; expected one of the themes. Did you mean 'economy'?",
        "deals.achterhoek.aims.0: got a contradiction; expected unclear themes of a complete list only",
        "deals.noord-limburg.aims.0: got a contradiction; expected each theme once",
        "deals.zaanij.districts.names.GM0518: got 'GM0518'; expected a municipality of the deal",
        "deals.oost-groningen.signed: got 2020-02-13; expected not before 2020-02-14",
        "deals.oost-groningen.signed.source: got 'westerwolde'; expected a key of sources",
        "deals.estec-noordwijk: got a contradiction; expected an end after the start",
        "deals.kop-van-noord-holland.extent: got a contradiction; expected names_source",
        "deals.regio-zwolle.extent.names_source: got 'plaatsengids'; expected a key of sources",
    ):
        assert expected in told


def test_a_municipality_that_takes_part_as_a_whole_has_no_districts(folder: Path):
    districts = {"source": "mook-noord-limburg", "verified": True, "names": {"GM0983": ["Blerick"]}}
    change(folder / "deals.yml", lambda content: content["deals"]["noord-limburg"].update(districts=districts))
    (told,) = faults(folder)
    assert "noord-limburg.districts.names.GM0983: got districts and exposure 'full'" in told


def test_only_what_a_source_says_is_verified(folder: Path):
    change(folder / "events.yml", lambda content: content["events"]["corona"].update(verified=True))
    (told,) = faults(folder)
    assert "only what a source says is verified" in told


def test_overlaps_are_checked_against_the_targets_of_the_deal(folder: Path):
    told = faults(folder, targets=["woningen-transitie", "woningen-inponden", "woningen-verbetering"])
    assert told
    assert all("'woningen-sloop-nieuwbouw'; expected a target of the deal" in text for text in told)


@pytest.mark.parametrize("name", ["deals.yml", "events.yml", "shrinking.yml", "deal_municipalities.csv"])
def test_a_missing_file_is_told(folder: Path, name: str):
    (folder / name).unlink()
    assert any(name in told and "no such file" in told for told in faults(folder))


def test_a_month_or_a_year_begins_on_its_first_day_and_ends_on_its_last():
    fields = {"source": None, "verified": False}
    month = Moment(day=date(2024, 2, 1), precision="month", **fields)
    year = Moment(day=date(2020, 1, 1), precision="year", **fields)
    assert (month.first, month.last) == (date(2024, 2, 1), date(2024, 2, 29))
    assert (year.first, year.last) == (date(2020, 1, 1), date(2020, 12, 31))
    with pytest.raises(ValueError, match="first day of the month"):
        Moment(day=date(2024, 2, 9), precision="month", **fields)


def test_treated_on_a_day_counts_from_the_start():
    before, after = treated_on(date(2019, 7, 14), register=REGISTER), treated_on(date(2019, 7, 15), register=REGISTER)
    assert "parkstad-limburg" not in set(before["deal"])
    own = after[after["deal"] == "parkstad-limburg"]
    assert set(own["municipality"]) == PARKSTAD
    assert set(own["since"]) == {date(2019, 7, 15)}
    assert own["verified"].all()
    assert not after.duplicated(["municipality", "deal"]).any()


def test_what_is_treated_stays_treated():
    ended = treated_on(date(2026, 1, 1), register=REGISTER)
    assert "parkstad-limburg" in set(ended["deal"])  # its term ended on 31 December 2022


def test_a_whole_province_is_treated_where_the_deal_names_it():
    zeeland = treated_on(date(2018, 12, 31), register=REGISTER).query("deal == 'zeeland'")
    assert len(zeeland) == 13
    assert set(zeeland["exposure"]) == {"full"}


def test_the_deals_of_a_region_are_the_one_that_covers_it_and_its_sequels():
    ids = [deal.id for deal in list_own_deals(PARKSTAD, date(2025, 12, 31), register=REGISTER)]
    assert ids == ["parkstad-limburg", "parkstad-limburg-2", "parkstad-limburg-3"]
    assert list_own_deals({"GM0917"}, date(2025, 12, 31), register=REGISTER) == ()


def test_other_money_in_the_region_includes_the_deals_of_others_and_later_ones():
    found = list_other_money(PARKSTAD, date(2023, 12, 31), register=REGISTER).set_index("id")
    assert "parkstad-limburg" not in found.index
    assert found.loc["parkstad-limburg-2", "amount_eur"] == 25_000_000
    assert found.loc["zuid-limburg", "municipalities"] == ("GM1954",)
    assert set(found.loc["overstroming-2021", "municipalities"]) == PARKSTAD
    assert "parkstad-limburg-3" not in found.index
    elsewhere = list_other_money({"GM0513"}, date(2022, 12, 31), register=REGISTER)
    assert not elsewhere["id"].str.startswith("volkshuisvestingsfonds").any()
    assert "corona" in set(elsewhere["id"])


def test_homes_that_another_fund_pays_as_well_are_told():
    found = overlaps(HOMES, date(2022, 12, 31), within=PARKSTAD, register=REGISTER)
    funds = found[found["target"] == "woningen-verbetering"].set_index("event")
    assert funds["homes"].to_dict() == {
        "volkshuisvestingsfonds-2021-parkstad": 864,
        "volkshuisvestingsfonds-2021-heerlen": 364,
    }
    where = funds.loc["volkshuisvestingsfonds-2021-parkstad", "municipalities"]
    assert set(where) == PARKSTAD - {"GM0917", "GM0965", "GM0986"}
    assert "woningbouwimpuls-2021-heerlen" in set(found.query("target == 'woningen-sloop-nieuwbouw'")["event"])
    assert overlaps(HOMES, date(2021, 4, 30), within=PARKSTAD, register=REGISTER).empty
    assert overlaps(["ondernemers"], date(2026, 1, 1), within=PARKSTAD, register=REGISTER).empty
    assert overlaps(HOMES, date(2022, 12, 31), within={"GM0114"}, register=REGISTER).empty  # a target of the same name


def test_an_event_touches_another_deal_through_the_subjects_of_its_indicators(tmp_path: Path, monkeypatch):
    for name in ("indicators/elders", "subjects.yml"):
        (tmp_path / "data" / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "data" / "indicators" / "elders").mkdir()
    shutil.copy(data_dir() / "subjects.yml", tmp_path / "data")
    subjects = set(load_subjects())
    assert all(set(event.subjects) <= subjects for event in REGISTER.events.values())
    assert all(event.subjects for event in REGISTER.events.values() if event.mark or not event.municipalities)
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    police, corona = REGISTER.events["veiligheidsmonitor-2021"], REGISTER.events["corona"]
    assert touches(police, "parkstad-limburg", 3, ["verkoopprijs"]) is True, "by the number of the theme"
    assert touches(police, "elders", 3, ["verkoopprijs"]) is False, "not theme 3 of another deal"
    assert touches(police, "elders", 7, ["woninginbraak"]) is True
    assert touches(corona, "elders", 12, ["arbeidsdeelname", "eigen-cijfer"]) is True
    assert touches(REGISTER.events["iba-parkstad"], "elders", 1, ["arbeidsdeelname"]) is None
