"""Three made-up deals unlike the first one come through everything, and nothing of that one is in what they give."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook

from evaluation.base.today import TODAY_VARIABLE
from tests.awkward_deals import DEALS, TODAY, Awkward, write_deal
from tests.conftest import Project, copy_project, made_once
from tests.first_deal_words import ARTICLES, PLACES, found_beside_the_register, found_in, found_in_bundle

EDITIONS = ("annual", "final")  # and "portfolio", which is about all deals: it names the first one, as one of them
PRINTED = "b"
"""The deal of which PDF and Word are made in the usual suite; of the others in the slow one."""

pytestmark = pytest.mark.usefixtures("_one_day")


@pytest.fixture(scope="module", autouse=True)
def _one_day() -> Iterator[None]:
    """Let it be the day on which deal b runs and the others are over."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(TODAY_VARIABLE, TODAY)
        yield


LARGEST = "c"
"""Twelve themes and ten municipalities: its annual report is made in the usual suite, the rest in the slow one."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the files of all three, of which nothing was made."""
    project = copy_project(tmp_path_factory.mktemp("written") / "project")
    for deal in DEALS.values():
        write_deal(deal, project.root)
    return project


@pytest.fixture(scope="session")
def annual_of_largest(shared_folder: Path) -> tuple[Project, Awkward]:
    """The annual report of the largest of them."""
    deal = DEALS[LARGEST]

    def make(project: Project) -> None:
        write_deal(deal, copy_project(project.root).root)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(TODAY_VARIABLE, TODAY)
            project.make("report", "--year", str(deal.year), "--deal", deal.id)

    return made_once(shared_folder / f"awkward-{LARGEST}-annual", make), deal


@pytest.fixture(
    scope="session",
    params=[pytest.param(key, marks=[pytest.mark.slow] if key == LARGEST else []) for key in sorted(DEALS)],
)
def made(request: pytest.FixtureRequest, shared_folder: Path) -> tuple[Project, Awkward]:
    """A project with one of the deals beside the first one: its annual report, final evaluation and site."""
    key, deal = request.param, DEALS[request.param]

    def make(project: Project) -> None:
        write_deal(deal, copy_project(project.root).root)
        printed = ("--format", "html,pdf,docx") if key == PRINTED else ()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(TODAY_VARIABLE, TODAY)
            what = ("final", "--years", f"{deal.year}-{deal.year}")
            told = project.make("report", *what, "--deal", deal.id, *printed)
            told += project.make("site", "--pages-only", "--deal", deal.id)
        for place in (str(deal.year), deal.final, ""):
            assert f"build/site/{deal.id}/{place}{'/' * bool(place)}index.html" in told

    return made_once(shared_folder / f"awkward-{key}", make), deal


def site_of(project: Project, deal: Awkward) -> Path:
    return project.site / deal.id


def main_text(page: Path) -> str:
    main = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").find("main")
    for code in main.select("pre, script"):
        code.extract()
    return " ".join(main.get_text(" ").split())


def numbers_of(project: Project, deal: Awkward, edition: str) -> dict[str, dict[str, str]]:
    path = project.root / "build" / "runs" / deal.id / edition / "results.csv"
    return {row["result_id"]: row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())}


@pytest.mark.parametrize("key", sorted(DEALS))
def test_it_passes_the_check(key: str, written: Project) -> None:
    done = written.regiodeal_here("check", "--deal", DEALS[key].id)
    assert done.returncode == 0, done.stderr
    assert f"In order: {DEALS[key].name}" in done.stdout


def test_nothing_of_the_first_deal_is_in_what_is_published(made: tuple[Project, Awkward], tmp_path: Path) -> None:
    project, deal = made
    done = project.regiodeal_here(
        "publish", "--deal", deal.id, "--to", str(tmp_path / "public"), "--url", "https://example.org/deal/"
    )
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "public").rglob("*")}
    assert {"feed.xml", "sitemap.xml", "zoekindex.js", "results.zip", "dcat.jsonld"} <= names
    assert not found_in(tmp_path / "public")


def test_the_search_for_the_first_deal_finds_it(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "<html><head><meta name='description' content='Heerlen'></head><body><main>Artikel 7.4</main></body></html>"
    )
    (tmp_path / "feed.xml").write_text("<title>Regio Deal Parkstad</title>")
    assert len(found_in(tmp_path)) == 3


def test_pdf_and_word_are_beside_the_pages(made: tuple[Project, Awkward]) -> None:
    project, deal = made
    if deal is not DEALS[PRINTED]:
        pytest.skip("made of the others in the slow suite")
    site = site_of(project, deal)
    for place, name in ((str(deal.year), f"voortgangsrapportage-{deal.year}"), (deal.final, deal.final)):
        assert {f"{name}.pdf", f"{name}.docx"} <= {path.name for path in (site / place).iterdir()}


@pytest.mark.slow
@pytest.mark.parametrize("key", sorted(set(DEALS) - {PRINTED}))
def test_the_others_can_be_printed_too(key: str, shared_folder: Path, tmp_path: Path) -> None:
    project, deal = copy_of(shared_folder, key, tmp_path), DEALS[key]
    told = project.make("report", "final", "--deal", deal.id, "--format", "html,pdf,docx")
    assert f"{deal.final}.pdf" in told and f"{deal.final}.docx" in told
    assert not found_in(site_of(project, deal) / deal.final)


@pytest.mark.parametrize(
    ("key", "edition"),
    [
        pytest.param(key, edition, marks=[] if (key, edition) == (PRINTED, "annual") else pytest.mark.slow)
        for key in sorted(DEALS)
        for edition in EDITIONS
    ],
)
def test_its_bundle_has_nothing_of_others_and_gives_the_same_numbers(
    key: str, edition: str, shared_folder: Path, tmp_path: Path
) -> None:
    project, deal = copy_of(shared_folder, key, tmp_path), DEALS[key]
    path = bundle_of(project, deal, str(deal.year) if edition == "annual" else edition, tmp_path)
    assert not found_in_bundle(path)
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    assert {name for name in names if name.startswith("project/data/deal/")} == {f"project/data/deal/{deal.id}.yml"}
    assert {name.split("/")[3] for name in names if name.startswith("project/data/indicators/")} == {deal.id}
    assert "project/notebooks/thema.ipynb" in names and "project/notebooks/3-veiligheid.ipynb" not in names
    give_the_same_numbers(path, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("key", sorted(DEALS))
def test_all_deals_together_beside_it_and_their_bundle(key: str, shared_folder: Path, tmp_path: Path) -> None:
    """The report on all deals names the first one, as one of 81: that is the exception, and it has no chapter of it."""
    project, deal = copy_of(shared_folder, key, tmp_path), DEALS[key]
    project.make("report", "portfolio", "--deal", deal.id)
    assert not found_beside_the_register(site_of(project, deal) / "portfolio")
    path = bundle_of(project, deal, "portfolio", tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert "project/notebooks/3-veiligheid.ipynb" not in archive.namelist()
    give_the_same_numbers(path, tmp_path)


def bundle_of(project: Project, deal: Awkward, what: str, folder: Path) -> Path:
    done = project.regiodeal_here("bundle", what, "--deal", deal.id, "--to", str(folder / "bundle.zip"))
    assert done.returncode == 0, done.stderr
    return folder / "bundle.zip"


def give_the_same_numbers(bundle: Path, folder: Path) -> None:
    """Run a bundle again, with the sum that its publisher gave: every number is reproduced, and nothing differs."""
    digest = hashlib.sha256(bundle.read_bytes()).hexdigest()
    asked = ("reproduce", str(bundle), "--to", str(folder / "again"), "--here", "--sha256", digest)
    done = Project(folder / "project").regiodeal(*asked)
    assert done.returncode == 0, (done.stdout, done.stderr)
    told = json.loads((folder / "again" / "report.json").read_text(encoding="utf-8"))
    numbers = told["numbers"]
    assert numbers["reproduced"] == numbers["expected"] > 0 and numbers["within_tolerance"] == 0
    assert not numbers["differ"] and not numbers["could_not_run"] and not told["bundle_changes"]


def copy_of(shared_folder: Path, key: str, tmp_path: Path) -> Project:
    """A copy of the project of a deal that a test may change; made here where it is not there yet."""
    source = shared_folder / f"awkward-{key}" / "project"
    project = Project(tmp_path / "project")
    if source.is_dir():
        shutil.copytree(source, project.root)
    else:
        write_deal(DEALS[key], copy_project(project.root).root)
        deal = DEALS[key]
        project.make("report", "final", "--years", f"{deal.year}-{deal.year}", "--deal", deal.id)
    return project


@pytest.mark.parametrize("key", sorted(DEALS))
def test_a_workbook_goes_out_and_comes_back(key: str, written: Project, tmp_path: Path) -> None:
    deal, book = DEALS[key], tmp_path / "programma.xlsx"
    done = written.regiodeal_here("template", "--deal", deal.id, "--filled", "--to", str(book))
    assert done.returncode == 0, done.stderr
    work = load_workbook(book)
    cells = (cell for sheet in work for row in sheet.iter_rows() for cell in row)
    said = " ".join(f"{cell.value} {cell.comment.text if cell.comment else ''}" for cell in cells)
    assert not PLACES.search(said) and not ARTICLES.search(said)
    done = written.regiodeal_here("import", str(book), "--deal", deal.id, "--dry-run")
    assert done.returncode == 0, (done.stdout, done.stderr)


# What only one of them has


@pytest.mark.parametrize("made", ["a"], indirect=True)
def test_a_deal_has_its_own_words_articles_and_funders(made: tuple[Project, Awkward]) -> None:
    project, deal = made
    site = site_of(project, deal)
    money, steering = (main_text(site / "2024" / f"{name}.html") for name in ("7-financien", "8-uitvoering-en-sturing"))
    assert "over de opgaven (artikel 24)" in money and "waterschap" in money and "hogeschool" in money
    assert "programmalijn" in money.lower() and "thema" not in money.lower()
    assert "voortgangsrapportage van artikel 8.3" in steering and "Een jaar later klaar" in steering
    account = main_text(site / "2024" / "verantwoording.html")
    assert "(artikel 8, derde lid)" in account and "de eindevaluatie (artikel 8, zesde lid)" in account.lower()
    first = main_text(site / "2024" / "1-water-vasthouden.html")
    assert "20 tot 30 kilometer" in first and "verkenning" in first and "dit thema" not in first


@pytest.mark.parametrize("made", ["a"], indirect=True)
def test_a_report_ends_on_the_last_day_of_the_deal(made: tuple[Project, Awkward]) -> None:
    project, deal = made
    numbers = numbers_of(project, deal, "2024")
    assert numbers["1.oevers.geleverd.2024.value"]["value"] == "10"  # and not what came after 12 July
    assert "op 12 juli 2024" in main_text(site_of(project, deal) / "2024" / "index.html").lower()
    final = main_text(site_of(project, deal) / "eindevaluatie" / "index.html")
    assert "Aan het eind van de looptijd (12 juli 2024)" in final


@pytest.mark.parametrize("made", ["a"], indirect=True)
def test_a_final_chapter_shows_the_effects_of_the_plan(made: tuple[Project, Awkward]) -> None:
    project, deal = made
    numbers = numbers_of(project, deal, deal.final)
    grade = numbers["7.woninginbraak-streek.tweelandschap.2024.grade"]
    assert (
        grade["status"] == "computed"
        and float(numbers["7.woninginbraak-streek.tweelandschap.2024.n_placebo"]["value"]) >= 19
    )
    chapter = BeautifulSoup(
        (site_of(project, deal) / deal.final / "e7-veilige-buurten.html").read_text(), "html.parser"
    )
    assert chapter.select("#fig-eind-effect-e7-veilige-buurten svg, #fig-eind-effect-e7-veilige-buurten img")
    assert (site_of(project, deal) / deal.final / "e9-methoden.html").is_file()


@pytest.mark.parametrize("made", ["b"], indirect=True)
def test_a_deal_that_runs_gives_an_account_until_now(made: tuple[Project, Awkward]) -> None:
    project, deal = made
    site = site_of(project, deal)
    first = main_text(site / "tussenstand" / "index.html")
    assert "Dit is een tussenstand: de deal loopt tot en met 31 december 2027" in first
    assert "Tussenstand van de evaluatie, eind 2025" in main_text(site / "index.html")
    assert "geen eindevaluatie" in main_text(site / "tussenstand" / "verantwoording.html")
    assert not (site / "tussenstand" / "e9-methoden.html").exists(), "its plan compares with no other regions"
    assert "de wijken Bargeres en Emmerhout" in main_text(site / "2025" / "verantwoording.html")
    done = project.regiodeal_here("report", "--deal", deal.id, "--year", "2026")
    assert done.returncode == 2 and "runs until 2026-12-31, and today is 2026-07-01" in done.stderr


@pytest.mark.parametrize("made", ["b"], indirect=True)
def test_what_a_deal_does_not_have_is_said_once_and_under_no_caption(made: tuple[Project, Awkward]) -> None:
    project, deal = made
    for page in (site_of(project, deal) / "2025").glob("[0-9]*.html"):
        text = page.read_text(encoding="utf-8")
        soup = BeautifulSoup(text, "html.parser")
        for caption in soup.select("main figcaption"):
            around = caption.find_parent("figure")
            assert around.select("table, svg, .plotly-graph-div, img"), f"{page.name}: {caption.get_text()}"
    text = main_text(site_of(project, deal) / "2025" / "1-thuis-in-de-wijk.html")
    assert len(re.findall("geen aantallen afgesproken|noemt voor dit thema geen aantallen", text)) == 1


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("a", ["20 tot 30 kilometer", "van € 2.500.000", "op 12 juli 2024 gehaald zijn"]),
        ("b", ["De deal noemt geen aantallen."]),
    ],
    indirect=["made"],
)
def test_the_scoreboard_fits_any_deal_and_says_what_there_is_none_of(
    made: tuple[Project, Awkward], said: list[str]
) -> None:
    project, deal = made
    for edition in (str(deal.year), deal.final):
        text = main_text(site_of(project, deal) / edition / "index.html")
        assert all(words in text for words in said), (edition, text[:1500])
        assert text.count("De deal noemt geen aantallen.") == (0 if deal.targets else 1), edition


def test_a_whole_province_with_a_merger_is_held_against_the_rest_of_the_country(
    annual_of_largest: tuple[Project, Awkward],
) -> None:
    project, deal = annual_of_largest
    numbers = numbers_of(project, deal, "2021")
    assert {f"11.woninginbraak.{unit}.2021.value" for unit in ("hoogland", "NL01", "NL01-rest", "GM1979")} <= set(
        numbers
    )
    assert numbers["11.woninginbraak.GM1979.2019.value"]["value"], "before the merger: its predecessors together"
    assert "11.woninginbraak-streek.hoogland.2021.gap" in numbers
    chapters = {path.stem for path in (site_of(project, deal) / "2021").glob("[0-9]*.html")}
    assert len([name for name in chapters if name.split("-")[0].isdigit()]) == 12 + 2
    assert not found_in(site_of(project, deal))


@pytest.mark.slow
@pytest.mark.parametrize("made", [LARGEST], indirect=True)
def test_a_page_of_a_municipality_tells_that_it_is_new(made: tuple[Project, Awkward]) -> None:
    project, deal = made
    assert "Eemsdelta bestaat sinds 1 januari 2021" in main_text(site_of(project, deal) / "s2-gemeente-eemsdelta.html")


def test_records_that_end_before_the_report_are_refused(tmp_path: Path) -> None:
    project, deal = copy_project(tmp_path / "project"), DEALS["b"]
    write_deal(deal, project.root)
    dataset = project.root / "data" / "programme" / deal.id / "dataset.yml"
    dataset.write_text(dataset.read_text().replace("2026-03-31", "2025-06-30"), encoding="utf-8")
    done = project.regiodeal("report", "--deal", deal.id, "--year", "2025")
    assert done.returncode == 2 and "complete until 2025-06-30" in done.stderr
