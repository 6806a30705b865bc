"""The yearly run: every number recorded, the sums right, a failing notebook leaving the rest alone."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import pytest

from evaluation.base.cache import CACHE_VARIABLE
from evaluation.inputs import editions
from evaluation.inputs.chapter_list import CLUSTER_NOTEBOOK, list_chapters
from evaluation.inputs.deal import load_deal
from evaluation.inputs.retail.tables import load_retail
from evaluation.present.results import COLUMNS, read_csv
from tests.conftest import YEARS, Project

NOTEBOOKS = editions.NOTEBOOKS["annual"]
CHAPTERS = [chapter.name for chapter in list_chapters(NOTEBOOKS, load_deal(), load_retail(load_deal()))]

STATUSES = {
    "final", "provisional", "withheld", "missing", "example", "agreed", "computed", "not established", "not measured",
}  # fmt: skip


def results(project: Project, year: int):
    return read_csv((project.runs / str(year) / "results.csv").read_text(encoding="utf-8"))


def value(frame, result_id: str) -> float:
    found = frame.loc[frame["result_id"] == result_id, "value"]
    assert len(found) == 1, result_id
    return float(found.iloc[0])


def test_home_burglary_in_heerlen_is_149_in_2021(reported):
    frame = results(reported, 2021)
    assert value(frame, "3.woninginbraak-aantal.GM0917.2021.value") == 149
    row = frame.set_index("result_id").loc["3.woninginbraak-aantal.GM0917.2021.value"]
    assert (row["status"], row["source"], row["vintage"]) == ("final", "Politie 47018NED", "2026-11-24")


def test_the_average_sale_price_in_heerlen_is_251269_in_2022(reported):
    assert value(results(reported, 2022), "2.verkoopprijs.GM0917.2022.value") == 251269


@pytest.mark.parametrize("year", YEARS)
def test_every_number_has_its_identity_unit_source_and_place(reported, year):
    frame = results(reported, year)
    assert tuple(frame.columns) == COLUMNS
    assert frame["result_id"].is_unique and len(frame) > 500
    for name in (
        "theme",
        "chain",
        "indicator",
        "unit",
        "period",
        "measure",
        "unit_of_measure",
        "source",
        "notebook",
        "cell",
    ):
        assert (frame[name] != "").all(), frame[frame[name] == ""]
    assert set(frame["status"]) <= STATUSES
    empty = frame[frame["value"].isna()]
    assert set(empty["status"]) <= {"missing", "withheld", "not established", "not measured"}
    assert set(frame["notebook"]) <= set(CHAPTERS)


@pytest.mark.parametrize("year", YEARS)
def test_no_number_is_of_a_later_year(reported, year):
    assert results(reported, year)["period"].astype(int).max() == year


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("measure", ["budget", "committed", "paid", "cofinancing_committed"])
def test_the_themes_add_up_to_the_total(reported, year, measure):
    frame = results(reported, year)
    parts = [value(frame, f"{theme}.geld.thema.{year}.{measure}") for theme in range(1, 7)]
    total = value(frame, f"programma.geld.totaal.{year}.{measure}")
    shown = [part for part in parts if part == part]
    if len(shown) == len(parts) and total == total:
        assert sum(shown) == pytest.approx(total, abs=0.005)
    else:  # amounts of a few firms are withheld, and none of them follows from the others
        assert measure == "cofinancing_committed"
        assert len(parts) - len(shown) != 1 or total != total


def test_the_budget_is_that_of_article_5(reported):
    frame = results(reported, 2021)
    assert value(frame, "programma.geld.totaal.2021.budget") == 80_000_000
    assert [value(frame, f"{theme}.geld.thema.2021.budget") for theme in range(1, 7)] == [
        6_000_000, 46_000_000, 400_000, 8_000_000, 3_600_000, 16_000_000,
    ]  # fmt: skip


@pytest.mark.parametrize("year", YEARS)
def test_the_sources_and_the_tracks_add_up_to_the_same_totals(reported, year):
    frame = results(reported, year)
    for measure in ("committed", "paid"):
        total = value(frame, f"programma.geld.totaal.{year}.{measure}")
        sources = sum(value(frame, f"programma.bron.{source}.{year}.{measure}") for source in ("Rijk", "Regio"))
        tracks = sum(value(frame, f"programma.spoor.spoor-{track}.{year}.{measure}") for track in (1, 2))
        assert sources == pytest.approx(total, abs=0.005) and tracks == pytest.approx(total, abs=0.005)


@pytest.mark.parametrize("year", YEARS)
def test_all_52_elements_have_a_state(reported, year):
    frame = results(reported, year)
    states = ("planned", "started", "completed", "dropped", "none")
    assert sum(value(frame, f"programma.aanpak.onderdelen.{year}.{state}") for state in states) == 52
    by_theme = [value(frame, f"{theme}.aanpak.onderdelen.{year}.total") for theme in range(1, 7)]
    assert by_theme == [14, 26, 2, 3, 3, 4]


def test_the_counts_of_the_records_never_fall_over_the_years(reported):
    for result_id in ("2.woningen-totaal.geleverd.{}.value", "programma.geld.totaal.{}.paid"):
        series = [value(results(reported, year), result_id.format(year)) for year in YEARS]
        assert series == sorted(series) and series[-1] > series[0]


def test_what_stands_in_the_records_is_marked_as_an_example(reported):
    frame = results(reported, 2021)
    records = frame[frame["source"].str.startswith("programmaregistratie")]
    assert len(records) > 100 and set(records["status"]) <= {"example", "withheld"}


def test_the_record_of_a_run_says_what_ran_on_what(reported):
    folder = reported.runs / "2021"
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert (record["status"], record["year"], record["dataset"]["status"]) == ("ok", 2021, "voorbeeld")
    assert set(record["notebooks"]) == set(CHAPTERS)
    for name, outcome in record["notebooks"].items():
        assert outcome["status"] == "ok" and outcome["error"] is None and len(outcome["key"]) == 64
        assert outcome["output_sha256"] == hashlib.sha256((folder / f"{name}.ipynb").read_bytes()).hexdigest()
    assert len({outcome["key"] for outcome in record["notebooks"].values()}) == len(CHAPTERS)
    assert {snapshot["table"] for snapshot in record["snapshots"]} >= {"47018NED", "83625NED", "03759ned"}
    assert all(len(snapshot["sha256"]) == 64 for snapshot in record["snapshots"])


def test_an_executed_notebook_holds_no_path_or_time_of_the_machine(reported):
    for name in CHAPTERS:
        text = (reported.runs / "2021" / f"{name}.ipynb").read_text(encoding="utf-8")
        assert str(reported.root) not in text and "start_time" not in text and "/site-packages/" not in text


def test_each_priority_cluster_has_a_chapter_of_its_own(reported):
    record = json.loads((reported.runs / "2021" / "run.json").read_text(encoding="utf-8"))
    made = {
        name: entry["title"] for name, entry in record["notebooks"].items() if entry.get("notebook") == CLUSTER_NOTEBOOK
    }
    assert made == {f"4a-winkelcluster-wc{n}": f"Voorbeeldcluster {letter}" for n, letter in enumerate("ABCD", start=1)}
    assert record["retail"]["status"] == "voorbeeld" and record["retail"]["private"] is False
    frame = results(reported, 2021)
    shown = frame[frame["notebook"] == "4a-winkelcluster-wc2"]
    assert {"WC2"} <= set(shown["unit"]) and not {"WC1", "WC3"} & set(shown["unit"])


@pytest.mark.parametrize("year", YEARS)
def test_the_retail_monitor_adds_up_and_hides_what_is_small(reported, year):
    frame = results(reported, year)
    monitor = frame[frame["indicator"].str.startswith("winkelmonitor")].set_index("result_id")
    zones = [
        f"4.winkelmonitor-panden.{unit}.{year}.premises" for unit in ("binnen-clusters", "buiten-clusters", "parkstad")
    ]
    inside, outside, region = (monitor.at[name, "value"] for name in zones)
    assert inside + outside == region > 300
    assert {"example", "withheld"} <= set(monitor["status"]) <= {"example", "withheld", "missing"}
    counted = monitor[(monitor["unit_of_measure"] == "count") & (monitor["measure"] != "net_opened")]["value"].dropna()
    assert not counted.between(1, 9).any()


def break_notebook(project: Project, name: str) -> None:
    """Add a step that fails."""
    path = project.root / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = nbformat.v4.new_code_cell(
        '#| label: tbl-kapot\n#| tbl-cap: "Kapot"\nveiligheid.indicator("woningbraak", "x")'
    )
    cell["id"] = "kapot"
    notebook.cells.append(cell)
    nbformat.write(notebook, path)


def test_a_failing_notebook_leaves_the_others_and_the_last_good_report_alone(project, reported):
    shutil.copytree(reported.root / "build", project.root / "build")
    before = {path: path.read_bytes() for path in (project.site / "2021").rglob("*") if path.is_file()}
    good_run = (project.runs / "2021" / "run.json").read_bytes()
    break_notebook(project, "3-veiligheid")

    done = project.regiodeal("report", "--year", "2021", "--engine", "embedded")

    assert done.returncode == 3, done.stderr
    assert "3-veiligheid" in done.stderr and "Did you mean 'woninginbraak'?" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path: path.read_bytes() for path in before} == before
    assert (project.runs / "2021" / "run.json").read_bytes() == good_run

    record = json.loads((project.runs / "2021-onvolledig" / "run.json").read_text(encoding="utf-8"))
    states = {name: outcome["status"] for name, outcome in record["notebooks"].items()}
    assert states.pop("3-veiligheid") == "failed" and set(states.values()) == {"ok"}
    assert record["notebooks"]["3-veiligheid"]["error"]["cell"] == "tbl-kapot"

    gap = (project.site / "2021-onvolledig" / "3-veiligheid.html").read_text(encoding="utf-8")
    assert "kon niet worden gemaakt" in gap and "woningbraak" in gap
    other = (project.site / "2021-onvolledig" / "7-financien.html").read_text(encoding="utf-8")
    assert "80.000.000" in other


def test_the_summary_by_hand_names_the_run_that_it_needs_and_that_run_gives_the_same_bytes(project, reported, tmp_path):
    """As in JupyterLab: no run yet, so it says which; the notebooks of that run equal those of another."""
    script = (
        "import nbformat, papermill\n"
        "notebook = nbformat.read('notebooks/0-samenvatting.ipynb', as_version=4)\n"
        "done = papermill.execute_notebook(notebook, None, kernel_name='python3', progress_bar=False)\n"
        "print([o for c in done.cells for o in c.get('outputs', []) if '21 resultaten' in str(o)] != [])\n"
    )
    own = {"REGIODEAL_ROOT": str(project.root), CACHE_VARIABLE: str(tmp_path / "cache")}

    def call(*command: str) -> subprocess.CompletedProcess[str]:
        called = [sys.executable, *command]
        return subprocess.run(
            called, cwd=project.root, env={**os.environ, **own}, capture_output=True, text=True, check=False
        )

    refused = call("-c", script)
    said = re.search(r"UsageError: .*: regiodeal (run --year 2021 .*--themes-only)", refused.stderr)
    assert said, refused.stderr
    assert call("-m", "evaluation.cli", *said.group(1).split()).returncode == 0
    done = call("-c", script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith("True")
    for name in CHAPTERS[:-1]:
        one = project.runs / "2021-hoofdstukken" / f"{name}.ipynb"
        other = reported.runs / "2021" / f"{name}.ipynb"
        assert one.read_bytes() == other.read_bytes(), name


def test_a_notebook_that_stops_without_an_error_is_not_taken_for_finished(project):
    path = project.root / "notebooks" / "3-veiligheid.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell = nbformat.v4.new_code_cell("raise SystemExit")
    cell["id"] = "stop"
    notebook.cells.insert(4, cell)
    nbformat.write(notebook, path)
    good = project.runs / "2021"
    good.mkdir(parents=True)
    (good / "results.csv").write_text("the last good run", encoding="utf-8")

    done = project.regiodeal("run", "--year", "2021", "--themes-only")

    assert done.returncode == 3 and "3-veiligheid" in done.stderr and "Traceback" not in done.stderr
    assert (good / "results.csv").read_text(encoding="utf-8") == "the last good run"
    record = json.loads((project.runs / "2021-onvolledig" / "run.json").read_text(encoding="utf-8"))
    assert record["notebooks"]["3-veiligheid"]["status"] == "failed"
    assert record["notebooks"]["2-wonen-en-leefbaarheid"]["status"] == "ok"
    assert [folder.name for folder in project.runs.iterdir() if folder.name.startswith(".2021-")] == []


def test_a_run_of_the_chapters_alone_does_not_take_the_place_of_a_whole_one(project, reported):
    shutil.copytree(reported.runs / "2021", project.runs / "2021")
    before = {path.name: path.read_bytes() for path in (project.runs / "2021").iterdir()}
    done = project.regiodeal("run", "--year", "2021", "--themes-only")
    assert done.returncode == 0 and "2021-hoofdstukken" in done.stdout
    assert {path.name: path.read_bytes() for path in (project.runs / "2021").iterdir()} == before


def test_a_second_run_over_the_same_year_waits_its_turn(project):
    from filelock import FileLock

    project.runs.mkdir(parents=True)
    with FileLock(project.runs / ".2021.lock"):
        done = project.regiodeal("run", "--year", "2021")
    assert done.returncode == 11 and "under way" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_deal_without_premises_reports_all_the_same_without_cluster_pages(project):
    shutil.rmtree(project.root / "data" / "retail")
    done = project.regiodeal("report", "--year", "2020", "--engine", "embedded")
    assert done.returncode == 0, done.stderr
    page = (project.site / "2020" / "4-voorzieningen-en-retail.html").read_text(encoding="utf-8")
    assert "Er is geen tabel met winkelpanden aangeleverd." in page
    assert not list((project.site / "2020").glob("4a-*"))
    record = json.loads((project.runs / "2020" / "run.json").read_text(encoding="utf-8"))
    assert record["retail"] is None and not [name for name in record["notebooks"] if name.startswith("4a")]
