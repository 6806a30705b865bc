"""The final evaluation from notebooks to pages: every theme says what is and what is not established."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup

from evaluation.analysis.effects.estimate import GRADES, NOT_ASKED
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_designs, load_indicators
from evaluation.present.results import RESULTS_MIME, read_csv
from evaluation.publish.print.lengths import count_words, too_long
from evaluation.publish.project import load_project
from tests.conftest import Project
from tests.notebooks.test_in_sight import LONGEST, MOST_FUNCTIONS, Notebook, lines_of, shown_code
from tests.site.pages import read_page

DEAL = load_deal()
WORDS = {*GRADES, NOT_ASKED, "aannemelijk", "niet aannemelijk", "niet vast te stellen"}


def page(project: Project, name: str) -> BeautifulSoup:
    return read_page(project.site / "eindevaluatie" / f"{name}.html")


def results(project: Project):
    return read_csv((project.runs / "eindevaluatie" / "results.csv").read_text(encoding="utf-8"))


@pytest.mark.parametrize("theme", DEAL.themes, ids=lambda theme: theme.slug)
def test_every_theme_says_what_is_established_and_what_is_not(evaluated: Project, theme):
    text = page(evaluated, f"e{theme.slug}").get_text(" ")
    for heading in ("Beleidstheorie", "Inzet", "Prestaties", "Doelbereik", "Doeltreffendheid", "Wat is vastgesteld"):
        assert heading in text, heading
    table = page(evaluated, f"e{theme.slug}").select_one(f"#tbl-vastgesteld-e{theme.id}")
    rows = [[cell.get_text(" ", strip=True) for cell in row.select("th,td")] for row in table.select("tbody tr")]
    assert len(rows) == 4 and all(cell for row in rows for cell in row)
    deviation, attribution = rows[2:]
    assert any(word in " ".join(deviation) for word in (*WORDS, "is met andere regio", "niet meer af"))
    assert any(word in " ".join(attribution) for word in (*WORDS, "is met andere regio"))


def test_the_deal_is_never_called_the_cause_without_a_judgement(evaluated: Project):
    frame = results(evaluated)
    attributed = frame[(frame["measure"] == "is_attributed") & (frame["value"] == 1)]
    for path in sorted((evaluated.site / "eindevaluatie").glob("*.html")):
        text = read_page(path).get_text(" ").lower()
        for word in ("dankzij", "succes", "effect van de deal", "achterblijvers"):
            assert word not in text, f"{path.name}: {word}"
    assert attributed.empty, "with these figures nothing is attributed; if that changes, the pages must say so"


def test_the_main_part_is_no_longer_than_it_may_be(evaluated: Project):
    staged = evaluated.root / "build" / "report" / "parkstad-limburg" / "eindevaluatie"
    length = count_words(load_project(staged), evaluated.site / "eindevaluatie")
    assert 0 < length.main_words < length.annex_words and too_long("final", length) is None


def test_every_table_has_its_caption(evaluated: Project):
    tables = [
        (path.name, found)
        for path in sorted((evaluated.site / "eindevaluatie").glob("*.html"))
        if not path.name.startswith("cijfers")
        for found in read_page(path).select("main table")
        if all("bijlage" in (box.get("class") or ()) for box in found.find_parents("details"))
    ]
    assert len(tables) > 50
    bare = [name for name, found in tables if not (figure := found.find_parent("figure")) or not figure.figcaption]
    assert bare == []


@pytest.mark.parametrize(("theme", "chapter"), [(2, "e2-wonen-en-leefbaarheid"), (3, "e3-veiligheid")])
def test_the_cell_that_shows_a_number_of_an_effect_computes_it_and_the_page_shows_that(
    evaluated: Project, theme: int, chapter: str
):
    frame, notebook = results(evaluated), Notebook(chapter)
    cells = {
        f"fig-effect-e{theme}": {"gap", "placebo_low", "placebo_high"},
        f"fig-toeval-e{theme}": {"deviation", "rank", "p_value", "p_attainable"},
        f"tbl-schatting-e{theme}": {"ci_low", "ci_high", "mde", "p_adjusted", "n_placebo"},
    }
    code = ["\n".join(lines_of(text)) for text in shown_code(page(evaluated, chapter))]
    for cell, measures in cells.items():
        assert set(frame.loc[frame["cell"] == cell, "measure"]) == measures, cell
        assert len(lines_of(notebook.code[cell])) <= LONGEST and notebook.computes(cell), cell
        assert len(notebook.undocumented(cell)) <= MOST_FUNCTIONS, (cell, notebook.undocumented(cell))
        assert "\n".join(lines_of(notebook.code[cell])) in code, cell


@pytest.mark.parametrize("name", ["e7-doelmatigheid", pytest.param("e3-veiligheid", marks=pytest.mark.slow)])
def test_a_chapter_runs_the_same_by_hand_by_papermill_from_any_folder_and_in_the_batch(
    evaluated: Project, tmp_path: Path, name: str
):
    script = (
        "import sys, nbclient, nbformat, papermill\n"
        "source, target, folder = sys.argv[1:]\n"
        "papermill.execute_notebook(source, target, kernel_name='python3', progress_bar=False, log_output=False)\n"
        "by_hand = nbformat.read(source, as_version=4)\n"
        "nbclient.NotebookClient(by_hand, kernel_name='python3', resources={'metadata': {'path': folder}}).execute()\n"
        "nbformat.write(by_hand, 'by-hand.ipynb')\n"
    )
    file = f"{name}.ipynb"
    source = evaluated.root / "notebooks" / file
    arguments = [sys.executable, "-c", script, str(source), str(tmp_path / file), str(source.parent)]
    environment = {**os.environ, "REGIODEAL_ROOT": str(evaluated.root)}
    done = subprocess.run(arguments, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    batch, papermill, by_hand = (
        shown_by(path)
        for path in (evaluated.runs / "eindevaluatie" / file, tmp_path / file, tmp_path / "by-hand.ipynb")
    )
    assert sum(len(cell.get(RESULTS_MIME, ())) for cell in batch.values()) > 50
    assert papermill == batch and by_hand == batch


def shown_by(path: Path) -> dict[str, dict[str, object]]:
    """Return what each cell of an executed notebook shows in words and records, by the id of the cell."""
    kinds = (RESULTS_MIME, "text/markdown", "text/plain")
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.get("outputs")]
    return {
        cell["id"]: {kind: output["data"][kind] for output in cell.outputs for kind in kinds if kind in output["data"]}
        for cell in cells
    }


def test_every_declared_design_is_in_the_results_with_its_judgements(evaluated: Project):
    frame = results(evaluated).set_index("result_id")
    indicators = load_indicators()
    for design in load_designs().values():
        if not design.has_placebos:
            continue
        place = f"{indicators[design.indicator].theme}.{design.id}.{design.unit}.{design.last}"
        for measure in ("deviation", "ci_low", "ci_high", "mde", "p_value", "p_adjusted", "rank", "n_placebo"):
            assert frame.at[f"{place}.{measure}", "value"] == frame.at[f"{place}.{measure}", "value"], measure
        grade, attributed = (frame.loc[f"{place}.{measure}"] for measure in ("grade", "is_attributed"))
        assert grade["value"] in range(5)
        assert (attributed["status"] == "not established") == (attributed["value"] != attributed["value"])
        assert grade["value"] >= 3 or attributed["status"] == "not established"


def test_a_sentence_tells_the_numbers_of_its_figure(evaluated: Project):
    frame = results(evaluated).set_index("result_id")["value"]
    text = page(evaluated, "e3-veiligheid").get_text(" ")
    place = "3.woninginbraak-regio.parkstad.2022"
    shown = f"{abs(frame[f'{place}.deviation']):.1f}".replace(".", ",")
    assert re.search(rf"in 2020-2022 lag Parkstad gemiddeld {shown} procent (lager|hoger)", text)
    assert f"{frame[f'{place}.p_value']:.3f}".replace(".", ",") in text
    assert f"{frame[f'{place}.mde']:.1f} procent".replace(".", ",") in text


def test_the_summary_answers_five_questions_and_judges_each_theme(evaluated: Project):
    soup = page(evaluated, "index")
    assert len(soup.select("ul.kerncijfers li")) == 5
    for label in ("#tbl-oogopslag-e0", "#tbl-hielp-e0"):
        rows = soup.select(f"{label} tbody tr")
        assert [row.select_one("a")["href"] for row in rows] == [f"e{theme.slug}.html" for theme in DEAL.themes]
    assert all(row.select_one("td").get_text(strip=True) in GRADES for row in rows)


def test_judgements_that_rest_on_example_records_say_so(evaluated: Project):
    frame = results(evaluated)
    indicated = frame[(frame["measure"] == "grade") & (frame["value"] >= 3)]
    for theme, name in (("2", "e2-wonen-en-leefbaarheid"), ("3", "e3-veiligheid")):
        text = page(evaluated, name).get_text(" ")
        is_asked = bool((indicated["theme"].astype(str) == theme).any())
        assert is_asked == ("beoordeeld met voorbeeldcijfers van het programma" in text)


def test_the_first_page_answers_whether_it_helped_with_what_is_excluded_and_a_figure(evaluated: Project):
    frame, soup = results(evaluated).set_index("result_id")["value"], page(evaluated, "index")
    text = " ".join(soup.main.get_text(" ").split())
    low, high = (frame[f"3.woninginbraak-regio.parkstad.2022.{end}"] for end in ("ci_low", "ci_high"))
    ends = [f"{abs(end):.1f}".replace(".", ",") for end in (low, high)]
    assert f"Een daling van meer dan {ends[0]}% of een stijging van meer dan {ends[1]}% past niet bij deze" in text
    figure = soup.select_one("#fig-bewijs-e0")
    grades = [name for name in frame.index if name.endswith(".grade") and not name.startswith("methoden.")]
    assert figure.select_one("svg.figuur-beeld") and len(figure.select("tbody tr")) == len(grades)
    methods = page(evaluated, "e9-methoden")
    assert len(methods.select("#tbl-vergelijkingen-e9 tbody tr")) == len(grades)
    assert all(
        page(evaluated, f"e{DEAL.theme(theme).slug}").select_one('a[href^="e9-methoden.html"]') for theme in (1, 2, 3)
    )
