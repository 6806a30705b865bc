"""Steps of the chapters on records and deals other than those of the example: what they show and what they record."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from evaluation.analysis.progress import target_progress
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.desk.own_numbers import own_results
from evaluation.chapters.desk.year import Year
from evaluation.chapters.report.finance import FinanceChapter
from evaluation.chapters.report.governance import GovernanceChapter
from evaluation.chapters.report.theme import ThemeChapter
from evaluation.chapters.steps import agreed, comparison, money, targets
from evaluation.chapters.steps.neighbourhoods import FEWEST_INHABITANTS
from evaluation.present.results import RESULTS_MIME, Result
from evaluation.statistics.snapshots import open_snapshot
from tests.unit.small_programme import small_programme


@pytest.fixture(scope="module")
def opened() -> Context:
    return open_context("parkstad-limburg", 2021)


@pytest.fixture
def context(opened: Context) -> Context:
    """The deal and the statistics, with records (of a project) that are no example."""
    return with_records(opened, [{}])


def with_records(context: Context, projects=(), *, status: str = "vastgesteld", **tables) -> Context:
    return replace(context, programme=small_programme(projects, status=status, **tables))


def amended(context: Context, **changes) -> Context:
    """Change targets (by id) or the budget as an amendment of mid-2021 does."""
    day, deal = date(2021, 7, 1), context.deal
    budget = changes.pop("budget", None)
    entries = [
        next(t for t in deal.targets if t.id == name).model_copy(update={"in_force_from": day, **change})
        for name, change in changes.items()
    ]
    budgets = [deal.budget[0].model_copy(update={"in_force_from": day, **budget})] if budget else []
    deal = deal.model_copy(update={"targets": (*deal.targets, *entries), "budget": (*deal.budget, *budgets)})
    return replace(context, deal=deal, agreed=deal.as_of(context.day))


def recorded(display) -> dict[str, dict]:
    return {row["result_id"]: row for row in display._repr_mimebundle_().get(RESULTS_MIME, [])}


def by_measure(results: list[Result]) -> dict[str, Result]:
    return {result.measure: result for result in results}


def text(display) -> str:
    return display.bundle["text/markdown"]


def test_a_number_computed_from_records_is_no_record_and_of_an_example_it_stays_an_example(opened):
    outputs = [{"target": "ondernemers", "quantity": 10.0}]
    found = {}
    for status in ("voorbeeld", "vastgesteld"):
        context = with_records(opened, [{}], outputs=outputs, status=status)
        found[status] = recorded(targets.show_target_table(context, context.deal.theme(4)))
    names = [f"4.ondernemers.geleverd.2021.{measure}" for measure in ("value", "distance", "projection")]
    assert [found["vastgesteld"][name]["status"] for name in names] == ["final", "computed", "computed"]
    assert {found["voorbeeld"][name]["status"] for name in names} == {"example"}


def test_a_number_that_is_not_there_is_missing_whatever_it_would_have_been(context):
    split = by_measure(money.theme_results(context, 4))
    assert (split["committed_share_pct"].value, split["committed_share_pct"].status) == (None, "missing")
    assert (split["paid_pct"].value, split["paid_pct"].status) == (0.0, "computed")
    assert (split["budget_share_pct"].value, split["budget_share_pct"].status) == (10.0, "agreed")


def test_a_target_that_a_statistic_measures_is_an_outcome_and_no_record(context):
    found = recorded(targets.show_target_table(context, context.deal.theme(4)))
    vacancy = {row["measure"]: row for row in found.values() if row["indicator"] == "winkelleegstand"}
    assert {row["chain"] for row in vacancy.values()} == {"outcome"}
    assert {name: (row["status"], row["value"]) for name, row in vacancy.items() if name != "path"} == {
        "target": ("agreed", 6.0),
        "value": ("not measured", None),
    }
    assert not any(row["source"].startswith("programmaregistratie") for row in vacancy.values())


def test_a_percentage_is_written_with_its_decimal_and_its_sign(context):
    vacancy = [t for t in context.agreed.targets if t.id == "winkelleegstand"]
    (row,) = target_progress(context.deal, vacancy, context.programme, context.day, {"winkelleegstand": 11.2})
    words = targets.target_words(row)
    assert "11,2%" in words and "doel 6,0%" in words and "pad 9,2%" in words
    assert {result.measure for result in targets.target_results(context, row)} == {"target", "path"}


def test_what_is_agreed_as_a_least_or_about_number_says_so(context):
    goals = {target.id: targets.goal_words(target) for target in context.agreed.targets}
    assert goals["winkelruimte"] == "ten minste 16.000 m²"
    assert goals["wonen-zorg"] == "ca. 250 woningen"
    assert goals["kvo"] == "10 samenwerkingen"


def test_an_amended_number_is_recorded_with_the_reference_in_force(context):
    parties = {"Rijk": 41_000_000, "Regio": 39_000_000}
    later = amended(
        context,
        **{"woningen-transitie": {"quantity": 650, "reference": "Wijziging 2021"}},
        budget={"parties": parties, "reference": "Wijziging 2021"},
    )
    numbers = targets.groups_of(later, 2)["woningen"]
    total = by_measure(targets.group_results(later, "2", "woningen", numbers))["target"]
    assert total.value == 1550 and "Wijziging 2021; Art. 3.2, 2e punt" in total.source
    parties = Year(later).money("party").rename(columns={"party": "unit", "budget_eur": "budget"})
    found = {item.result_id: item for item in computed(later, parties, "bron", ["budget"])}
    contribution = found["programma.bron.Rijk.2021.budget"]
    assert (contribution.value, contribution.status) == (41_000_000, "agreed")
    assert contribution.source.endswith(", Wijziging 2021")


def computed(context: Context, rows, indicator: str, measures: list[str]) -> list[Result]:
    """Make results of a table of the desk, as a notebook does."""
    rows = rows.assign(indicator=indicator, theme="programma", chain="input")
    about = {"indicator": None, "design": None, "unit_of_measure": None, "source": None}
    return own_results(context, rows, {name: name for name in measures}, **about)


def test_whether_a_result_is_measured_names_what_measures_it(opened):
    context = with_records(opened, [{"theme": 3}], outputs=[{"target": "kvo", "result": "3.1"}])
    rows = {}
    for theme in (1, 3, 4):
        rows |= recorded(agreed.show_results(context, context.deal.theme(theme)))
    told = {name: (row["value"], row["status"], row["source"]) for name, row in rows.items()}
    found = {name.split(".")[1]: item for name, item in told.items() if name.endswith("is_measured")}
    beside = {name.split(".")[1]: item for name, item in told.items() if name.endswith("has_context")}
    assert found["resultaat-1-2"][:2] == (0.0, "not measured") and "Art. 3.1" in found["resultaat-1-2"][2]
    assert beside["resultaat-1-2"][:2] == (0.0, "not measured")
    assert found["resultaat-1-3"][:2] == (0.0, "not measured")
    assert beside["resultaat-1-3"] == (
        1.0,
        "computed",
        "CBS 60048ned (stroom tussen regio's, nummer afgeleid); CBS 70072ned",
    )
    assert found["resultaat-1-6"][0] == 1.0 and "Regionale Monitor Brede Welvaart" in found["resultaat-1-6"][2]
    assert found["resultaat-3-1"] == (1.0, "computed", "CBS 03759ned; Politie 47018NED")
    assert found["resultaat-4-3"][:2] == (1.0, "computed") and "programmaregistratie" in found["resultaat-4-3"][2]


def test_what_the_evidence_counts_is_recorded(opened):
    context = with_records(opened, [{"theme": 1, "approach": ("1e",)}], milestones=[{"date_done": "2020-05-01"}, {}])
    display = agreed.show_approach(context, context.deal.theme(1))
    found = recorded(display)
    assert "1 project (P1); 1 mijlpaal gereed; 1 mijlpaal open" in text(display)
    counts = [found[f"1.aanpak.1e.2021.{name}"]["value"] for name in ("projects", "milestones_done")]
    assert counts == [1.0, 1.0] and found["1.aanpak.1a.2021.projects"]["value"] == 0.0


def test_two_spellings_of_a_unit_are_one_row_and_one_number(opened):
    units = ["proef tuin", "proef-tuin", "m² openbare ruimte"]
    outputs = [{"target": None, "unit": unit, "quantity": 3.0} for unit in units]
    context = with_records(opened, [{}], outputs=outputs)
    display = agreed.show_other_outputs(context, context.deal.theme(2))
    numbers = {name: row["value"] for name, row in recorded(display).items()}
    assert numbers == {
        "2.prestatie-2-1.proef-tuin.2021.value": 6.0,
        "2.prestatie-2-1.m²-openbare-ruimte.2021.value": 3.0,
    }
    assert "| proef tuin | 6 |" in text(display)


def test_what_is_of_a_year_is_recorded_under_that_year(opened):
    meeting = {"kind": "meeting", "approach": (), "theme": None, "title": None}
    meetings = [{**meeting, "body": "stuurgroep GROS", "date_done": day} for day in ("2019-05-01", "2021-03-01")]
    days = ("2019-09-01", "2021-02-01")
    context = with_records(
        opened, [{}], milestones=meetings, payments=[{"payment_id": day, "date": day} for day in days]
    )
    assert set(recorded(GovernanceChapter(context).meetings())) == {
        "programma.overleg.stuurgroep-gros.2019.meetings",
        "programma.overleg.stuurgroep-gros.2021.meetings",
    }
    desk = Year(context)
    assert desk.records("payments").groupby("year")["amount_eur"].sum().to_dict() == {2019: 1000.0, 2021: 1000.0}
    rows = desk.money("tranches").rename(columns={"year": "period", "agreed_eur": "agreed"}).assign(unit="jaar")
    agreed_by_year = {item.result_id: item for item in computed(context, rows, "termijn", ["agreed"])}
    instalment = agreed_by_year["programma.termijn.jaar.2019.agreed"]
    assert (instalment.value, instalment.status) == (13_900_000, "agreed") and len(agreed_by_year) == 1


def test_what_is_withheld_is_a_result_that_says_so_and_has_no_number(opened):
    rows = Year(opened).money("private").rename(columns={"committed_eur": "committed", "paid_eur": "paid"})
    found = computed(opened, rows.drop(columns="theme").assign(unit=rows["theme"].astype(str)), "bron", ["committed"])
    assert {(item.status, item.value is None) for item in found} == {("withheld", True), ("example", False)}
    assert len(found) == 6
    with_gap = rows.assign(status=None, unit="thema").drop(columns="theme").iloc[:1]
    assert computed(opened, with_gap, "bron", ["committed"]) == [], "a sum that nobody explains is passed over"


def test_the_findings_are_counted(context):
    paid = replace(context, programme=small_programme([{}], payments=[{}]))
    found = [recorded(FinanceChapter(c).findings()) for c in (context, paid)]
    assert [row["programma.bevindingen.registratie.2021.value"]["value"] for row in found] == [0.0, 1.0]


def homes_in(display) -> list[float]:
    rows = recorded(display).values()
    return [row["value"] for row in rows if row["indicator"] == "woningen-in-gemeente"]


def test_homes_outside_one_municipality_have_a_row_so_that_the_column_adds_up(opened):
    here = {"quantity": 10.0, "municipality": "Heerlen"}
    whole = GovernanceChapter(with_records(opened, [{}], outputs=[here])).by_municipality("gemeenten")
    assert "Niet aan één gemeente" not in whole.bundle["text/html"]
    somewhere = {"quantity": 7.0, "municipality": None}
    display = GovernanceChapter(with_records(opened, [{}], outputs=[here, somewhere])).by_municipality("gemeenten")
    assert "Niet aan één gemeente toegewezen" in display.bundle["text/html"]
    assert "Woningen aangepakt" in display.bundle["text/html"]
    assert sum(homes_in(display)) == 17.0 and len(homes_in(display)) == 8
    assert recorded(display)["programma.woningen-in-gemeente.geen-gemeente.2021.value"]["value"] == 7.0


def test_a_comparison_names_the_years_it_used(context):
    design = context.designs["woninginbraak-voor-na"]
    assert "In 2020-2021 lag" in comparison.comparison_text(context, design)
    assert "trend tot en met 2018" in comparison.comparison_text(context, design)
    panel = context.panel
    shorter = replace(context, panel=panel[panel["period"] <= 2020])
    assert "In 2020 lag" in comparison.comparison_text(shorter, design)
    earlier = design.model_copy(update={"pre": (2012, 2017), "excluded": (2020,)})
    words = comparison.comparison_text(context, earlier)
    assert "In 2018, 2019 en 2021 lag" in words and "trend tot en met 2017" in words


def test_without_any_output_every_municipality_has_none(context):
    assert homes_in(GovernanceChapter(context).by_municipality("gemeenten")) == [0.0] * 8


def test_neighbourhoods_are_those_of_their_own_year_and_the_small_ones_are_left_out(opened: Context):
    chapter = ThemeChapter(opened, opened.deal.theme(1))
    numbers = recorded(chapter.neighbourhoods("bijstand-personen"))
    figures = open_snapshot("cbs", "84799NED").frame.pivot(index="region", columns="measure", values="value")
    mine = figures[figures.index.str.startswith("BU0917")]
    large = mine[mine["population"] >= FEWEST_INHABITANTS]
    rates = 1000 * large["persons_social_assistance"] / large["population"]
    place = "1.bijstand-personen-buurten.GM0917.2020"
    assert numbers[f"{place}.highest"]["value"] == pytest.approx(rates.max())
    assert numbers[f"{place}.median"]["value"] == pytest.approx(rates.median())
    assert numbers[f"{place}.neighbourhoods"]["value"] == rates.notna().sum()
    assert numbers[f"{place}.neighbourhoods_left_out"]["value"] == len(mine) - rates.notna().sum() > 0
    earlier = ThemeChapter(replace(opened, year=2019), opened.deal.theme(1))
    only = text(earlier.neighbourhoods("bijstand-personen"))  # of 2019 there are neighbourhoods of Heerlen alone
    assert "CBS 84583NED-heerlen" in only and "| Heerlen |" in only and "Kerkrade" not in only
