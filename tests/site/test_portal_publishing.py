"""The pages around the reports at the root of the site: put there at once, and only when nothing is wrong with them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbformat import v4

import evaluation.publish.publishing as publish
from evaluation.base.errors import PublishError
from evaluation.present.results import to_csv
from evaluation.publish.publishing import render_portal, render_report
from tests.site.made_run import code, figure, make_project, make_run, record, table, text, write_notebook

PROFILE = """\
project:
  resources: [results.csv, run.json]
book:
  chapters:
    - file: index.ipynb
      text: Overzicht
    - part: Thema's
      chapters: [s1-thema.ipynb]
    - data-en-methode.qmd
    - begrippen.qmd
    - toegankelijkheid.qmd
format: {html: {include-after-body: reports/style/voet-site.html}}
"""
THEME = "s1-thema-3-veiligheid"
PAGES = ("index.html", f"{THEME}.html", "data-en-methode.html", "begrippen.html", "toegankelijkheid.html")


def theme_cells(label: str = "fig-inbraken-3") -> list:
    return [
        text("# Veiligheid {#sec-thema .unnumbered}"),
        text("## Wat is afgesproken {#afgesproken}\n\nZie [het verslag](2021/3-veiligheid.html#sec-gedaan)."),
        code(f'#| label: {label}\n#| fig-cap: "Woninginbraken."\nthema.indicators()', figure("inbraken")),
    ]


def front_cells() -> list:
    return [
        text("# Hoe staat het ervoor? {#sec-voorpagina .unnumbered}"),
        text(f"[Veiligheid]({THEME}.html#afgesproken) en het [verslag over 2021](2021/index.html)."),
        code('#| label: tbl-oogopslag\n#| tbl-cap: "In één oogopslag."\nshow()', table()),
    ]


@pytest.fixture
def run_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of the pages around a report over 2021 that is published."""
    root = make_project(tmp_path / "project")
    monkeypatch.setenv("REGIODEAL_ROOT", str(root))
    (root / "_quarto-site.yml").write_text(PROFILE, encoding="utf-8")
    annual = make_run(root)
    (annual / "results.csv").write_text(to_csv([]), encoding="utf-8")
    render_report(annual, site=root / "build" / "site", name="2021", engine="embedded")
    folder = root / "build" / "runs" / "parkstad-limburg" / "site"
    folder.mkdir()
    write_notebook(folder, "s0-voorpagina", front_cells())
    write_notebook(folder, THEME, theme_cells())
    (folder / "results.csv").write_text(to_csv([]), encoding="utf-8")
    write_run(folder)
    return folder


def write_run(folder: Path, **changes) -> None:
    theme = {"status": "ok", "notebook": "s1-thema", "title": "Veiligheid"}
    notebooks = {"s0-voorpagina": {"status": "ok"}, THEME: {**theme, **changes}}
    content = record(edition="site", kind="site", year=2021, notebooks=notebooks)
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")


def site_of(run_dir: Path) -> Path:
    return run_dir.parents[2] / "site"


def render(run_dir: Path):
    return render_portal(run_dir, site=site_of(run_dir), engine="embedded")


def soup_of(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def content_of(folder: Path) -> dict[str, str]:
    """Hash every file of a site."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_pages_stand_at_the_root_and_lead_to_the_reports_and_back(run_dir: Path) -> None:
    site, before = site_of(run_dir), content_of(site_of(run_dir))
    made = render(run_dir)
    assert made.index == site / "index.html" and [page.name for page in made.pages] == list(PAGES)
    front, chapter = soup_of(made.index), soup_of(site / "2021" / "3-veiligheid.html")
    assert [link["href"] for link in front.select(".jaren a")] == ["index.html", "2021/index.html"]
    assert [link["href"] for link in chapter.select(".jaren a")] == ["../index.html"]
    assert front.select_one("script[data-plotly]")["data-plotly"] == "assets/plotly.min.js"
    assert (site / "assets" / "plotly.min.js").is_file() and (site / "reports" / "style" / "rapport.css").is_file()
    assert [part.get_text() for part in front.select("nav.hoofdstukken .deel")] == ["Thema's"]
    assert "Data en methode" in front.select_one(".lint a").get_text()
    assert front.select_one(".voet a[href='begrippen.html']") and not front.select(".voet a[href*=verantwoording]")
    same = {name for name, digest in content_of(site).items() if before.get(name) == digest}
    pages = {name for name in before if name.startswith("2021/") and name.endswith(".html")}
    assert set(before) - same == {*pages, "assets/zoekindex.js"}
    listed = [link["href"] for link in soup_of(site / "data-en-methode.html").select("#tbl-verantwoording-downloads a")]
    files = ["results.csv", "downloads/results.parquet", "downloads/codebook.csv", "run.json"]
    assert listed == [f"2021/{name}" for name in files] and all((site / name).is_file() for name in listed)


def test_making_them_anew_leaves_no_page_of_before_and_equal_input_gives_equal_pages(run_dir: Path) -> None:
    site = site_of(run_dir)
    render(run_dir)
    once = content_of(site)
    (site / "s1-thema-9-weg.html").write_text("<p>oud</p>", encoding="utf-8")
    render(run_dir)
    assert content_of(site) == once
    assert not [path.name for path in site.parent.iterdir() if path.name.startswith(".site-")]


def test_a_report_made_later_keeps_the_pages_and_is_led_to(run_dir: Path) -> None:
    site = site_of(run_dir)
    render(run_dir)
    annual = run_dir.parent / "2021"
    (annual / "run.json").write_text(json.dumps(record(year=2020, edition="2020")), encoding="utf-8")
    render_report(annual, site=site, name="2020", engine="embedded")
    links = [link["href"] for link in soup_of(site / f"{THEME}.html").select(".jaren a")]
    assert links == ["index.html", "2020/index.html", "2021/index.html"]
    assert (site / "index.html").is_file()


def break_chapter(run_dir: Path) -> None:
    write_run(run_dir, status="failed", error={"name": "ValueError", "message": "x", "cell": "c"})


def lose_figure(run_dir: Path) -> None:
    cells = theme_cells()
    cells[2].outputs = []
    write_notebook(run_dir, THEME, [*cells, code("show()", table())])


def empty_figure(run_dir: Path) -> None:
    cells = theme_cells()
    html = cells[2].outputs[0].data["text/html"]
    start, end = html.index('id="data-inbraken">') + len('id="data-inbraken">'), html.index("</script>")
    cells[2].outputs = [v4.new_output("display_data", data={"text/html": html[:start] + html[end:]})]
    write_notebook(run_dir, THEME, cells)


def refer_to_nothing(run_dir: Path) -> None:
    write_notebook(run_dir, THEME, [*theme_cells(), text("Zie @fig-nergens.")])


def link_to_nothing(run_dir: Path) -> None:
    write_notebook(run_dir, THEME, [*theme_cells(), text("Zie [hier](2019/index.html).")])


@pytest.mark.parametrize(
    ("plant", "told"),
    [
        (break_chapter, f"not made: {THEME}"),
        (lose_figure, f"{THEME}.html: fig-inbraken-3 is missing"),
        (empty_figure, "the figure inbraken has nothing to draw"),
        (refer_to_nothing, "fig-nergens"),
        (link_to_nothing, f"{THEME}.html: 2019/index.html is not there"),
    ],
)
def test_what_is_wrong_is_never_published(run_dir: Path, plant, told: str) -> None:
    site = site_of(run_dir)
    render(run_dir)
    before = content_of(site)
    plant(run_dir)
    with pytest.raises(PublishError, match=told):
        render(run_dir)
    assert content_of(site) == before
    assert not [path.name for path in site.parent.iterdir() if path.name.startswith(".site-")]


def test_a_render_that_fails_leaves_the_site_as_it_was(run_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    render(run_dir)
    before = content_of(site_of(run_dir))

    def fail(folder: Path, output: Path) -> None:
        (output / "index.html").write_text("half", encoding="utf-8")
        raise PublishError("pandoc stopped")

    monkeypatch.setattr(publish, "render_embedded", fail)
    with pytest.raises(PublishError, match="pandoc stopped"):
        render(run_dir)
    assert content_of(site_of(run_dir)) == before


def test_a_report_with_a_lost_figure_is_not_published_either(run_dir: Path) -> None:
    annual, site = run_dir.parent / "2021", site_of(run_dir)
    before = content_of(site)
    cells = [text("# Veiligheid"), code('#| label: fig-x\n#| fig-cap: "X."\nshow()'), code("show()", table())]
    write_notebook(annual, "3-veiligheid", [*cells, text("## Gedaan {#sec-gedaan}\n\n## V {#sec-veiligheid}")])
    with pytest.raises(PublishError, match="fig-"):
        render_report(annual, site=site, name="2021", engine="embedded")
    assert content_of(site) == before
