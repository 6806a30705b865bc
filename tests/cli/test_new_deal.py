"""`regiodeal new deal`: a deal of the register becomes files that pass the check, and nothing in them is made up."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from evaluation.base.errors import InputError, UsageError
from evaluation.base.yaml_entries import load_yaml
from evaluation.cli import new_deal_files
from evaluation.cli.new_deal_ask import Given, complete_answers, confirm_found
from evaluation.inputs.deal import load_deal
from evaluation.inputs.deal_answers import DealAnswers, load_answers
from evaluation.inputs.deal_text.propose import propose, read_text
from evaluation.inputs.indicators import load_designs, load_indicators, load_without_design, register_dir
from evaluation.inputs.records.programme import load_programme
from evaluation.inputs.subjects import load_subjects
from evaluation.run.checks import check_inputs, check_plan
from evaluation.statistics.areas.treatments import load_register
from tests.conftest import ROOT, Project, copy_project

DAY = date(2026, 12, 1)
TEXTS = ROOT / "tests" / "unit" / "inputs" / "deal_text" / "texts"
QUICK = ("amsterdam-zuidoost", "rivierenland-2")
"""A part of one municipality, with few comparable regions; and a deal that began too late for figures."""

AWKWARD = (*QUICK, "zeeland", "natuurinclusieve-landbouw", "waddeneilanden")
"""And: a whole province, three provinces, and the smallest municipalities of the country in two provinces."""

SIX = (
    "--themes", "Kringlooplandbouw; Wonen en leefbaarheid; Veiligheid",
    "--results", "1: Meer natuurinclusieve boeren; 2: Betere woningen in de kernen; 3: Minder woninginbraken",
    "--targets", "1: ten minste 80 boeren uiterlijk 31 december 2023; 2: 250 tot 300 woningen in 2024",
    "--ends", "12 juli 2024", "--region", "15 miljoen", "--amounts", "20 miljoen; € 8 mln; 2.000.000",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project in which deals are made, one after the other."""
    made = copy_project(tmp_path_factory.mktemp("new") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(made.root))
        yield made


@pytest.fixture(scope="module")
def friesland(place: Project) -> Project:
    done = place.regiodeal_here("new", "deal", "zuidoost-friesland", *SIX)
    assert done.returncode == 0, done.stderr
    return place


def made_up_answers(deal_id: str) -> DealAnswers:
    """Answer what the register does not know of a deal, with what is made up for the tests."""
    known = load_register().deals[deal_id]
    year = known.starts.first.year + 4
    total = (known.state.eur if known.state else 10_000_000) + 10_000_000
    given = Given(
        themes="Veiligheid; Wonen en leefbaarheid; Werk en talent; Gezonde inwoners; Kringlooplandbouw",
        results="1: Minder woninginbraken; 2: Betere woningen; 3: Meer mensen aan het werk; 4: Gezondere "
            "inwoners; 5: Meer natuur",
        ends=f"{year}-12-31", state="10 miljoen", region="10 miljoen", amounts=f"{total - 4};1;1;1;1",
        targets=f"2: 300 woningen in {year}",
    )  # fmt: skip
    return complete_answers(known, DealAnswers(deal=deal_id), given, None)


def make_and_check(deal_id: str) -> None:
    """Make a deal in the project at hand, and check it as a run and a final evaluation would."""
    register = load_register()
    new_deal_files.write_deal(register.deals[deal_id], register, made_up_answers(deal_id), source="antwoorden", day=DAY)
    deal, programme, _ = check_inputs(deal_id, [], panel=False)
    assert programme.is_example and deal.name == register.deals[deal_id].name
    check_plan(deal)
    designs = load_designs(folder=register_dir(deal.id)).values()
    told = {item.theme for item in load_without_design(folder=register_dir(deal.id))}
    indicators = load_indicators(folder=register_dir(deal.id))
    compared = {indicators[item.indicator].theme for item in designs if item.has_placebos}
    assert told | compared == {1, 2, 3, 4, 5} and not told & compared


def test_one_command_makes_a_deal_that_passes_the_check(friesland: Project) -> None:
    done = friesland.regiodeal_here("check", "--deal", "zuidoost-friesland")
    assert done.returncode == 0, done.stderr
    assert "In order: Regio Deal Zuidoost Friesland, 3 projects (voorbeeld)" in done.stdout


def test_it_says_what_the_register_and_the_answers_say_and_what_is_open(friesland: Project) -> None:
    deal, known = load_deal("zuidoost-friesland"), load_register().deals["zuidoost-friesland"]
    assert [item.code for item in deal.region.municipalities] == [member.code for member in known.members]
    assert deal.region.benchmark.code == "PV21" and deal.region.rest_name == "rest van Fryslân"
    assert deal.term.path_from == known.starts.day and deal.term.ends_on == date(2024, 7, 12)
    assert deal.term.starts_on is None and deal.term.sent_to_parliament_on is None  # the register has a month only
    assert deal.term.selected_on == date(2020, 2, 14)
    assert deal.budget[-1].parties == {"Rijk": known.state.eur, "Regio": 15_000_000}
    assert deal.budget[-1].themes == {1: 20_000_000, 2: 8_000_000, 3: 2_000_000}
    farmers, homes = deal.targets
    assert (farmers.quantity, farmers.at_least, farmers.by, farmers.result) == (80, True, date(2023, 12, 31), "1.1")
    assert (homes.quantity, homes.quantity_to, homes.by) == (250, 300, date(2024, 12, 31))
    assert {row.reference for theme in deal.themes for row in theme.results} == {"nog niet ingevuld"}
    readme = (friesland.root / "data" / "programme" / deal.id / "README.md").read_text(encoding="utf-8")
    assert deal.text_notes and all(f"- {note}" in readme for note in deal.text_notes)
    assert all("nog niet ingevuld" in note for note in deal.text_notes)


def test_its_indicators_are_those_of_its_subjects_and_speak_of_no_other_deal(friesland: Project) -> None:
    deal = load_deal("zuidoost-friesland")
    found = load_indicators(folder=register_dir(deal.id))
    assert {item.theme for item in found.values()} == {2, 3}
    assert found["woninginbraak"].results == ("3.1",) and found["verkoopprijs"].results == ("2.1",)
    assert {item.baseline_year for item in found.values()} <= {2018, 2019}
    for folder in ("deal", "indicators", "programme"):
        for path in (friesland.root / "data" / folder).rglob("zuidoost-friesland*/*"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"Parkstad|Limburg|Heerlen|Beekdaelen|inponden|Simpelveld", text), path


def test_its_records_are_an_example_in_every_row(friesland: Project) -> None:
    programme = load_programme(load_deal("zuidoost-friesland"))
    assert programme.dataset.status == "voorbeeld" and "verzonnen" in programme.dataset.note
    assert programme.projects["title"].str.contains("verzonnen").all()
    for table in (programme.projects, programme.payments, programme.outputs):
        assert len(table) and table["note"].str.startswith("Voorbeeld").all()


def test_nothing_is_overwritten_and_only_what_lacks_is_made(friesland: Project) -> None:
    data = friesland.root / "data"
    before = {path: path.read_bytes() for path in data.rglob("*zuidoost-friesland*/*")}
    again = friesland.regiodeal_here("new", "deal", "zuidoost-friesland")
    assert (
        again.returncode == 2
        and "data/deal/zuidoost-friesland.yml" in again.stderr
        and "niets geschreven" in again.stderr
    )
    told = friesland.regiodeal_here("new", "deal", "zuidoost-friesland", "--ends", "2025-12-31")
    assert told.returncode == 2 and "is er al" in told.stderr
    aside = friesland.root / "aside"
    shutil.move(data / "indicators" / "zuidoost-friesland", aside)
    refused = friesland.regiodeal_here("check", "--deal", "zuidoost-friesland")
    assert refused.returncode == 2 and refused.stderr.count("expected") == 1
    assert "Maak data/indicators/zuidoost-friesland: regiodeal new deal zuidoost-friesland" in refused.stderr
    assert friesland.regiodeal_here("new", "deal", "zuidoost-friesland").returncode == 0
    shutil.rmtree(aside)
    after = {path: path.read_bytes() for path in data.rglob("*zuidoost-friesland*/*")}
    assert set(after) == set(before)
    assert all(after[path] == before[path] for path in before if "indicators" not in path.parts)


def test_every_fault_is_told_at_once_and_nothing_is_written(place: Project) -> None:
    before = {path for path in (place.root / "data").rglob("*")}
    done = place.regiodeal_here("new", "deal", "twente")
    assert done.returncode == 2
    for words in ("geen thema's", "geen laatste dag", "geen bijdrage van de Regio"):
        assert words in done.stderr
    wrong = (
        "--themes",
        "A; B",
        "--results",
        "3: iets; los",
        "--ends",
        "ooit",
        "--region",
        "veel",
        "--amounts",
        "1",
        "--targets",
        "1: veel",
    )
    done = place.regiodeal_here("new", "deal", "twente", *wrong)
    assert done.returncode == 2
    for words in ("'3: iets'", "'los'", "'ooit'", "'veel'", "'1'"):
        assert words in done.stderr
    done = place.regiodeal_here("new", "deal", "twente", *SIX[:-1], "1; 2; 3")
    assert done.returncode == 2 and "bedragen met dezelfde som" in done.stderr
    for wrong_id, words in (("twent", "Did you mean 'twente'"), ("bonaire", "geen gemeenten")):
        assert words in place.regiodeal_here("new", "deal", wrong_id).stderr
    assert {path for path in (place.root / "data").rglob("*")} == before


def test_a_failure_on_the_way_leaves_nothing(place: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise UsageError("no room")

    monkeypatch.setattr(new_deal_files, "write_example", broken)
    before = {path for path in (place.root / "data").rglob("*")}
    register = load_register()
    with pytest.raises(UsageError, match="no room"):
        new_deal_files.write_deal(
            register.deals["eemsdelta"], register, made_up_answers("eemsdelta"), source="", day=DAY
        )
    assert {path for path in (place.root / "data").rglob("*")} == before


def test_at_most_ten_questions_are_asked_for_any_deal() -> None:
    for known in load_register().deals.values():
        asked: list[str] = []

        def answer(question: str, default: str, asked: list[str] = asked) -> str:
            asked.append(question)
            return "Wonen; Werk" if "thema's" in question and len(asked) == 1 else default

        complete_answers(known, DealAnswers(deal=known.id), Given(), answer)
        assert 4 <= len(asked) <= 7, asked


def test_a_proposal_counts_only_once_everything_in_it_is_answered(place: Project, tmp_path: Path) -> None:
    to = tmp_path / "voorstel.yml"
    done = place.regiodeal_here("new", "deal", "noord-drenthe", "--from", str(TEXTS / "veenstreek.md"), "--to", str(to))
    assert done.returncode == 0 and "3 thema's, 8 resultaten, 8 aantallen" in done.stdout
    assert not (place.root / "data" / "deal" / "noord-drenthe.yml").exists()
    content = load_yaml(to.read_text(encoding="utf-8"))
    assert content["themes"][0]["confirmed"] is None and content["themes"][0]["found_at"] == "regel 24"
    with pytest.raises(InputError) as refused:
        load_answers(to)
    assert len(refused.value.faults) == 57 and {fault.expected[:3] for fault in refused.value.faults} == {"yes"}
    again = place.regiodeal_here(
        "new", "deal", "noord-drenthe", "--from", str(TEXTS / "veenstreek.md"), "--to", str(to)
    )
    assert again.returncode == 2 and "niets geschreven" in again.stderr


def test_a_text_that_is_no_deal_is_refused_and_nothing_is_written(place: Project, tmp_path: Path) -> None:
    texts = {
        "leeg.txt": (b"", "een leeg bestand"),
        "taart.txt": (b"Neem 500 gram bloem en 4 appels.\n", "niets gevonden dat bij een deal hoort"),
        "deal.pdf": (b"%PDF-1.7\n", "een PDF of Word-bestand"),
        "deal.txt": (b"PK\x03\x04word/document.xml", "een PDF of Word-bestand"),
        "oud.txt": ("Co\u00f6peratie".encode("latin-1"), "geen tekst in UTF-8"),
    }
    before = {path for path in (place.root / "data").rglob("*")}
    for name, (content, words) in texts.items():
        (tmp_path / name).write_bytes(content)
        to = tmp_path / "voorstel.yml"
        done = place.regiodeal_here("new", "deal", "twente", "--from", str(tmp_path / name), "--to", str(to))
        assert done.returncode == 2 and words in done.stderr and "Traceback" not in done.stderr, name
        assert not to.exists()
    assert {path for path in (place.root / "data").rglob("*")} == before


def test_a_confirmed_proposal_becomes_a_deal(place: Project, tmp_path: Path) -> None:
    found = propose(read_text(TEXTS / "veenstreek.md"), "kop-van-noord-holland")
    assert found.theme_word == "programmalijn"
    shown: list[str] = []
    confirmed = confirm_found(
        found, lambda question: "n" if "aantallen" in question and "5," in shown[-2] else "a", shown.append
    )
    assert not any(item.is_open for _, item in confirmed.walk())
    refused = [item for item in confirmed.targets if item.confirmed is False]
    kept = confirmed.model_copy(
        update={"targets": tuple(item for item in confirmed.targets if item.result is not None)}
    )
    register = load_register()
    new_deal_files.write_deal(register.deals["kop-van-noord-holland"], register, kept, source="voorstel", day=DAY)
    deal = load_deal("kop-van-noord-holland")
    assert len(refused) <= 1 and len(deal.targets) == 7 - len(refused)
    assert deal.articles.annual_report == "8.2" and deal.articles.final_evaluation == "8.3"
    assert deal.words.theme.many == "programmalijnen" and deal.term.ends_on == date(2024, 7, 12)
    assert [item.title for item in deal.funders] == ["Waterschap", "Hogeschool"]
    assert [item.amount_eur for item in deal.tranches] == [4_000_000, 6_000_000]
    assert any("het Rijk" in note and "register" in note.lower() for note in deal.text_notes)  # 10 mln against 5 mln
    check_inputs("kop-van-noord-holland", [], panel=False)


def test_a_refused_theme_takes_what_is_under_it_along(place: Project) -> None:
    found = propose(read_text(TEXTS / "heuvelrug.txt"), "veluwe")
    last = ""

    def answer(_: str) -> str:
        return "n" if last == "Thema: Recreatie en natuur" else "j"

    def tell(line: str) -> None:
        nonlocal last
        last = line if line.startswith(("Thema", "Partij")) or (line and not line.startswith(" ")) else last

    confirmed = confirm_found(found, answer, tell)
    assert confirmed.themes[0].confirmed is False and confirmed.themes[1].confirmed is True
    assert all(row.confirmed is False for row in confirmed.themes[0].results)
    register = load_register()
    with pytest.raises(InputError) as refused:  # its number and amount were said to be right
        new_deal_files.write_deal(register.deals["veluwe"], register, confirmed, source="voorstel", day=DAY)
    assert any("thema 1" in fault.found for fault in refused.value.faults)
    assert not (place.root / "data" / "deal" / "veluwe.yml").exists()


def test_the_library_has_figures_of_each_indicator_of_a_subject() -> None:
    library = load_indicators(folder=ROOT / "data" / "indicators")
    for subject in load_subjects().values():
        for name in subject.indicators:
            assert library[name].has_figures and library[name].only_for is None, name
        if subject.design is not None:
            assert subject.design.method in library[subject.design.indicator].allowed_methods


@pytest.mark.parametrize(
    "deal_id", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in AWKWARD[len(QUICK) :])]
)
def test_awkward_deals_of_the_register_pass_the_check(place: Project, deal_id: str) -> None:
    make_and_check(deal_id)


@pytest.mark.slow
def test_every_deal_of_the_register_with_municipalities_passes_the_check(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGIODEAL_ROOT", str(project.root))
        wanted = [item.id for item in load_register().deals.values() if item.members]
        kept = {path.stem for path in (project.root / "data" / "deal").glob("*.yml")}
        for deal_id in (name for name in wanted if name not in kept):
            make_and_check(deal_id)
    assert len(wanted) >= 75


@pytest.mark.slow
def test_the_first_annual_report_of_a_new_deal(friesland: Project) -> None:
    told = friesland.make("report", "--deal", "zuidoost-friesland", "--year", "2021")
    assert "Report over 2021 (embedded): build/site/zuidoost-friesland/2021/index.html" in told
