"""What the retail monitor shows, and what it keeps back: small cells, unlicensed figures, private rows."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from evaluation.analysis.retail_measures import INSIDE, OUTSIDE, REGION
from evaluation.analysis.retail_monitor import TOO_SMALL, Monitor, build_monitor
from evaluation.base.errors import InputError, UsageError
from evaluation.chapters import open_cluster, open_retail
from evaluation.chapters.report.retail import RetailChapter
from evaluation.chapters.report.retail_cluster import ClusterChapter
from evaluation.chapters.steps.retail_view import NOT_PUBLISHED, NOTHING, RetailView
from evaluation.inputs.deal import load_deal
from evaluation.inputs.retail.shared_retail import shared_retail_files
from evaluation.inputs.retail.tables import load_retail
from evaluation.present.display import Display
from evaluation.present.results import RESULTS_MIME
from tests.attacker import FloorAttacker, Found, ShopCountAttacker
from tests.unit.analysis.test_retail_floor_space import publish_twice, too_narrow
from tests.unit.small_retail import MUNICIPALITIES, premises, small_retail

DATA = Path(__file__).resolve().parents[3] / "data"
DEAL = load_deal(folder=DATA / "deal")
CODES = tuple(municipality.code for municipality in DEAL.region.municipalities)
STEPS = ("premises", "floor_space", "concentration", "transformed", "newcomers", "clusters", "municipalities")
CLUSTER_STEPS = ("finding", "floor_space", "changes", "functions")


def shops(cluster: str | None, occupied: int, vacant: int, *, year: int = 2020):
    made = [premises(f"{cluster}{n}", year, cluster=cluster, who=f"{cluster}{n}") for n in range(occupied)]
    return made + [premises(f"{cluster}v{n}", year, cluster=cluster, is_vacant=True) for n in range(vacant)]


def monitor(rows, **options):
    return build_monitor(small_retail(rows, **options), MUNICIPALITIES)


def view(rows, *, year: int = 2021, **options) -> RetailView:
    return RetailView(DEAL, year, 4, monitor(rows, **options))


def recorded(display: Display) -> list[dict]:
    return display._repr_mimebundle_().get(RESULTS_MIME, [])


@pytest.fixture(scope="module")
def example():
    tables = load_retail(DEAL, folder=DATA / "retail" / DEAL.id)
    if not tables.is_example:
        pytest.skip("data/retail/parkstad-limburg holds premises of a count, not the example")
    return tables


@pytest.fixture(scope="module")
def example_monitor(example):
    return build_monitor(example, CODES)


def test_a_small_cell_is_withheld_with_its_floor_space_and_its_share():
    made = monitor(shops("A", 60, 4) + shops("B", 70, 30) + shops(None, 50, 20))
    for quantity in ("count", "wvo_m2", "bvo_m2"):
        assert made.figure("A", 2020, "vacant", quantity).state == "withheld"
    assert made.share(("A", "vacant"), ("A", "premises"), 2020).reason == TOO_SMALL
    assert made.figure("A", 2020, "premises").value == 64, "the whole is shown"
    assert made.share((INSIDE, "vacant"), (INSIDE, "premises"), 2020).value == pytest.approx(100 * 34 / 164)
    withheld = {unit for unit in ("A", "B") if made.figure(unit, 2020, "vacant").state == "withheld"}
    assert withheld == {"A", "B"}, "the other cluster would tell it"


def test_a_share_of_few_premises_is_withheld_although_its_parts_are_shown():
    made = monitor(shops("A", 30, 12) + shops(None, 50, 20))
    assert made.figure("A", 2020, "vacant").value == 12
    assert made.share(("A", "vacant"), ("A", "premises"), 2020).state == "withheld"
    assert monitor(shops("A", 30, 12) + shops(None, 50, 20), minimum_denominator=40).share(
        ("A", "vacant"), ("A", "premises"), 2020
    ).value == pytest.approx(100 * 12 / 42)


def test_the_thresholds_are_those_of_the_dataset():
    rows = shops("A", 60, 4) + shops("B", 70, 30) + shops(None, 50, 20)
    assert monitor(rows, minimum_count=4).figure("A", 2020, "vacant").value == 4


def test_the_same_years_are_hidden_in_every_later_report(example, example_monitor):
    then = build_monitor(example.until(2020), CODES).cells["is_hidden"]
    assert example_monitor.cells["is_hidden"].loc[then.index].equals(then)


def test_figures_that_may_not_be_published_are_said_to_exist_and_are_nowhere():
    secret = view(shops("A", 61, 13) + shops(None, 52, 21), may_publish=False)
    displays = [getattr(RetailChapter(secret), step)() for step in STEPS]
    displays += [
        RetailChapter(secret).introduction(),
        RetailChapter(secret).vacancy("x"),
        RetailChapter(secret).plan_capacity(),
    ]
    displays += [getattr(ClusterChapter(secret, "A"), step)() for step in CLUSTER_STEPS]
    for display in displays:
        assert display.bundle["text/markdown"] == NOT_PUBLISHED
        assert all(row["value"] is None and row["status"] == "withheld" for row in recorded(display))
    assert recorded(displays[0])


def test_a_deal_without_premises_says_so_in_every_step():
    empty = RetailView(DEAL, 2021, 4, None)
    for step in (*STEPS, "plan_capacity", "introduction"):
        assert getattr(RetailChapter(empty), step)().bundle["text/markdown"].startswith(NOTHING)
    assert RetailChapter(empty).vacancy("x").bundle["text/markdown"] == NOTHING


def test_what_is_counted_from_private_rows_says_so_and_no_row_of_them_is_shown():
    private = view(shops("A", 61, 13) + shops(None, 52, 21), private=True)
    for step in STEPS:
        display = getattr(RetailChapter(private), step)()
        assert "besloten gegevens" in display.bundle["text/html"]
        assert all("besloten gegevens" in row["source"] for row in recorded(display))
        for row in private.monitor.tables.premises.itertuples():
            assert f">{row.premises_id}<" not in display.bundle["text/html"]
            assert all(row.premises_id != result["unit"] for result in recorded(display))


def test_a_withheld_and_a_missing_figure_are_results_without_a_value():
    rows = shops("A", 60, 4) + shops("B", 70, 30) + shops(None, 50, 20)
    found = {row["result_id"]: row for row in recorded(RetailChapter(view(rows)).clusters())}
    row = found["4.winkelmonitor-panden.A.2020.vacant"]
    assert (row["value"], row["status"]) == (None, "withheld")
    first = recorded(RetailChapter(view(rows)).transformed())
    assert {row["status"] for row in first} == {"missing"} and all(row["value"] is None for row in first)
    html = RetailChapter(view(rows)).transformed().bundle["text/html"]
    assert "Een streepje: over het jaar ervoor is er geen telling." in html


@pytest.mark.parametrize(
    ("comparable", "words"), [(False, "niet met dat getal te vergelijken"), (True, "dezelfde manier")]
)
def test_the_vacancy_of_the_deal_is_compared_only_where_the_source_says_so(comparable, words):
    text = RetailChapter(view(shops("A", 60, 14), comparable_with_baseline=comparable)).introduction()
    assert "11,2% in 2019" in text.bundle["text/markdown"] and words in text.bundle["text/markdown"]


def test_plan_capacity_is_shown_under_a_flag_of_its_own():
    answer = {"municipality": "GM0917", "year": 2019, "kind": "hidden", "floor_space": "bvo", "m2": 1000.0}
    for may_publish in (True, False):
        for plans in (True, False):
            flags = {"may_publish": may_publish, "may_publish_plans": plans}
            display = RetailChapter(view(shops("A", 60, 14), capacity=[answer], **flags)).plan_capacity()
            values = [row["value"] for row in recorded(display) if "plancapaciteit" in row["indicator"]]
            assert (1000 in values) == plans
            source = display.bundle["text/markdown"] + str(recorded(display))
            assert may_publish or "Proef" not in source


def test_plan_capacity_has_no_total_where_a_municipality_gave_no_answer():
    answers = [
        {"municipality": code, "year": year, "kind": "hidden", "floor_space": "bvo", "m2": 1000.0}
        for code in CODES
        for year in (2019, 2020)
        if (code, year) != ("GM0965", 2020)
    ]
    other = {"municipality": "GM0917", "year": 2019, "kind": "hidden", "floor_space": "wvo", "m2": 300.0}
    display = RetailChapter(
        view(shops("A", 60, 14), capacity=[*answers, other], may_publish_plans=True)
    ).plan_capacity()
    found = {row["result_id"]: row for row in recorded(display)}
    assert found["4.winkelmonitor-plancapaciteit.parkstad.2019.hidden_bvo"]["value"] == 7000, "wvo is not added to bvo"
    assert found["4.winkelmonitor-plancapaciteit.parkstad.2020.hidden_bvo"]["status"] == "missing"
    assert found["4.winkelmonitor-plancapaciteit.parkstad.2019.hidden_wvo"]["status"] == "missing"


def test_a_later_year_is_not_in_the_report_over_an_earlier_one():
    chapter = open_retail(deal="parkstad-limburg", year=2019, theme=4)
    assert {row["period"] for step in STEPS for row in recorded(getattr(chapter, step)())} <= {"2018", "2019"}


def test_a_cluster_page_opens_for_a_cluster_of_the_register_only():
    chapter = open_cluster(deal="parkstad-limburg", year=2020, cluster="WC1", theme=4)
    ids = {row["unit"] for row in recorded(chapter.floor_space())}
    assert ids == {"WC1"} and "Voorbeeldcluster A" in chapter.finding().bundle["text/markdown"]
    with pytest.raises(UsageError, match=r"no 'WC9'.*Did you mean"):
        open_cluster(deal="parkstad-limburg", year=2020, cluster="WC9", theme=4)


def test_shares_and_zones_of_the_example_are_those_of_its_rows(example, example_monitor):
    made = example_monitor
    shops_2022 = example.premises[(example.premises["year"] == 2022) & (example.premises["function"] == "retail")]
    outside = shops_2022[shops_2022["cluster"].isna()]
    assert made.figure(OUTSIDE, 2022, "premises").value == len(outside)
    assert made.figure(REGION, 2022, "premises", "wvo_m2").value == shops_2022["wvo_m2"].sum()
    vacancy = made.share((OUTSIDE, "vacant"), (OUTSIDE, "premises"), 2022, "bvo_m2").value
    assert vacancy == pytest.approx(100 * outside.loc[outside["is_vacant"], "bvo_m2"].sum() / outside["bvo_m2"].sum())
    occupied = shops_2022[~shops_2022["is_vacant"]]
    inside = made.share((INSIDE, "occupied"), (REGION, "occupied"), 2022).value
    assert inside == pytest.approx(100 * occupied["cluster"].notna().mean())


def test_nobody_who_has_all_that_may_be_shown_of_the_example_learns_a_small_count_or_a_size(example, example_monitor):
    """`test_downloads_tell_no_secret` does the same with what the reports over all years do show."""
    rows, region = [], DEAL.region.unit_id
    for unit, year, measure in example_monitor.cells.index:
        for word, quantity in (("panden", "count"), ("wvo", "wvo_m2"), ("bvo", "bvo_m2")):
            figure = example_monitor.figure(unit, year, measure, quantity)
            of = {"indicator": f"winkelmonitor-{word}", "unit": unit, "period": year, "measure": measure}
            rows.append({**of, "result_id": str(len(rows)), "value": figure.value})
    zones, clusters = [INSIDE, OUTSIDE, REGION], example.clusters["cluster_id"]
    attacks = {
        "wvo": FloorAttacker([example.premises], [rows], region).attack(
            [*clusters, *zones], example.dataset.minimum_count
        ),
        "panden": ShopCountAttacker([example], [rows], CODES, region).attack(example.dataset.minimum_count),
    }
    for word, attack in attacks.items():
        found = list(attack)
        assert len(found) > 100
        assert sum(row["value"] is not None for row in rows if row["indicator"].endswith(word)) > 40
        assert not too_narrow(found)


def town(changes, corrections=()):
    """Make four years of two clusters and what lies outside; a change or a correction is (shop, from year, what)."""
    rows = []
    for year in (2018, 2019, 2020, 2021):
        for cluster, count in (("A", 30), ("B", 28), (None, 45)):
            for number in range(count):
                name = f"{cluster}{number}"
                cells = {"cluster": cluster, "is_vacant": number < 11, "who": name}
                for shop, since, what in (*changes, *corrections):
                    cells |= what if shop == name and year >= since else {}
                gone = cells["is_vacant"] or cells.get("function") == "other"
                rows.append(premises(name, year, **{**cells, "who": None if gone else cells["who"]}))
    return rows


def other(who: str) -> dict:
    return {"is_vacant": False, "who": who}


HOUSING = {"function": "other", "other_kind": "housing", "is_vacant": False}
PLACES = (("A", 15), ("B", 19))
EACH_YEAR = [(f"{place}{year - 2019 + n}", year, HOUSING) for place, n in PLACES for year in (2019, 2020, 2021)]
NEWCOMERS = [(f"A{n}", 2019 + n % 3, other(f"new{n}")) for n in range(12)] + [("B3", 2020, other("newB"))]
COUNTED_TWICE = {
    "one shop less is vacant": (NEWCOMERS, [("A10", 2019, other("late"))]),
    "one shop became a house a year ago": (EACH_YEAR, [("B22", 2020, HOUSING)]),
    "a small count was not small": (EACH_YEAR, [(f"A{n}", 2019, other(f"moved{n}")) for n in range(3)]),
    "two clusters": ([*NEWCOMERS, *EACH_YEAR], [("A29", 2020, HOUSING), ("B2", 2019, other("A28"))]),
}


def count_twice(name: str, *, remember: bool = True) -> tuple[list[list[dict]], list[Found]]:
    changes, corrections = COUNTED_TWICE[name]
    first, second = small_retail(town(changes)).until(2020), small_retail(town(changes, corrections))
    editions = publish_twice(first, second, remember=remember)
    return editions, list(ShopCountAttacker([first, second], editions, MUNICIPALITIES, DEAL.region.unit_id).attack(10))


@pytest.mark.parametrize("name", COUNTED_TWICE)
def test_nobody_with_the_edition_before_a_correction_and_that_after_it_learns_a_small_count(name):
    editions, found = count_twice(name)
    assert sum(row["value"] is not None for row in editions[1]) > 80 and len(found) > 30
    assert not too_narrow(found)


def test_the_attacker_with_two_editions_does_find_a_small_count_that_a_correction_gives_away():
    assert too_narrow(count_twice("a small count was not small", remember=False)[1])


# Handed on in a bundle, without the premises


def counted(**dataset):
    """Premises of two years with figures that are shown, withheld and missing."""
    rows = [
        shop
        for year in (2020, 2021)
        for shop in shops("A", 61, 13 + year % 2, year=year) + shops("B", 70, 4, year=year)
    ]
    capacity = [{"municipality": "GM0917", "year": 2020, "kind": "hidden", "floor_space": "bvo", "m2": 777.0}]
    return small_retail(
        rows + shops(None, 52, 21) + shops(None, 40, 21, year=2021), capacity=capacity, private=True, **dataset
    )


def handed_on(tables, folder: Path, made: Monitor | None = None):
    """Write what may go along, as a bundle does, and load that."""
    names = ("unit", "year", "measure", "quantity")
    figures = (made or build_monitor(tables, CODES)).figures().items()
    rows = [{**dict(zip(names, key, strict=True)), **asdict(figure)} for key, figure in figures]
    for name, text in shared_retail_files(tables, rows).items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_retail(DEAL, folder=folder)


@pytest.mark.parametrize("flags", list(itertools.product((True, False), repeat=2)), ids=str)
def test_what_is_handed_on_shows_the_same_and_holds_no_premises(tmp_path, flags):
    tables = counted(may_publish=flags[0], may_publish_plans=flags[1], source="geheimwoord", minimum_count=10)
    shared = handed_on(tables, tmp_path)
    assert (len(shared.premises), shared.is_private, shared.is_example) == (0, True, False)
    shown = []
    for of in (tables, shared):
        opened = RetailView(DEAL, 2021, 4, build_monitor(of, CODES))
        pages = [
            (RetailChapter(opened), (*STEPS, "introduction", "plan_capacity")),
            (ClusterChapter(opened, "A"), CLUSTER_STEPS),
        ]
        shown.append([getattr(page, step)()._repr_mimebundle_() for page, steps in pages for step in steps])
    assert shown[0] == shown[1]
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert ("geheimwoord" in written, "Cluster A" in written, "777" in written) == (flags[0], flags[0], flags[1])
    assert not [name for name in tables.premises["premises_id"] if f",{name}," in written or f"\n{name}," in written]
    states = set(shared.figures["state"])
    assert states == ({"shown", "withheld", "missing"} if flags[0] else {"withheld"})
    assert shared.figures.loc[shared.figures["state"] != "shown", "value"].isna().all()


def test_an_altered_figure_that_was_hidden_is_refused(tmp_path):
    handed_on(counted(), tmp_path)
    text = (tmp_path / "figures.csv").read_text(encoding="utf-8")
    (tmp_path / "figures.csv").write_text(text.replace(",withheld,,", ",withheld,7,", 1), encoding="utf-8")
    with pytest.raises(InputError, match="a number where the state is shown, and an empty cell elsewhere"):
        load_retail(DEAL, folder=tmp_path)


def test_a_share_that_was_published_stays_and_is_handed_on(tmp_path):
    nothing = {(unit, 2020, "occupied", "wvo_m2"): float("nan") for unit in (INSIDE, REGION)}
    made = build_monitor(counted(), CODES, nothing | {(INSIDE, 2020, "concentration", "wvo_m2"): 200 / 3})
    pair = ((INSIDE, "occupied"), (REGION, "occupied"), 2020, "wvo_m2")
    assert (made.share(*pair).state, made.share(*pair, "concentration").value) == ("withheld", 200 / 3)
    shared = build_monitor(handed_on(counted(), tmp_path, made), CODES)
    assert shared.share(*pair, "concentration") == made.share(*pair, "concentration")
    assert (INSIDE, 2020, "concentration", "wvo_m2") not in replace(made, tables=counted(may_publish=False)).figures()
