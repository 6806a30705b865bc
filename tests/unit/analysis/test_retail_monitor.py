"""What the retail monitor shows, and what it keeps back: small cells, unlicensed figures, private rows."""

from __future__ import annotations

import itertools
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import lil_matrix

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


def test_a_reader_who_adds_and_subtracts_the_example_learns_no_small_count(example, example_monitor):
    """Every sum that a reader knows from the definitions, over areas, kinds and years, in one linear programme."""
    made = example_monitor
    counts = made.cells["count"].dropna()
    column = {key: position for position, key in enumerate(counts.index)}
    sums = []
    for unit, year, measure in counts.index:
        parts = [(part, year, measure) for part in made.units.parts[unit]]
        if parts and all(part in column for part in parts):
            sums.append({(unit, year, measure): 1, **dict.fromkeys(parts, -1)})
    for unit, year in itertools.product(made.units.parts, example.years):
        sums.append({(unit, year, "premises"): 1, (unit, year, "vacant"): -1, (unit, year, "occupied"): -1})
        for flow, since in (
            ("transformed", "transformed_since"),
            ("new_to_region", "new_since"),
            ("moved_from_outside", "moved_in_since"),
        ):
            before = [(unit, earlier, flow) for earlier in example.years if example.years[0] < earlier <= year]
            sums.append({(unit, year, since): 1, **dict.fromkeys(before, -1)})
    sums = [relation for relation in sums if relation.keys() <= column.keys()]
    assert all(sum(sign * counts[key] for key, sign in relation.items()) == 0 for relation in sums)

    matrix = lil_matrix((len(sums), len(column)))
    for row, relation in enumerate(sums):
        for key, sign in relation.items():
            matrix[row, column[key]] = sign
    matrix = matrix.tocsr()
    hidden = made.cells["is_hidden"].reindex(counts.index)
    bounds = [(0, 10_000) if is_hidden else (value, value) for value, is_hidden in zip(counts, hidden, strict=True)]
    shown = (
        "premises",
        "vacant",
        "occupied",
        "transformed",
        "new_to_region",
        "moved_from_outside",
        "transformed_since",
    )
    small = [key for key in counts[(counts > 0) & (counts < 10)].index if key[2] in shown and key[1] in (2019, 2022)]
    assert len(small) > 60 and hidden[small].all()
    for key in small:
        ends = []
        for sign in (1, -1):
            objective = np.zeros(len(column))
            objective[column[key]] = sign
            ends.append(sign * linprog(objective, A_eq=matrix, b_eq=np.zeros(len(sums)), bounds=bounds).fun)
        assert ends[1] - ends[0] >= 10 - 1e-6, (key, ends)


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
