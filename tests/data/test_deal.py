"""The deal as the project states it: counts, numbers and dates, beside the text itself where that is present."""

from __future__ import annotations

import copy
import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from evaluation.base.errors import UsageError
from evaluation.inputs.deal import Deal, load_deal

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data" / "deal"
DEAL_TEXT = ROOT.parent / "shared" / "deal" / "regio-deal-parkstad-limburg.txt"

THOUSAND_SEPARATED = ["6.000.000", "46.000.000", "400.000", "8.000.000", "3.600.000", "16.000.000", "80.000.000"]
PHRASES = {
    "woningen-transitie": "700 particuliere woningen",
    "woningen-sloop-nieuwbouw": "150 particuliere woningen",
    "woningen-inponden": "500 particuliere woningen",
    "woningen-verbetering": "250 particuliere woningen",
    "wonen-zorg": "ca. 250 woningen",
    "renovatiemakelaar": "minimaal 4 pilots",
    "mijnkolonie": "minimaal één pilot in een mijnkolonie",
    "kvo": "10 bestaande en nieuwe samenwerkingsverbanden",
    "meldpilots": "twee pilots gerealiseerd",
    "winkelclusters": "vier winkelclusters",
    "winkelruimte": "16.000m² aan overtollige winkelruimten",
    "ondernemers": "ten minste 40 nieuwe ondernemers",
    "winkelleegstand": "van 11,2% in 2019 naar 6% in 2025",
}
DATED_PHRASES = {
    "retail-uitvoeringsprogramma": "collegeniveau voorzien in juni 2019",
    "2r-prestatieafspraken": "naar verwachting in oktober 2019",
    "samenwerking-verkenning": "kort na de zomer van 2019",
    "samenwerking-operationeel": "medio 2020 operationeel",
    "2c-investeringsprogramma": "in 2019 op te stellen meerjarig investeringsprogramma",
    "rijk-eerste-termijn": "eerste termijn in 2019 € 13,9 miljoen",
    "overleg-vaste-momenten": "vanaf 2019 op vaste momenten",
    "5a-uitvoeringsprogramma": "uiterlijk 1 maart 2020",
    "1e-coalitie": "In de eerste helft van 2020 heeft een brede maatschappelijke coalitie",
    "1e-uitvoeringsprogramma": "Daarnaast is een uitvoeringsprogramma gereed",
    "1n-rif": "hernieuwde aanvraag in juni 2020",
    "1n-rmc": "vóór augustus 2020",
    "4c-plancapaciteit-2020": "jaarlijkse interne monitoring",
    "verdeling-bezien-2020": "Jaarlijks wordt gezamenlijk",
    "voortgangsrapportage-2019": "éénmaal per jaar een voortgangsrapportage",
    "2q-verhuurderheffing": "bezien in 2021",
    "rijk-laatste-termijn": "2020 en/of 2021",
}


@pytest.fixture(scope="module")
def deal() -> Deal:
    return load_deal("parkstad-limburg", folder=FOLDER)


@pytest.fixture(scope="module")
def deal_text() -> str:
    if not DEAL_TEXT.is_file():
        pytest.skip(f"the text of the deal is not beside the project ({DEAL_TEXT.name})")
    return " ".join(DEAL_TEXT.read_text(encoding="utf-8").split())


def test_it_has_21_results_in_six_themes(deal: Deal) -> None:
    assert [len(theme.results) for theme in deal.themes] == [9, 1, 1, 4, 4, 2]
    assert len(set(deal.result_ids)) == 21


def test_it_has_52_approach_elements(deal: Deal) -> None:
    assert [len(theme.approach) for theme in deal.themes] == [14, 26, 2, 3, 3, 4]
    ids = [element.id for theme in deal.themes for element in theme.approach]
    assert len(set(ids)) == 52
    assert (ids[0], ids[39], ids[-1]) == ("1a", "2z", "6d")


def test_it_has_the_goals_criteria_duties_and_parties_of_the_text(deal: Deal) -> None:
    assert [len(theme.goals) for theme in deal.themes] == [5, 1, 1, 1, 1, 1]
    assert len(deal.criteria) == 6
    assert [duty.id for duty in deal.duties] == [f"7.{n}" for n in range(1, 11)]
    assert [party.side for party in deal.parties] == ["rijk"] * 7 + ["regio"] * 2
    assert [article.number for article in deal.other_articles] == [8, 10, 12, 14]
    assert "directeur van de IBA" in next(body for body in deal.governance if body.id == "regiegroep").members


def test_the_numbers_that_were_agreed(deal: Deal) -> None:
    agreed = {target.id: target.quantity for target in deal.as_of(date(2021, 12, 31)).targets}
    assert agreed == {
        "woningen-transitie": 700,
        "woningen-sloop-nieuwbouw": 150,
        "woningen-inponden": 500,
        "woningen-verbetering": 250,
        "mijnkolonie": 1,
        "renovatiemakelaar": 4,
        "wonen-zorg": 250,
        "kvo": 10,
        "meldpilots": 2,
        "winkelclusters": 4,
        "winkelruimte": 16000,
        "ondernemers": 40,
        "winkelleegstand": 6,
    }


def test_the_four_measures_for_homes_are_1600_and_leave_the_care_homes_out(deal: Deal) -> None:
    targets = deal.as_of(date(2021, 12, 31)).targets
    homes = [target for target in targets if target.group == "woningen"]
    assert sum(target.quantity for target in homes) == 1600
    assert {target.by for target in homes} == {date(2025, 12, 31)}
    care = next(target for target in targets if target.id == "wonen-zorg")
    assert (care.group, care.element, care.approximate, care.kind) == (None, "2j", True, "promise")
    assert [target.id for target in targets if target.approximate] == ["wonen-zorg"]


def test_vacancy_falls_from_its_baseline_and_is_measured_by_a_statistic(deal: Deal) -> None:
    vacancy = next(target for target in deal.targets if target.id == "winkelleegstand")
    assert (vacancy.baseline.value, vacancy.baseline.year) == (11.2, 2019)
    assert (vacancy.quantity, vacancy.by, vacancy.direction) == (6, date(2025, 12, 31), "decrease")
    assert [target.id for target in deal.targets if target.counted_from == "indicator"] == ["winkelleegstand"]


def test_safety_has_a_year_and_no_number(deal: Deal) -> None:
    assert deal.theme(3).results[0].by == date(2022, 12, 31)
    of_results = [target for target in deal.targets if target.result == "3.1" and target.kind == "result"]
    assert of_results == []


def test_the_budget_is_80_million_half_rijk_half_regio(deal: Deal) -> None:
    agreed = deal.as_of(date(2019, 7, 15))
    assert agreed.budget_by_theme == {
        1: 6_000_000,
        2: 46_000_000,
        3: 400_000,
        4: 8_000_000,
        5: 3_600_000,
        6: 16_000_000,
    }
    assert agreed.budget_by_party == {"Rijk": 40_000_000, "Regio": 40_000_000}
    assert agreed.budget_eur == 80_000_000


def test_only_the_first_instalment_has_an_amount(deal: Deal) -> None:
    first, rest = deal.tranches
    assert (first.year, first.amount_eur) == (2019, 13_900_000)
    assert (rest.years, rest.amount_eur) == ((2020, 2021), None)
    assert rest.note


def test_the_region_is_seven_municipalities_beside_limburg(deal: Deal) -> None:
    codes = {place.code for place in deal.region.municipalities}
    assert codes == {"GM0882", "GM0899", "GM0917", "GM0928", "GM0965", "GM0986", "GM1954"}
    assert deal.region.formed_from == {"GM1954": ("GM0881", "GM0951", "GM0962")}
    assert deal.region.benchmark.code == "PV31"
    assert deal.municipality_names[2] == "Heerlen"


def test_the_dates_of_the_promises(deal: Deal) -> None:
    due = {milestone.id: milestone.due for milestone in deal.milestones}
    assert due["retail-uitvoeringsprogramma"] == date(2019, 6, 30)
    assert due["2r-prestatieafspraken"] == date(2019, 10, 31)
    assert due["2c-investeringsprogramma"] == date(2019, 12, 31)
    assert due["5a-uitvoeringsprogramma"] == date(2020, 3, 1)
    assert due["1e-coalitie"] == due["1e-uitvoeringsprogramma"] == due["1n-rif"] == date(2020, 6, 30)
    assert due["samenwerking-operationeel"] == date(2020, 6, 30)
    assert due["1n-rmc"] == date(2020, 7, 31)
    assert due["2q-verhuurderheffing"] == date(2021, 12, 31)
    assert list(due.values()) == sorted(due.values())
    yearly = [f"voortgangsrapportage-{year}" for year in range(2019, 2023)]
    assert [due[name].year for name in yearly] == [2020, 2021, 2022, 2023]


def test_titles_are_short_and_differ(deal: Deal) -> None:
    elements = [element for theme in deal.themes for element in theme.approach]
    results = [result for theme in deal.themes for result in theme.results]
    titles = [item.title for item in [*elements, *results]]
    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 80
    assert not any(title.endswith(".") for title in titles)
    assert all(item.text.endswith(".") for item in [*elements, *results])


def test_the_wording_is_neutral(deal: Deal) -> None:
    words = deal.model_dump_json().lower()
    for word in ("dankzij", "succes", "achterblijvers", "boete", "sanctie", "effect"):
        assert word not in words


def test_an_amendment_changes_later_days_only(deal: Deal, tmp_path: Path) -> None:
    raw = yaml.safe_load((FOLDER / "parkstad-limburg.yml").read_text(encoding="utf-8"))
    first = next(row for row in raw["targets"] if row["id"] == "woningen-inponden")
    raw["targets"].append(
        copy.deepcopy(first) | {"quantity": 450, "reference": "Wijziging", "in_force_from": date(2021, 7, 1)}
    )
    raw["targets"].append(
        copy.deepcopy(next(row for row in raw["targets"] if row["id"] == "meldpilots"))
        | {"withdrawn": True, "reference": "Wijziging", "in_force_from": date(2021, 7, 1)}
    )
    budget = copy.deepcopy(raw["budget"][0]) | {"reference": "Wijziging", "in_force_from": date(2021, 7, 1)}
    budget["themes"] |= {1: 7_000_000, 2: 45_000_000}
    raw["budget"].append(budget)
    (tmp_path / "parkstad-limburg.yml").write_text(yaml.safe_dump(raw, allow_unicode=True), encoding="utf-8")
    amended = load_deal("parkstad-limburg", folder=tmp_path)

    assert amended.as_of(date(2020, 12, 31)) == deal.as_of(date(2020, 12, 31))
    assert amended.as_of(date(2021, 6, 30)) == deal.as_of(date(2021, 6, 30))
    later = amended.as_of(date(2021, 12, 31))
    quantities = {target.id: target.quantity for target in later.targets}
    assert quantities["woningen-inponden"] == 450
    assert "meldpilots" not in quantities
    assert (later.budget_by_theme[1], later.budget_eur, later.budget_reference) == (7_000_000, 80_000_000, "Wijziging")
    assert amended.as_of(date(2021, 7, 1)).budget_by_theme == later.budget_by_theme
    assert amended.target_ids == deal.target_ids


def test_nothing_was_in_force_before_the_deal(deal: Deal) -> None:
    with pytest.raises(UsageError, match="2019-01-01 or later"):
        deal.as_of(date(2018, 12, 31))


def test_every_amount_stands_in_the_text(deal: Deal, deal_text: str) -> None:
    amounts = [f"{amount:,}".replace(",", ".") for amount in deal.budget[0].themes.values()]
    assert [*amounts, "80.000.000"] == THOUSAND_SEPARATED
    for amount in THOUSAND_SEPARATED:
        assert re.search(rf"€ +{re.escape(amount)}", deal_text), amount
    assert "€ 40 miljoen" in deal_text


def test_every_target_and_date_stands_in_the_text(deal: Deal, deal_text: str) -> None:
    assert set(PHRASES) == set(deal.target_ids)
    missing = [phrase for phrase in [*PHRASES.values(), *DATED_PHRASES.values()] if phrase not in deal_text]
    assert missing == []
    first_years = {m.id for m in deal.milestones if not re.search(r"-20\d\d$", m.id)}
    assert first_years <= set(DATED_PHRASES)


def test_the_words_are_our_own(deal: Deal, deal_text: str) -> None:
    """No run of ten words is taken over from the text of the deal."""
    theirs = _runs(deal_text, 10)
    copied = [run for text in _strings(deal.model_dump(mode="json")) for run in _runs(text, 10) if run in theirs]
    assert copied == []


def _runs(text: str, length: int) -> set[str]:
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}


def _strings(node: object) -> list[str]:
    if isinstance(node, str):
        return [node]
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [text for child in children for text in _strings(child)]
