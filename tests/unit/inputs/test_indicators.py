"""The register of indicators, and what the analysis plan may declare."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from evaluation.base.errors import InputError
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicator_schema import EFFECT_METHODS
from evaluation.inputs.indicators import (
    list_uncovered,
    load_designs,
    load_indicators,
    load_not_measured,
    load_without_design,
    plan_hash,
)
from evaluation.statistics.snapshots import open_snapshot

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "data" / "indicators"
OFFENCES = {
    "woninginbraak": "1.1.1",
    "schuurinbraak": "1.1.2",
    "diefstal-uit-auto": "1.2.1",
    "autodiefstal": "1.2.2",
    "fietsdiefstal": "1.2.3",
    "moord-doodslag": "1.4.2",
    "bedreiging": "1.4.4",
    "mishandeling": "1.4.5",
    "vernieling": "2.2.1",
    "bedrijfsinbraak": "2.5.1",
    "drugshandel": "3.1.1",
    "wapenhandel": "3.1.3",
}


@pytest.fixture(scope="module")
def indicators():
    return load_indicators(folder=FOLDER)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "indicators"))


def replace(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_result_of_the_deal_has_an_indicator_or_a_statement(indicators):
    deal = load_deal(folder=ROOT / "data" / "deal")
    assert len(deal.result_ids) == 21
    silent = load_not_measured(folder=FOLDER)
    assert list_uncovered(deal.result_ids, indicators, silent) == ()
    named = {result for item in indicators.values() for result in item.results} | {item.result for item in silent}
    assert named == set(deal.result_ids)
    assert list_uncovered(["9.9"], indicators, silent) == ("9.9",)


def test_every_theme_file_is_named_after_its_theme(indicators):
    deal = load_deal(folder=ROOT / "data" / "deal")
    slugs = {theme.id: theme.slug for theme in deal.themes}
    assert sorted(path.stem for path in FOLDER.glob("[1-6]*.yml")) == sorted(slugs.values())
    for path in FOLDER.glob("[1-6]*.yml"):
        assert slugs[yaml.safe_load(path.read_text(encoding="utf-8"))["theme"]] == path.stem
    assert {item.theme for item in indicators.values()} == set(slugs)


@pytest.mark.parametrize(("name", "code"), OFFENCES.items())
def test_each_kind_of_crime_has_a_rate_with_its_count_beside_it(indicators, name: str, code: str):
    rate, count = indicators[name], indicators[f"{name}-aantal"]
    assert (rate.unit_of_measure, rate.calculation.kind, rate.calculation.per) == ("per_1000", "ratio", 1000)
    assert (count.unit_of_measure, count.calculation.kind) == ("count", "count")
    assert rate.companion == count.id
    assert rate.calculation.numerator == count.calculation.numerator
    assert rate.calculation.numerator[0].measure == code
    assert rate.direction == count.direction
    assert count.wording in rate.wording


def test_more_reporting_or_detection_makes_a_direction_ambiguous(indicators):
    ambiguous = {name for name in OFFENCES if indicators[name].direction == "ambiguous"}
    assert ambiguous == {"fietsdiefstal", "bedreiging", "mishandeling", "vernieling", "drugshandel", "wapenhandel"}
    for name in ambiguous:
        assert not EFFECT_METHODS & set(indicators[name].allowed_methods)
        assert any("Een stijging kan dus meer misdrijven of meer" in line for line in indicators[name].caveats)


def test_what_has_no_figures_says_what_would_bring_them(indicators):
    for item in indicators.values():
        if item.has_figures:
            assert item.no_figures_reason is None
            assert item.source.verified
        else:
            assert item.no_figures_reason.startswith("nog geen cijfers: ")
            assert item.source.table is None or item.source.table in item.no_figures_reason


def test_every_calculation_finds_its_series(indicators):
    for item in indicators.values():
        if item.calculation is not None:
            parts = (*item.calculation.numerator, *item.calculation.denominator, *item.calculation.weights)
            for part in parts:
                snapshot = open_snapshot(part.source, part.table, folder=ROOT / "data" / "snapshots")
                assert len(snapshot.series(part.measure)), f"{item.id}: {part}"


def test_no_indicator_speaks_of_success_or_blame(indicators):
    words = re.compile(r"dankzij|succes|achterblijv|boete|sanctie", re.IGNORECASE)
    for path in FOLDER.glob("*.yml"):
        assert not words.search(path.read_text(encoding="utf-8")), path.name
    assert [item.id for item in indicators.values() if item.headline] == [
        "arbeidsdeelname",
        "bijstand-personen",
        "verkoopprijs",
        "woninginbraak",
        "voorzieningen-nabij",
    ]


def test_the_unit_is_said_as_it_follows_a_number(indicators):
    assert indicators["woninginbraak"].unit_words == "woninginbraken per 1.000 inwoners"
    assert indicators["verkoopprijs"].unit_words == "euro"
    assert indicators["winkelleegstand"].unit_words == "procentpunt"


def test_modelled_indicators_are_only_described(indicators):
    modelled = {item.id for item in indicators.values() if item.modelled}
    survey = {"tevredenheid-leven", "vertrouwen-instituties", "sociaal-contact", "vrijwilligerswerk"}
    assert modelled == {"ses-woa", "gezondheid-buurten", "leefbaarometer", *survey}
    assert all(not EFFECT_METHODS & set(indicators[name].allowed_methods) for name in modelled)


def test_the_declared_designs(indicators):
    designs = load_designs(folder=FOLDER)
    primary = {item.id for item in designs.values() if item.primary}
    assert primary == {"woninginbraak-voor-na", "verkoopprijs-voor-na", "woninginbraak-regio", "verkoopprijs-regio"}
    for item in designs.values():
        indicator = indicators[item.indicator]
        assert item.method in indicator.allowed_methods and not indicator.modelled
        assert (item.unit, item.excluded) == ("parkstad", (2019,)) and item.pre[1] == 2018
        if not item.has_placebos:
            assert (item.comparison, item.method, item.pre[0]) == ("PV31-rest", "before_after", 2012)
        else:
            assert item.last == (2021 if item.indicator == "inkomen-mediaan" else 2022)
            assert item.plausible_effect > 0 and item.plausible_reason and item.robustness
            assert (item.pool, item.statistic) == ("every", "studentised")


def test_every_theme_has_a_design_or_a_reason_why_there_is_none(indicators):
    compared = {indicators[item.indicator].theme for item in load_designs(folder=FOLDER).values() if item.has_placebos}
    explained = {item.theme for item in load_without_design(folder=FOLDER)}
    assert compared | explained == set(range(1, 7))


def without(design: str, field: str, folder: Path) -> None:
    path = folder / "plan.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    del content["designs"][design][field]
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


@pytest.mark.parametrize(
    ("design", "field", "message"),
    [
        ("woninginbraak-regio", "pool", "a design by ancova needs pool"),
        ("woninginbraak-regio", "plausible_effect", "needs plausible_effect"),
        ("woninginbraak-regio", "last", "needs last"),
        ("woninginbraak-voor-na", "comparison", "a design by before_after needs comparison"),
    ],
)
def test_a_design_declares_what_its_method_needs(copy: Path, design: str, field: str, message: str):
    without(design, field, copy)
    with pytest.raises(InputError, match=message):
        load_designs(folder=copy)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        pytest.param(
            "3-veiligheid.yml",
            "direction: decrease",
            "direction: lower",
            r"indicators\.misdrijven-totaal\.direction: got 'lower'",
            id="word that is not allowed",
        ),
        pytest.param(
            "3-veiligheid.yml",
            "    wording: woninginbraken per",
            "    wordign: woninginbraken per",
            r"woninginbraak\.wordign: got an unknown key.*Did you mean 'wording'",
            id="misspelt key",
        ),
        pytest.param(
            "3-veiligheid.yml",
            "      per: 1000\n",
            "",
            r"woninginbraak\.calculation: got a contradiction; expected a ratio needs per",
            id="ratio without per",
        ),
        pytest.param(
            "3-veiligheid.yml",
            "companion: woninginbraak-aantal",
            "companion: woninginbraken-aantal",
            r"woninginbraak\.companion.*Did you mean 'woninginbraak-aantal'",
            id="unknown companion",
        ),
        pytest.param(
            "3-veiligheid.yml",
            'numerator: [{source: politie, table: 47018NED, measure: "1.1.1"}]',
            "numerator: [{source: politie, tabel: 47018NED}]",
            r"calculation\.numerator\.0\.tabel: got an unknown key.*Did you mean 'table'",
            id="misspelt key inside",
        ),
        pytest.param(
            "2-wonen-en-leefbaarheid.yml",
            "    modelled: true\n    allowed_methods: [describe]",
            "    modelled: true\n    allowed_methods: [describe, did]",
            r"leefbaarometer: got a contradiction; expected a modelled indicator is described, never an outcome of did",
            id="effect on a modelled indicator",
        ),
        pytest.param(
            "2-wonen-en-leefbaarheid.yml",
            '    no_figures_reason: "nog geen cijfers: de Leefbaarometer 3.0 brengt ze"\n',
            "",
            r"leefbaarometer.*either a calculation, or a no_figures_reason",
            id="silence without a reason",
        ),
        pytest.param(
            "2-wonen-en-leefbaarheid.yml",
            'results: ["2.1"]',
            'results: ["3.1"]',
            "results of another theme: 3.1",
            id="theme",
        ),
        pytest.param(
            "3-veiligheid.yml", "  schuurinbraak:", "  verkoopprijs:", "verkoopprijs again", id="twice over two files"
        ),
        pytest.param(
            "3-veiligheid.yml",
            "  schuurinbraak:",
            "  woninginbraak:",
            "'woninginbraak' stands twice",
            id="twice in a file",
        ),
        pytest.param(
            "2-wonen-en-leefbaarheid.yml", "theme: 2", "theme: 2\ncolour: red", "'colour'", id="key of the file"
        ),
        pytest.param("5-grensoverschrijdend.yml", "theme: 5", "theme: [5", "expected YAML", id="not YAML"),
    ],
)
def test_a_fault_is_told_with_its_place(copy: Path, name: str, old: str, new: str, message: str):
    replace(copy, name, old, new)
    with pytest.raises(InputError, match=message) as caught:
        load_indicators(folder=copy)
    assert any(Path(fault.file).name == name for fault in caught.value.faults)


def test_all_faults_are_told_at_once(copy: Path):
    replace(copy, "3-veiligheid.yml", "direction: decrease", "direction: lower")
    replace(copy, "2-wonen-en-leefbaarheid.yml", "chain: outcome", "chain: result")
    with pytest.raises(InputError) as caught:
        load_indicators(folder=copy)
    assert {fault.key for fault in caught.value.faults} == {
        "indicators.misdrijven-totaal.direction",
        "indicators.verkoopprijs.chain",
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("indicator: woninginbraak\n", "indicator: woninginbrak\n", "Did you mean 'woninginbraak'"),
        ("indicator: woninginbraak\n", "indicator: drugshandel\n", "a method that drugshandel allows: describe"),
        ("indicator: woninginbraak\n", "indicator: leefbaarometer\n", "a method that leefbaarometer allows: describe"),
        (
            "indicator: bedrijfsinbraak\n    primary: false",
            "indicator: bedrijfsinbraak\n    primary: true",
            "a second primary",
        ),
        ("method: before_after", "method: describe", "got 'describe'"),
        ("pre: [2012, 2018]", "pre: [2018, 2012]", "an earlier first year"),
        ("excluded: [2019]", "excluded: [2018]", "lies in the period before"),
        ("comparison: PV31-rest", "comparison: parkstad", "compared with itself"),
        ("minimum_pre_years: 6", "minimum_pre_years: 1", "minimum_pre_years"),
        ("minimum_pre_years: 6", "min_pre_years: 6", "Did you mean 'minimum_pre_years'"),
    ],
)
def test_a_design_that_cannot_be_is_refused(copy: Path, old: str, new: str, message: str):
    replace(copy, "plan.yml", old, new)
    with pytest.raises(InputError, match=message):
        load_designs(folder=copy)


def test_without_a_plan_there_is_a_fault(copy: Path):
    (copy / "plan.yml").unlink()
    with pytest.raises(InputError, match=r"plan\.yml: got no such file"):
        plan_hash(folder=copy)


def test_the_plan_hash_follows_the_content_and_not_the_layout(copy: Path):
    before = plan_hash(folder=FOLDER)
    assert re.fullmatch(r"[0-9a-f]{64}", before)
    content = yaml.safe_load((copy / "plan.yml").read_text(encoding="utf-8"))
    turned = {"designs": dict(reversed(content["designs"].items()))}
    (copy / "plan.yml").write_text("# a comment\n" + yaml.safe_dump(turned, sort_keys=False), encoding="utf-8")
    assert plan_hash(folder=copy) == before
    turned["designs"]["woninginbraak-voor-na"]["minimum_pre_years"] = 5
    (copy / "plan.yml").write_text(yaml.safe_dump(turned), encoding="utf-8")
    assert plan_hash(folder=copy) != before


def test_what_is_not_measured_belongs_to_the_files_theme(copy: Path):
    replace(copy, "5-grensoverschrijdend.yml", 'result: "5.3"', 'result: "4.3"')
    with pytest.raises(InputError, match=r"not_measured\.2\.result: got '4\.3'"):
        load_not_measured(folder=copy)


def test_an_empty_folder_is_told(tmp_path: Path):
    with pytest.raises(InputError, match="no indicator files"):
        load_indicators(folder=tmp_path)
