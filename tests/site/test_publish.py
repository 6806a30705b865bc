"""From a finished run to pages: staging, gate, numbering, references, folding, navigation, clean-up, checks, swap."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup, Tag
from nbformat import v4

import evaluation.publish.publishing as publish
from evaluation.base.errors import PublishError
from evaluation.base.text import literal, read_literal
from evaluation.inputs.editions import NOTEBOOKS, SUMMARIES
from evaluation.publish.engine import quarto
from evaluation.publish.engine.quarto import check_log, finish_pages
from evaluation.publish.engine.quarto_page import number_references, read_quarto_page
from evaluation.publish.pages.checks import check_pages
from evaluation.publish.pages.cleanup import clean_pages, find_remote
from evaluation.publish.pages.document import Document, Heading, read_documents, to_html
from evaluation.publish.pages.inline import MEASURES
from evaluation.publish.pages.notebook_markdown import notebook_to_markdown
from evaluation.publish.pages.page import Page
from evaluation.publish.pages.policy import POLICY_TAG
from evaluation.publish.project import Chapter, load_project, merge, read_yaml
from evaluation.publish.publishing import render_report
from evaluation.publish.record import plain_message, read_record
from evaluation.publish.rendering import choose_engine
from evaluation.publish.stage import stage_report
from tests.browser.walk import own_node
from tests.site.made_run import (
    REPOSITORY,
    code,
    make_project,
    make_run,
    notebooks,
    record,
    table,
    text,
    write_notebook,
    write_record,
)

PAGES = ("index.html", "1-sociaal-economisch.html", "3-veiligheid.html", "verantwoording.html")
RIBBON = "Programmacijfers op deze pagina zijn voorbeeldcijfers"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a small project of its own."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(tmp_path / "project"))
    return make_project(tmp_path / "project")


@pytest.fixture
def run_dir(root: Path) -> Path:
    """Give a finished run of that project."""
    return make_run(root)


def render(run_dir: Path, name: str = "2021") -> Path:
    """Publish with the embedded engine; return the site."""
    site = run_dir.parents[2] / "site"
    render_report(run_dir, site=site, name=name, engine="embedded")
    return site


def soup_of(path: Path) -> BeautifulSoup:
    """Read a page."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def words(soup: BeautifulSoup, selector: str) -> list[str]:
    """Return the text of what a selector finds, spaces made plain."""
    return [line(tag) for tag in soup.select(selector)]


def line(tag: Tag) -> str:
    """Return the text of a tag, spaces made plain."""
    return re.sub(r"\s+", " ", tag.get_text()).strip()


def documents(*texts: str, depth: int = 2) -> list[Document]:
    """Read chapters: the first as index, the others as pages 1, 2, ..."""
    pages = [("index.html" if index == 0 else f"{index}-x.html", text) for index, text in enumerate(texts)]
    return read_documents(pages, number_depth=depth)


def markdown(*cells: nbformat.NotebookNode, warnings: bool = False) -> str:
    """Turn cells into Markdown with the report's settings."""
    notebook = v4.new_notebook(cells=list(cells))
    return notebook_to_markdown(
        notebook, "x.ipynb", code_fold=True, code_summary="Hoe gemaakt", show_warnings=warnings
    )  # fmt: skip


def fail_notebook(run_dir: Path, message: str) -> None:
    """Make the record say that 3-veiligheid failed."""
    entry = {"status": "failed", "error": {"name": "InputError", "message": message, "cell": 4}}
    write_record(run_dir, notebooks={**record()["notebooks"], "3-veiligheid": entry})


# Staging


def test_stage_holds_a_whole_quarto_project(run_dir: Path, tmp_path: Path) -> None:
    target = stage_report(run_dir, tmp_path / "staged")
    names = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert {"_quarto.yml", "_quarto-annual.yml", "_variables.yml", "kop.html"} <= names
    assert {"index.ipynb", "1-sociaal-economisch.ipynb", "3-veiligheid.ipynb", "verantwoording.qmd"} <= names
    assert {"results.csv", "run.json", "_bronnen.md", "reports/style/kleuren.css", "reports/style/figuren.js"} <= names
    project = load_project(target)
    assert project.title == "Voortgangsrapportage over 2021"
    assert project.subtitle == "Regio Deal Parkstad Limburg"
    assert [chapter.page for chapter in project.chapters] == list(PAGES)
    files = [path for path in target.rglob("*") if path.is_file()]
    assert not [path.name for path in files if str(tmp_path).encode() in path.read_bytes()]


def test_a_staged_report_is_a_book_and_the_root_is_none(run_dir: Path, tmp_path: Path) -> None:
    root = read_yaml(REPOSITORY / "_quarto.yml")
    staged = read_yaml(stage_report(run_dir, tmp_path / "staged") / "_quarto.yml")
    assert (root["project"]["type"], staged["project"]["type"]) == ("default", "book")
    assert "pre-render" not in staged["project"] and "render" not in staged["project"]
    assert staged["project"]["post-render"] == "reports/style/opschonen.py"
    assert {key: value for key, value in staged.items() if key != "project"} == {
        key: value for key, value in root.items() if key != "project"
    }


def test_stage_keeps_ids_and_drops_what_no_page_needs(run_dir: Path, tmp_path: Path) -> None:
    target = stage_report(run_dir, tmp_path / "staged")
    raw = json.loads((target / "index.ipynb").read_text(encoding="utf-8"))
    assert all(isinstance(cell["source"], list) for cell in raw["cells"])
    assert [cell["id"] for cell in raw["cells"]] == [f"0-samenvatting-{number}" for number in (0, 3, 4, 5)]
    assert raw["cells"][0]["source"] == ["\n", "# Waar staat de Regio Deal eind 2021? {.unnumbered}"]
    theme = (target / "3-veiligheid.ipynb").read_text(encoding="utf-8")
    assert "vnd.plotly" not in theme
    first_code = nbformat.read(target / "1-sociaal-economisch.ipynb", as_version=4).cells[1]
    assert first_code.source == "#| include: false\nview = open_view()"


def test_stage_is_repeatable(run_dir: Path, tmp_path: Path) -> None:
    fail_notebook(run_dir, "x")
    first, second = (stage_report(run_dir, tmp_path / name) for name in ("a", "b"))
    for path in sorted(first.rglob("*")):
        if path.is_file():
            assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


def test_a_run_without_record_or_results_is_refused(run_dir: Path, tmp_path: Path) -> None:
    (run_dir / "results.csv").unlink()
    with pytest.raises(PublishError, match=r"results\.csv missing"):
        stage_report(run_dir, tmp_path / "staged")
    (run_dir / "run.json").unlink()
    with pytest.raises(PublishError, match=r"run\.json is missing"):
        stage_report(run_dir, tmp_path / "staged")


def test_an_incomplete_record_is_refused(run_dir: Path) -> None:
    write_record(run_dir, dataset={"title": "x"})
    with pytest.raises(PublishError, match=r"dataset\.status: got None; allowed: voorbeeld, voorlopig, vastgesteld"):
        read_record(run_dir)
    content = {key: value for key, value in record().items() if key not in ("plan_hash", "notebooks")}
    (run_dir / "run.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(PublishError, match="plan_hash, notebooks missing"):
        read_record(run_dir)


# The gate


def test_a_failed_notebook_becomes_a_chapter_that_says_so(run_dir: Path) -> None:
    fail_notebook(run_dir, "1 fault:\n  /srv/ann/deal/outputs.csv, row 3: got *x*; expected y")
    site = render(run_dir)
    page = soup_of(site / "2021" / "3-veiligheid.html")
    assert words(page, "h1") == ["2 Veiligheid"]
    assert words(page, ".callout-warning .callout-title") == ["Dit hoofdstuk kon niet worden gemaakt"]
    callout = page.select_one(".callout-warning").get_text()
    assert "InputError: 1 fault:" in callout and "outputs.csv, row 3: got *x*; expected y" in callout
    for file in (site / "2021").iterdir():
        assert not file.is_file() or "/srv/ann" not in file.read_text(encoding="utf-8"), file.name
    assert "niet gemaakt" in words(page, ".hoofdstukken .toestand")
    assert not page.select(".figuur")


def test_a_chapter_per_cluster_has_no_number_also_when_it_failed(root: Path, run_dir: Path) -> None:
    profile = root / "_quarto-annual.yml"
    chapters = profile.read_text(encoding="utf-8").replace("    - 3-v", "    - 4a-winkelcluster.ipynb\n    - 3-v")
    profile.write_text(chapters, encoding="utf-8")
    (root / "notebooks").mkdir()
    shutil.copy(REPOSITORY / "notebooks" / "4a-winkelcluster.ipynb", root / "notebooks")
    cells = [text("# Dorp {#sec-4a-winkelcluster-x .unnumbered}"), code("x", table())]
    write_notebook(run_dir, "4a-winkelcluster-x", cells)
    made = {
        "4a-winkelcluster-x": {"status": "ok", "notebook": "4a-winkelcluster", "title": "Dorp"},
        "4a-winkelcluster-y": {"status": "failed", "notebook": "4a-winkelcluster", "title": "Wijk"},
    }
    write_record(run_dir, notebooks={**record()["notebooks"], **made})
    folder = render(run_dir) / "2021"
    titles = {name: words(soup_of(folder / f"{name}.html"), "h1") for name in (*made, "3-veiligheid")}
    assert titles == {"4a-winkelcluster-x": ["Dorp"], "4a-winkelcluster-y": ["Wijk"], "3-veiligheid": ["2 Veiligheid"]}
    gap = soup_of(folder / "4a-winkelcluster-y.html")
    assert gap.find(id="tbl-cluster-vloer-y") and words(gap, ".callout-warning .callout-title")
    order = [link["href"] for link in gap.select("nav.hoofdstukken")[0].select("a")]
    assert order[1:5] == ["1-sociaal-economisch.html", *(f"{name}.html" for name in made), "3-veiligheid.html"]


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (("voorbeeld", "voorbeeld"), "Programmacijfers en winkelcijfers op deze pagina zijn voorbeeldcijfers."),
        (("vastgesteld", "voorbeeld"), "Winkelcijfers op deze pagina zijn voorbeeldcijfers."),
        (("voorlopig", "vastgesteld"), "Programmacijfers op deze pagina zijn voorlopige cijfers."),
        (("vastgesteld", "vastgesteld"), ""),
    ],
)
def test_the_ribbon_names_the_figures_that_are_not_settled(run_dir: Path, statuses, expected: str) -> None:
    retail = {"title": "Panden", "version": "1", "source": "telling", "licence": "vrij", "may_publish": True}
    retail |= {"private": True, "status": statuses[1]}
    write_record(run_dir, dataset={**record()["dataset"], "status": statuses[0]}, retail=retail)
    folder = render(run_dir) / "2021"
    assert " ".join(words(soup_of(folder / "index.html"), ".lint")).startswith(expected)
    assert bool(words(soup_of(folder / "index.html"), ".lint")) == bool(expected)
    account = " ".join(words(soup_of(folder / "verantwoording.html"), "#tbl-verantwoording-winkels td"))
    assert "besloten: zij staan niet in dit verslag" in account and "worden getoond" in account


def test_references_to_a_failed_chapter_still_lead_to_their_place(run_dir: Path) -> None:
    fail_notebook(run_dir, "x")
    page = soup_of(render(run_dir) / "2021" / "index.html")
    links = {link.get_text().replace("\xa0", " "): link["href"] for link in page.select("a.quarto-xref")}
    assert links["Figuur 2.2"] == "3-veiligheid.html#fig-inbraken"


@pytest.mark.parametrize("damage", ["missing", "error output", "no outputs"])
def test_a_notebook_that_only_the_record_calls_ok_is_not_shown_as_fine(run_dir: Path, damage: str) -> None:
    if damage == "missing":
        (run_dir / "3-veiligheid.ipynb").unlink()
    elif damage == "error output":
        cell = v4.new_code_cell("1/0", outputs=[v4.new_output("error", ename="ZeroDivisionError", evalue="x")])
        write_notebook(run_dir, "3-veiligheid", [text("# Veiligheid {#sec-veiligheid}"), code("show()", table()), cell])
    else:
        write_notebook(run_dir, "3-veiligheid", [text("# Veiligheid {#sec-veiligheid}"), code("show()")])
    summary = [text("# Samenvatting"), code("show()", table())]
    write_notebook(run_dir, "0-samenvatting", summary)
    write_notebook(run_dir, "1-sociaal-economisch", [text("# Sociaal-economisch"), code("show()", table())])
    page = soup_of(render(run_dir) / "2021" / "3-veiligheid.html")
    assert words(page, ".callout-title") == ["Dit hoofdstuk kon niet worden gemaakt"]
    assert not page.select(".tabel")


def test_a_run_in_which_nothing_succeeded_is_not_published(run_dir: Path) -> None:
    failed = {"status": "failed", "error": {"name": "E", "message": "m", "cell": 1}}
    write_record(run_dir, notebooks=dict.fromkeys(record()["notebooks"], failed))
    with pytest.raises(PublishError, match="nothing to report"):
        render(run_dir)


def test_messages_lose_tracebacks_and_folders_and_keep_addresses() -> None:
    traceback = "Traceback (most recent call last):\n  File '/a/b.py'\nValueError: bad"
    assert plain_message(traceback) == "ValueError: bad"
    assert plain_message("\x1b[31mno file C:\\Users\\ann\\x.csv\x1b[0m") == "no file x.csv"
    assert plain_message("see https://www.cbs.nl/a/b and data/deal/x.yml") == (
        "see https://www.cbs.nl/a/b and data/deal/x.yml"
    )


# Notebook to Markdown


def test_code_is_folded_behind_its_result() -> None:
    written = markdown(code("show(view)", {"text/markdown": "Uitkomst."}))
    assert written.index("Uitkomst.") < written.index('code-fold="true" code-summary="Hoe gemaakt"')
    page = to_html(documents("# A\n\n" + written)[0])
    details = BeautifulSoup(page, "html.parser").select_one("details.code-fold")
    assert details.summary.get_text() == "Hoe gemaakt" and "open" not in details.attrs
    assert details.pre.get_text().strip() == "show(view)"


def test_echo_include_and_output_options_are_honoured() -> None:
    assert "show" not in markdown(code("#| echo: false\nshow()", {"text/markdown": "Zin."}))
    assert "Zin." in markdown(code("#| echo: false\nshow()", {"text/markdown": "Zin."}))
    assert markdown(code("#| include: false\nshow()", {"text/markdown": "Zin."})).strip() == ""
    assert markdown(code("#| output: false\nshow()", {"text/markdown": "Zin."})).strip() == ""
    assert markdown(code("view = 1")).strip() == ""


def test_html_goes_before_markdown_and_is_left_as_it_is() -> None:
    written = markdown(code("#| echo: false\nshow()", {"text/html": "<b>*a* ``` b</b>", "text/markdown": "MD"}))
    assert "<b>*a* ``` b</b>" in to_html(documents("# A\n\n" + written)[0])
    assert "MD" not in written


def test_warnings_show_only_where_asked() -> None:
    noisy = v4.new_code_cell("x", outputs=[v4.new_output("stream", name="stderr", text="DeprecationWarning")])
    assert "Deprecation" not in markdown(noisy)
    assert "Deprecation" in markdown(noisy, warnings=True)


def test_every_fault_of_a_notebook_is_named_at_once() -> None:
    broken = v4.new_code_cell("x", outputs=[v4.new_output("error", ename="KeyError", evalue="x")])
    with pytest.raises(PublishError) as caught:
        markdown(broken, code("#| layout-ncol: 2\nx", table()), code("#| output: asis\nx", table()))
    message = str(caught.value)
    assert "cell 1: the cell ended in KeyError" in message
    assert "cell 2: the option layout-ncol is only known to Quarto" in message
    assert "cell 3: output: got 'asis'" in message


# Numbers, references, callouts


def test_figures_tables_and_sections_are_numbered_per_chapter(run_dir: Path) -> None:
    folder = render(run_dir) / "2021"
    theme = soup_of(folder / "3-veiligheid.html")
    assert words(theme, "h1") == ["2 Veiligheid"]
    assert words(theme, "h2 .header-section-number") == ["2.1"]
    assert words(theme, "figcaption") == ["Figuur 2.1: Meldingen.", "Figuur 2.2: Woninginbraken per 1.000 inwoners."]
    assert theme.select_one("figure#fig-inbraken .figuur-vlak")["data-figuur"] == "inbraken"
    assert words(soup_of(folder / "1-sociaal-economisch.html"), "figcaption") == [
        "Tabel 1.1: Doelen en wat er is geleverd."
    ]
    index = soup_of(folder / "index.html")
    assert words(index, "h1") == ["Waar staat de Regio Deal eind 2021?"]
    assert words(index, "figcaption") == ["Tabel 1: Zes thema’s in één oogopslag."]


def test_references_cross_chapters(run_dir: Path) -> None:
    folder = render(run_dir) / "2021"
    found = [
        (link.get_text().replace("\xa0", " "), link["href"])
        for link in soup_of(folder / "index.html").select(".lead a")
    ]
    assert found == [
        ("Figuur 2.2", "3-veiligheid.html#fig-inbraken"),
        ("Hoofdstuk 2", "3-veiligheid.html#sec-veiligheid"),
        ("Tabel 1.1", "1-sociaal-economisch.html#tbl-doelen"),
    ]
    assert soup_of(folder / "3-veiligheid.html").select_one("main a.quarto-xref")["href"] == "#fig-meldingen"
    assert soup_of(folder / "1-sociaal-economisch.html").find("a", string="veiligheid")["href"] == (
        "3-veiligheid.html#sec-gedaan"
    )


def test_reference_forms() -> None:
    source = "# B {#sec-b}\n\n## C {#sec-c}\n\n### D {#sec-d}\n\nZie [-@sec-c], [hoofdstuk @sec-b; @sec-c] en @sec-d."
    page = to_html(documents("# A", source)[1]).replace("\xa0", " ")
    assert re.sub(r"<[^>]+>", "", page).strip().endswith("Zie 1.1, hoofdstuk 1, Paragraaf 1.1 en D.")


def test_unresolved_references_and_double_labels_are_all_told() -> None:
    table_x = "| a |\n|---|\n| 1 |\n\n: X {#tbl-x}\n"
    with pytest.raises(PublishError) as caught:
        documents("# A\n\nZie @fig-weg en [@smith2020].", f"# B\n\n{table_x}", f"# C\n\n{table_x}", "geen kop")
    message = str(caught.value)
    assert "index.html: @fig-weg refers to nothing" in message
    assert "index.html: @smith2020 refers to nothing" in message
    assert "2-x.html: the label tbl-x stands in 1-x.html#tbl-x too" in message
    assert "3-x.html: a chapter has one heading of the first level" in message


def test_markdown_tables_and_images_can_be_labelled() -> None:
    source = "# B\n\n| a |\n|---|\n| 1 |\n\n: Cijfers {#tbl-x}\n\n![Kaart](data:image/gif;base64,R0lGOD){#fig-y}"
    page = BeautifulSoup(to_html(documents("# A", source)[1]).replace("\xa0", " "), "html.parser")
    assert words(page, "figure#tbl-x figcaption") == ["Tabel 1.1: Cijfers"]
    assert words(page, "figure#fig-y figcaption") == ["Figuur 1.1: Kaart"]
    assert page.select_one("figure#tbl-x .tabel table") and not page.select("caption")
    assert page.select_one("#tbl-x > :first-child").name == "figcaption"
    assert page.select_one("#fig-y > :last-child").name == "figcaption"


def test_callouts_have_title_kind_and_folding() -> None:
    source = (
        '# A\n\n::: {.callout-note title="Let op"}\nTekst.\n:::\n\n::: {.callout-tip}\n## Kop\n\nMeer.\n:::\n\n'
        '::: {.callout-caution collapse="true"}\nDicht.\n:::\n'
    )
    document = documents(source)[0]
    page = BeautifulSoup(to_html(document), "html.parser")
    assert words(page, ".callout-note .callout-title") == ["Let op"]
    assert words(page, ".callout-tip .callout-title") == ["Kop"]
    assert page.select_one("details.callout-caution").summary.get_text(strip=True) == "Opgelet"
    assert "open" not in page.select_one("details.callout-caution").attrs
    assert document.headings == []


def test_what_only_quarto_knows_is_refused(run_dir: Path, root: Path) -> None:
    with pytest.raises(PublishError, match="panel-tabset is only known to Quarto"):
        documents("# A\n\n::: {.panel-tabset}\n## B\n:::\n")
    page = root / "reports" / "annual" / "verantwoording.qmd"
    page.write_text("# V\n\n{{< var report.maand >}} {{< embed x.ipynb >}} {{< include weg.md >}}", encoding="utf-8")
    with pytest.raises(PublishError) as caught:
        render(run_dir)
    assert "{{< var report.maand >}} has no value" in str(caught.value)
    assert "{{< embed x.ipynb >}} is only known to Quarto" in str(caught.value)
    assert "{{< include weg.md >}} is not there" in str(caught.value)


def test_an_option_that_changes_the_content_is_refused(run_dir: Path, root: Path) -> None:
    with open(root / "_quarto.yml", "a", encoding="utf-8") as file:
        file.write("\nbibliography: refs.bib\n")
    with pytest.raises(PublishError, match="options that only Quarto knows: bibliography"):
        render(run_dir)


def test_chapters_of_a_part_know_its_name(tmp_path: Path) -> None:
    root = make_project(tmp_path / "project")
    profile = root / "_quarto-annual.yml"
    in_part = (
        "    - part: Thema's\n      chapters: [1-sociaal-economisch.ipynb, {file: 3-veiligheid.ipynb, text: Veilig}]\n"
    )
    text_of_profile = profile.read_text(encoding="utf-8")
    profile.write_text(
        text_of_profile.replace("    - 1-sociaal-economisch.ipynb\n    - 3-veiligheid.ipynb\n", in_part),
        encoding="utf-8",
    )
    found = [(chapter.file, chapter.text, chapter.part) for chapter in load_project(root, "annual").chapters]
    assert found[1:3] == [("1-sociaal-economisch.ipynb", None, "Thema's"), ("3-veiligheid.ipynb", "Veilig", "Thema's")]
    assert {part for _, _, part in (found[0], *found[3:])} == {""}
    profile.write_text(text_of_profile + "    - part: Leeg\n", encoding="utf-8")
    with pytest.raises(PublishError, match="a part with chapters"):
        load_project(root, "annual")


def test_profiles_merge_as_in_quarto() -> None:
    assert merge({"css": ["a"], "lang": "en"}, {"css": "b", "lang": "nl"}) == {"css": ["a", "b"], "lang": "nl"}


@pytest.mark.parametrize("kind", NOTEBOOKS)
def test_the_projects_own_profiles_name_every_chapter(kind: str) -> None:
    chapters = [chapter.file for chapter in load_project(REPOSITORY, kind).chapters]
    notebooks = [name for name in NOTEBOOKS[kind] if name != SUMMARIES[kind]]
    prose = sorted(path.name for path in (REPOSITORY / "reports" / kind).glob("*.qmd"))
    assert chapters[: len(notebooks) + 1] == ["index.ipynb", *(f"{name}.ipynb" for name in notebooks)]
    assert sorted(chapters[len(notebooks) + 1 :]) == prose


# Pages


def test_navigation_leads_through_the_chapters_and_marks_the_current_one(run_dir: Path) -> None:
    page = soup_of(render(run_dir) / "2021" / "1-sociaal-economisch.html")
    assert [link["href"] for link in page.select("nav.hoofdstukken a")] == list(PAGES)
    assert words(page, "nav.hoofdstukken a") == [
        "Samenvatting",
        "1 Sociaal-economisch",
        "2 Veiligheid",
        "Verantwoording",
    ]
    assert words(page, "nav.hoofdstukken [aria-current=page]") == ["1 Sociaal-economisch"]
    assert page.select_one("a[rel=prev]")["href"] == "index.html"
    assert page.select_one("a[rel=next]")["href"] == "3-veiligheid.html"
    assert words(page, "nav.op-deze-pagina a") == ["1.1 Wat is afgesproken"]
    assert page.html["lang"] == "nl"
    skip = page.body.find("a")
    assert page.find(id=skip["href"][1:]).name == "main"


@pytest.mark.parametrize(("status", "expected"), [("voorbeeld", True), ("voorlopig", False), ("vastgesteld", False)])
def test_example_data_are_told_on_every_page(run_dir: Path, status: str, expected: bool) -> None:
    write_record(run_dir, dataset={"status": status, "title": "x", "version": "1"})
    folder = render(run_dir) / "2021"
    for name in PAGES:
        ribbon = " ".join(words(soup_of(folder / name), ".lint"))
        assert (RIBBON in ribbon) is expected, name


def test_the_account_page_names_sources_programme_and_versions(run_dir: Path) -> None:
    page = soup_of(render(run_dir) / "2021" / "verantwoording.html")
    everything = re.sub(r"\s+", " ", page.main.get_text())
    assert "{{<" not in everything and "waar de cijfers over 2021 vandaan komen" in everything
    assert words(page, "#tbl-verantwoording-bronnen td")[:3] == ["47018NED", "politie", "1 december 2025"]
    assert "1.234" in words(page, "#tbl-verantwoording-bronnen td.n")
    assert "Voorbeeldprogramma" in words(page, "#tbl-verantwoording-programma td")
    assert "3f2a" * 16 in words(page, "#tbl-verantwoording-versies td")
    assert page.select_one('a[href="results.csv"]') and (run_dir.parents[2] / "site/2021/results.csv").is_file()


def test_hidden_cells_parameters_and_secrets_are_on_no_page(run_dir: Path) -> None:
    folder = render(run_dir) / "2021"
    everything = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.html"))
    for hidden in ("NIET-TONEN", "secret_step", "/srv/x", "open_view", "show_answers", "#|"):
        assert hidden not in everything
    assert "show_burglaries(view)" in everything


def test_the_year_switch_leads_only_to_reports_that_are_there(run_dir: Path) -> None:
    site = render(run_dir)
    assert not soup_of(site / "2021" / "index.html").select(".jaren a")
    write_record(run_dir, year=2020)
    render(run_dir, "2020")
    assert [link["href"] for link in soup_of(site / "2021" / "3-veiligheid.html").select(".jaren a")] == [
        "../2020/index.html"
    ]
    assert words(soup_of(site / "2020" / "index.html"), ".jaren [aria-current]") == ["2020"]
    render(run_dir, "2022-onvolledig")
    assert words(soup_of(site / "2022-onvolledig" / "index.html"), ".jaren a") == ["2020", "2021"]
    assert words(soup_of(site / "2021" / "index.html"), ".jaren a") == ["2020"]


def test_plotly_is_shared_and_every_colour_has_a_dark_twin(run_dir: Path) -> None:
    site = render(run_dir)
    assert (site / "assets" / "plotly.min.js").stat().st_size > 1_000_000
    sheet = (site / "2021" / "reports" / "style" / "kleuren.css").read_text(encoding="utf-8")
    light, dark, paper = (set(re.findall(r"--[\w-]+(?=:)", block)) for block in sheet.split(":root")[1:])
    assert light == dark == paper
    used = set(re.findall(r"var\((--[\w-]+)", (REPOSITORY / "reports/style/rapport.css").read_text(encoding="utf-8")))
    assert used - {"--font", *(f"--{name}" for name in MEASURES)} <= light


# Clean-up, checks, swap


def test_what_another_host_serves_is_removed_and_links_stay(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text(
        '<html><head><script src="https://cdnjs.cloudflare.com/require.js"></script>'
        '<script src="//code.jquery.com/jquery.js"></script><link rel="stylesheet" href="http://x.nl/f.css">'
        "<style>@import url(https://fonts.googleapis.com/css); p{color:red}</style>"
        '<script src="figuren.js"></script></head><body><img src="https://x.nl/p.png">'
        '<a href="https://www.cbs.nl">CBS</a></body></html>',
        encoding="utf-8",
    )
    sheet = tmp_path / "x.css"
    sheet.write_text(
        "@font-face{font-family:a;src:url(https://x.nl/a.woff)} p{background:url(a.png)}", encoding="utf-8"
    )
    assert len(find_remote(tmp_path)) == 6
    assert len(clean_pages(tmp_path)) == 6
    assert find_remote(tmp_path) == []
    left = page.read_text(encoding="utf-8")
    assert 'src="figuren.js"' in left and 'href="https://www.cbs.nl"' in left and "color:red" in left
    assert "background:url(a.png)" in sheet.read_text(encoding="utf-8")


def test_dead_links_anchors_and_empty_chapters_are_found(tmp_path: Path) -> None:
    body = '<main><h1>A</h1><p>Zie <a href="{}">x</a></p></main>'
    (tmp_path / "index.html").write_text(body.format("b.html#weg"), encoding="utf-8")
    (tmp_path / "b.html").write_text(body.format("c.html"), encoding="utf-8")
    (tmp_path / "leeg.html").write_text("<main><h1>A</h1><nav>x</nav></main>", encoding="utf-8")
    with pytest.raises(PublishError) as caught:
        check_pages(tmp_path, ["index.html", "b.html", "leeg.html", "niet.html"])
    message = str(caught.value)
    assert "index.html: b.html#weg leads to no place" in message
    assert "b.html: c.html is not there" in message
    assert "leeg.html is empty" in message
    assert "niet.html was not made" in message


def test_a_failure_leaves_what_was_published(run_dir: Path) -> None:
    site = render(run_dir)
    before = {path: path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}
    cells = [text("# Veiligheid {#sec-veiligheid}"), text("[weg](bestaat-niet.html)"), code("x", table())]
    write_notebook(run_dir, "3-veiligheid", cells)
    write_notebook(run_dir, "0-samenvatting", [text("# Samenvatting"), code("x", table())])
    write_notebook(run_dir, "1-sociaal-economisch", [text("# Sociaal-economisch"), code("x", table())])
    with pytest.raises(PublishError, match=r"bestaat-niet\.html is not there"):
        render(run_dir)
    assert {path: path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()} == before


def test_a_failed_swap_puts_the_old_report_back(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = render(run_dir)
    before = (site / "2021" / "index.html").read_bytes()
    replace = os.replace

    def refuse_the_new_one(source: Path, target: Path) -> None:
        if Path(target) == site / "2021" and not str(source).endswith("-old"):
            raise OSError(28, "No space left on device")
        replace(source, target)

    monkeypatch.setattr(publish.os, "replace", refuse_the_new_one)
    with pytest.raises(OSError, match="No space left"):
        render(run_dir)
    assert (site / "2021" / "index.html").read_bytes() == before
    assert sorted(path.name for path in site.iterdir()) == ["2021", "assets"]


def test_a_new_report_replaces_the_old_one_whole(run_dir: Path) -> None:
    site = render(run_dir)
    (site / "2021" / "oud.html").write_text("x", encoding="utf-8")
    render(run_dir)
    assert not (site / "2021" / "oud.html").exists()


def test_the_same_run_gives_the_same_pages(run_dir: Path) -> None:
    site = render(run_dir)
    before = {path.name: path.read_bytes() for path in (site / "2021").glob("*.html")}
    render(run_dir)
    assert {path.name: path.read_bytes() for path in (site / "2021").glob("*.html")} == before


# Quarto


def test_quartos_warnings_about_references_are_faults() -> None:
    check_log("[1/4] index.ipynb\nWARN: something about a font\nOutput created: _site/index.html", 0)
    with pytest.raises(PublishError, match="Unable to resolve crossref @fig-weg"):
        check_log("[WARNING] Unable to resolve crossref @fig-weg\nOutput created", 0)
    with pytest.raises(PublishError, match="Quarto failed:\n  ERROR: no index"):
        check_log("ERROR: no index", 1)


def test_quarto_asked_for_but_absent_is_told(run_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PublishError, match="Quarto is not installed"):
        render_report(run_dir, site=tmp_path / "site", name="2021", engine="quarto")
    report = render_report(run_dir, site=tmp_path / "site", name="2021")
    assert report.engine == "embedded" and [page.name for page in report.pages] == list(PAGES)


def pretend_quarto(folder: Path, body: str, exit_code: int = 0) -> None:
    """Put a program called quarto in `folder` that writes every chapter's page with `body`."""
    folder.mkdir()
    program = folder / "quarto"
    program.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, shutil, sys\n"
        "if sys.argv[1:] == ['--version']: sys.exit(print('1.9.32'))\n"
        "assert sys.argv[1:5] == ['render', '.', '--profile', 'annual'], sys.argv\n"
        "site = pathlib.Path('_site'); site.mkdir()\n"
        f"for name in {PAGES!r}:\n"
        "    kop = pathlib.Path('kop.html').read_text(encoding='utf-8')\n"
        f"    (site / name).write_text({POLICY_TAG!r} + kop + {body!r}, encoding='utf-8')\n"
        f"sys.exit({exit_code})\n",
        encoding="utf-8",
    )
    program.chmod(0o755)


def test_quartos_pages_are_cleaned_checked_and_published(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remote = '<script src="https://cdnjs.cloudflare.com/ajax/libs/require.js/2.3.6/require.min.js"></script>'
    labels = "".join(
        f'<i id="{label}"></i>' for label in ("tbl-oogopslag", "tbl-doelen", "fig-meldingen", "fig-inbraken")
    )
    body = f'{remote}<main id="quarto-document-content"><h1>A</h1><p>Tekst.{labels}</p></main>'
    pretend_quarto(tmp_path / "bin", body)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    report = render_report(run_dir, site=tmp_path / "site", name="2021", engine="quarto")
    assert report.engine == "quarto" and len(report.removed) == len(PAGES)
    (record,) = tmp_path.glob("project/build/report/*/2021/run.json")
    assert json.loads(record.read_text(encoding="utf-8"))["quarto"] == "1.9.32"
    for page in report.pages:
        assert RIBBON in " ".join(words(soup_of(page), ".lint")) and "cdnjs" not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("body", "exit_code", "message"),
    [
        ("<main id='quarto-document-content'><h1>A</h1><p>?@fig-weg</p></main>", 0, "References without an end"),
        ("<main id='quarto-document-content'><h1>A</h1></main>", 0, "is empty under its heading"),
        ("<main id='quarto-document-content'><h1>A</h1><p>x</p></main>", 1, "Quarto failed"),
    ],
)
def test_what_quarto_made_wrongly_is_not_published(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, exit_code: int, message: str
) -> None:
    site = render(run_dir)
    before = (site / "2021" / "index.html").read_bytes()
    pretend_quarto(tmp_path / "bin", body, exit_code)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(PublishError, match=message):
        render_report(run_dir, site=site, name="2021", engine="quarto")
    assert (site / "2021" / "index.html").read_bytes() == before


QUARTO_PAGE = """<!DOCTYPE html><html><head><script src="site_libs/quarto.js"></script></head><body>
<nav id="quarto-sidebar"><a href="./">Titel</a></nav>
<main class="content" id="quarto-document-content"><header class="kop">Kop</header>
<header id="title-block-header"><h1 class="title"><span id="sec-v" class="quarto-section-identifier"><span
class="chapter-number">3</span>&nbsp; <span class="chapter-title">Veiligheid</span></span></h1></header>
<section id="gedaan" class="level2"><h2 class="anchored"><span class="header-section-number">3.1</span>
Gedaan</h2><p><a href="./x.html#fig-y">x</a></p>
<div class="cell" id="stap"><details class="code-fold"><summary>Hoe gemaakt</summary></details>
<div id="fig-a" class="cell-output quarto-float"><figure class="quarto-float quarto-float-fig figure">
<figcaption id="fig-a-caption-0">Figuur&nbsp;3.1: A</figcaption><div aria-describedby="fig-a-caption-0">
<p>Uitkomst</p></div></figure></div></div>
<div class="callout callout-style-default callout-tip" title="Dicht"><div class="callout-header collapsed"
data-bs-toggle="collapse" aria-expanded="false"><div class="callout-icon-container"></div>
<div class="callout-title-container"><span class="screen-reader-only">Tip</span>Dicht</div></div><div class="collapse">
<div class="callout-body-container callout-body"><p>Meer</p></div></div></div>
<table class="table"><tbody><tr><td>1</td></tr></tbody></table></section></main></body></html>"""


def test_the_chapter_is_taken_from_quartos_page() -> None:
    page = read_quarto_page(QUARTO_PAGE, Chapter("3-v.ipynb"))
    assert (page.href, page.number, page.text, page.is_missing) == ("3-v.html", "3", "Veiligheid", False)
    assert [(heading.level, heading.anchor, heading.text) for heading in page.headings] == [(2, "gedaan", "3.1 Gedaan")]
    body = BeautifulSoup(page.body, "html.parser")
    assert words(body, "h1#sec-v") == ["3 Veiligheid"] and not body.select(".kop, section, [data-bs-toggle], #stap")
    assert [child.name for child in body.select_one(".cell").find_all(True, recursive=False)] == ["figure", "details"]
    assert words(body, "figure#fig-a > figcaption + p") == ["Uitkomst"]
    assert words(body, "details.callout-tip:not([open]) > summary") == ["Dicht"]
    assert words(body, "details.callout-tip > .callout-body") == ["Meer"]
    assert body.select_one(".tabel > table") and body.select_one('a[href="x.html#fig-y"]')


def test_pages_without_a_number_refer_to_chapters_by_number() -> None:
    link = '<a class="quarto-xref" href="{}">{}<span>{}</span></a>'
    body = link.format("b.html", "", "3 B") + link.format("b.html", "hoofdstuk ", "3 B")
    body += link.format("b.html#c", "", "C") + link.format("b.html#fig-d", "Figuur ", "3.1")
    index = Page("index.html", "", "Samenvatting", (), body, is_missing=False)
    chapter = Page("b.html", "3", "B", (Heading(2, "c", "3.2 C"), Heading(3, "e", "2021")), body, is_missing=False)
    named, same = number_references([index, chapter])
    assert same == chapter
    found = [link.get_text() for link in BeautifulSoup(named.body, "html.parser").select("a")]
    assert found == ["Hoofdstuk\xa03", "hoofdstuk 3", "Paragraaf\xa03.2", "Figuur 3.1"]


def test_a_quarto_page_without_a_chapter_is_refused() -> None:
    for text_of_page in ("<p>x</p>", '<main id="quarto-document-content"><p>x</p></main>'):
        with pytest.raises(PublishError, match=r"3-v\.html: Quarto made a page without"):
            read_quarto_page(text_of_page, Chapter("3-v.ipynb"))


def test_quartos_frame_is_replaced_also_when_one_chapter_is_rendered_anew(
    run_dir: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    staged = stage_report(run_dir, tmp_path / "staged")
    made = staged / "_site"
    (made / "site_libs").mkdir(parents=True)
    (made / "search.json").write_text("[]", encoding="utf-8")
    for name in PAGES[1:]:
        (made / name).write_text(QUARTO_PAGE, encoding="utf-8")
    summary = '<section id="sec-s" class="level1 unnumbered"><h1 class="unnumbered">Samenvatting</h1></section></main>'
    (made / "index.html").write_text(QUARTO_PAGE.replace("</main>", summary), encoding="utf-8")
    monkeypatch.chdir(staged)
    monkeypatch.setenv("QUARTO_PROJECT_OUTPUT_DIR", str(made))
    finish_pages()
    once = {path.name: path.read_text(encoding="utf-8") for path in made.iterdir() if path.is_file()}
    assert sorted(name for name in once if not name.startswith("cijfers")) == sorted(PAGES)
    (made / "3-veiligheid.html").write_text(QUARTO_PAGE, encoding="utf-8")
    finish_pages()
    assert {path.name: path.read_text(encoding="utf-8") for path in made.iterdir() if path.is_file()} == once
    page = soup_of(made / "3-veiligheid.html")
    assert [link["href"] for link in page.select("nav.hoofdstukken a")] == list(PAGES)
    assert RIBBON in words(page, "body > .lint")[0] and words(page, "nav.op-deze-pagina a") == ["3.1 Gedaan"]
    assert not page.select("#quarto-sidebar, script[src*=site_libs]")
    assert words(soup_of(made / "index.html"), "h1") == ["Samenvatting"]


def reading(page: Path) -> dict[str, object]:
    """Return what a reader meets on a page, which both engines must give alike."""
    soup = soup_of(page)
    return {
        "title": words(soup, "title"),
        "navigation": words(soup, "nav.hoofdstukken a"),
        "page contents": [(link["href"], line(link)) for link in soup.select("nav.op-deze-pagina a")],
        "headings": [(tag.name, tag["id"], line(tag)) for tag in soup.select("h1, main h2, main h3")],
        "captions": words(soup, "main figcaption"),
        "labels": [(tag.name, tag["id"]) for tag in soup.select("main figure[id]")],
        "tables": len(soup.select("main .tabel > table")),
        "drawings": [tag["data-figuur"] for tag in soup.select("main .figuur-vlak")],
        "callouts": words(soup, "main .callout-title, main .callout > summary"),
        "chapters named": [(link["href"].partition("#")[0], line(link)) for link in soup.select("main a")],
        "text": re.sub(r"\s+", "", soup.main.get_text()),
    }


SHORTCODES = "Wat {{< include run.json >}} is, >}} en {{<x>}} of {{< var report.year >}}"
RICH_CELLS = (
    "Zie [-@tbl-extra], [hoofdstuk @sec-veiligheid], @sec-gedaan en <https://www.cbs.nl>; $x^2$ is kaal `pad`.",
    "| Jaar | n |\n|------|--:|\n| 2021 | 6 |\n\n: Een *tabel* van zichzelf {#tbl-extra}",
    '::: {.callout-tip collapse="true"}\n## Kop\nMeer.\n:::\n\n::: {.callout-important}\nLet op.\n:::',
    "### Verder\n\nNog iets.\n\n## Zonder nummer {.unnumbered}\n\nSlot.",
    f"## {literal(SHORTCODES)} {{#sec-woorden}}\n\n{literal(SHORTCODES)} Zie @sec-woorden.",
)


def test_quarto_sees_no_shortcode_in_words_and_the_reader_sees_the_words(tmp_path: Path) -> None:
    heading, title = tmp_path / "a.ipynb", tmp_path / "_variables.yml"
    heading.write_text(json.dumps({"source": [f"# {literal(SHORTCODES)}"]}, indent=1), encoding="utf-8")
    title.write_text(json.dumps({"deal": literal(SHORTCODES)}), encoding="utf-8")
    quarto._break_shortcodes(tmp_path)
    seen = [
        read_literal(json.loads(heading.read_text("utf-8"))["source"][0][2:]),
        read_literal(json.loads(title.read_text("utf-8"))["deal"]),
    ]
    assert seen[0] == seen[1] and not re.search(r"\{\{|\}\}", seen[0])
    (tmp_path / "a.html").write_text(f"<h1 title='{seen[0]}'>{seen[0]}</h1>", encoding="utf-8")
    quarto._show_shortcodes(tmp_path)
    assert soup_of(tmp_path / "a.html").h1.get_text() == soup_of(tmp_path / "a.html").h1["title"] == SHORTCODES


@pytest.mark.skipif(choose_engine("auto") != "quarto", reason="Quarto is not installed")
@pytest.mark.parametrize("fails", [False, True])
def test_both_engines_give_the_reader_the_same(run_dir: Path, tmp_path: Path, fails: bool) -> None:
    name = "1-sociaal-economisch"
    write_notebook(run_dir, name, [*notebooks()[name], *(text(source) for source in RICH_CELLS)])
    write_record(run_dir, title=f"Verslag {SHORTCODES}", deal_name=f"Deal {SHORTCODES}")
    if fails:
        fail_notebook(run_dir, "1 fault:\n  outputs.csv, row 3: got *x*; expected y")
    by_quarto, embedded = (
        render_report(run_dir, site=tmp_path / engine, name="2021", engine=engine) for engine in ("quarto", "embedded")
    )
    assert [page.name for page in by_quarto.pages] == [page.name for page in embedded.pages] == list(PAGES)
    for made, expected in zip(by_quarto.pages, embedded.pages, strict=True):
        assert reading(made) == reading(expected), made.name
        assert fails or f"Deal {SHORTCODES}" in words(soup_of(made), "header")[0]
        assert len(soup_of(made).select("h1")) == 1 and RIBBON in " ".join(words(soup_of(made), "body > .lint"))
    assert any(title.endswith(SHORTCODES) for title in words(soup_of(by_quarto.pages[1]), "h2"))
    assert ("niet gemaakt" in words(soup_of(by_quarto.index), ".hoofdstukken .toestand")) is fails
    assert "NIET-TONEN" not in by_quarto.pages[1].read_text(encoding="utf-8")
    folders = (by_quarto.index.parent, embedded.index.parent)
    files = [sorted(path.relative_to(folder) for path in folder.rglob("*")) for folder in folders]
    assert files[0] == files[1]


def test_the_figure_script_is_well_formed() -> None:
    script = REPOSITORY / "reports" / "style" / "figuren.js"
    done = subprocess.run([own_node(), "--check", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
