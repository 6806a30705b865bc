"""One notebook, a chapter for each priority cluster: titles, labels and parameters of their own."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import v4

from evaluation.inputs.chapter_list import (
    CLUSTER_NOTEBOOK,
    MUNICIPALITY_NOTEBOOK,
    THEME_NOTEBOOK,
    RunChapter,
    list_chapters,
    make_copy,
)
from evaluation.inputs.deal import load_deal
from evaluation.publish.record import RunRecord
from evaluation.publish.stage import _with_copies
from tests.conftest import ROOT
from tests.unit.small_retail import premises, small_retail

DEAL = load_deal()
NAMES = ("4-voorzieningen-en-retail", CLUSTER_NOTEBOOK, "7-financien")


def notebook():
    label = '#| label: tbl-cluster-vloer\n#| tbl-cap: "Vloer"\ngebied.floor_space()'
    cells = [v4.new_markdown_cell("# Winkelcluster"), v4.new_code_cell(label), v4.new_markdown_cell("# geen titel")]
    return v4.new_notebook(cells=cells)


def test_a_run_makes_a_chapter_for_each_priority_cluster_in_its_place():
    chapters = list_chapters(NAMES, DEAL, small_retail([premises("1", 2020)]))
    assert [chapter.name for chapter in chapters] == [NAMES[0], f"{CLUSTER_NOTEBOOK}-a", NAMES[2]]
    assert chapters[1] == RunChapter(f"{CLUSTER_NOTEBOOK}-a", CLUSTER_NOTEBOOK, "Cluster A", {"cluster": "A"})
    assert [chapter.is_copy for chapter in chapters] == [False, True, False]


def test_without_retail_tables_there_is_none():
    assert [chapter.name for chapter in list_chapters(NAMES, DEAL, None)] == [NAMES[0], NAMES[2]]


def test_the_site_has_a_page_for_each_theme_and_each_municipality_of_the_deal():
    themes = list_chapters([THEME_NOTEBOOK], DEAL, None)
    assert [chapter.parameters for chapter in themes] == [{"theme": theme.id} for theme in DEAL.themes]
    assert themes[2] == RunChapter("s1-thema-3-veiligheid", THEME_NOTEBOOK, "Veiligheid", {"theme": 3})
    places = list_chapters([MUNICIPALITY_NOTEBOOK], DEAL, None)
    assert [chapter.title for chapter in places] == list(DEAL.municipality_names)
    assert places[2].name == "s2-gemeente-heerlen" and places[2].parameters == {"municipality": "GM0917"}


@pytest.mark.parametrize(("name", "shown"), [("Cluster A", "Cluster A"), ("De *Markt* #1", "De \\*Markt\\* \\#1")])
def test_a_copy_has_its_own_title_and_labels_and_leaves_the_notebook_alone(name, shown):
    source = notebook()
    made = make_copy(source, RunChapter("4a-winkelcluster-wc-1", CLUSTER_NOTEBOOK, name, {"cluster": "WC_1"}))
    assert made.cells[0].source == f"# {shown} {{#sec-4a-winkelcluster-wc-1 .unnumbered}}"
    assert made.cells[1].source.splitlines()[0] == "#| label: tbl-cluster-vloer-wc-1"
    assert made.cells[2].source == "# geen titel"
    assert source.cells[0].source == "# Winkelcluster" and source.cells[1].source.startswith(
        "#| label: tbl-cluster-vloer\n"
    )


def test_a_theme_has_its_own_notebook_or_the_general_one_and_never_that_of_another_deal(tmp_path, monkeypatch):
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path))
    (tmp_path / "notebooks").mkdir()
    other = load_deal("voorbeeldstreek", folder=ROOT / "tests" / "second_deal" / "deal")
    names = ["thema", "1-bereikbaarheid", "2-veilig-wonen", "7-financien"]
    owners = {"1-bereikbaarheid": other.id, "2-veilig-wonen": DEAL.id}
    for name in names:
        about = {"regiodeal": {"deal": owners[name]}} if name in owners else {}
        text = nbformat.writes(v4.new_notebook(metadata=about))
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(text, encoding="utf-8")
    chapters = [(chapter.name, chapter.notebook, chapter.title) for chapter in list_chapters(names, other, None)]
    assert chapters == [
        ("1-bereikbaarheid", "1-bereikbaarheid", None),
        ("2-veilig-wonen", "thema", "Veilig en prettig wonen"),
        ("3-cultuur", "thema", "Cultuur in de streek"),
        ("7-financien", "7-financien", None),
    ]


def test_a_chapter_of_a_general_notebook_is_numbered_as_its_theme():
    made = make_copy(notebook(), RunChapter("3-cultuur", "thema", "Cultuur", {"theme": 3}))
    assert made.cells[0].source == "# Cultuur {#sec-3-cultuur}"
    assert made.cells[1].source.splitlines()[0] == "#| label: tbl-cluster-vloer-3-cultuur"


def test_a_notebook_that_is_not_copied_stays_as_it_is():
    source = notebook()
    assert make_copy(source, RunChapter("7-financien", "7-financien")) is source


def record(notebooks: dict) -> RunRecord:
    return RunRecord("d", "D", 2021, {"status": "voorbeeld"}, "", {}, (), notebooks, "2021", "annual")


def test_a_report_lists_the_chapters_that_the_run_made():
    entries = [{"file": "index.ipynb", "text": "Samenvatting"}, "4a-winkelcluster.ipynb", "verantwoording.qmd"]
    made = {"4a-winkelcluster-a": {"status": "failed", "notebook": CLUSTER_NOTEBOOK, "title": "Cluster A"}}
    assert list(_with_copies(entries, record(made))) == [
        entries[0],
        {"file": "4a-winkelcluster-a.ipynb", "text": "Cluster A"},
        entries[2],
    ]
    assert list(_with_copies(entries, record({}))) == [entries[0], entries[2]]
