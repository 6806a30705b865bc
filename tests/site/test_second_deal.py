"""Another deal is another set of files: a made-up deal elsewhere is checked, run and reported without any code."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup

from tests.conftest import ROOT, Project, copy_project

DEAL = "voorbeeldstreek"
FILES = ROOT / "tests" / "second_deal"
THEMES = ("1-bereikbaarheid", "2-veilig-wonen", "3-cultuur")


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with the made-up deal beside the first, and its report over 2021."""
    made = copy_project(tmp_path_factory.mktemp("second") / "project")
    shutil.copytree(FILES, made.root / "data", dirs_exist_ok=True)
    told = made.make("report", "--deal", DEAL, "--year", "2021")
    assert f"Report over 2021 (embedded): build/site/{DEAL}/2021/index.html" in told
    return made


def pages(project: Project) -> Iterator[tuple[str, str]]:
    """Give the text of the main part of each page, by its name."""
    for path in sorted((project.site / DEAL / "2021").glob("*.html")):
        main = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").find("main")
        for code in main.select("pre, script"):
            code.extract()
        yield path.stem, " ".join(main.get_text(" ").split())


def test_its_files_pass_the_check(second: Project) -> None:
    done = second.regiodeal("check", "--deal", DEAL)
    assert done.returncode == 0, done.stderr
    assert "In order: Regio Deal Voorbeeldstreek (verzonnen), 3 projects (voorbeeld)" in done.stdout
    assert "Retail" not in done.stdout
    told = second.regiodeal("data", "status", "--deal", DEAL).stdout
    assert told.startswith("woninginbraak  politie/47018NED ") and "1 of 1 indicators have their figures." in told


def test_its_report_has_its_own_themes_and_none_of_another_deal(second: Project) -> None:
    found = dict(pages(second))
    chapters = [name for name in found if not name.startswith("cijfers")]
    assert chapters == [*THEMES, "7-financien", "8-uitvoering-en-sturing", "index", "verantwoording"]
    pinned = r"Kerncijfers wijken en buurten 20\d\d, Heerlen|\d{5}NED-heerlen|Dashboard-Heerlen"  # in the same project
    for name, text in found.items():
        text = re.sub(pinned, "", text)
        assert not re.search("Parkstad|Limburg|Heerlen|zes thema|twee sporen", text), name
    assert "Voorbeeldstreek: vier gemeenten" in found["verantwoording"]
    assert "nog geen vergelijkingen vastgelegd" in found["verantwoording"]
    record = json.loads((second.root / "build" / "runs" / DEAL / "2021" / "run.json").read_text(encoding="utf-8"))
    assert [name for name in record["notebooks"] if name in THEMES] == list(THEMES)
    assert record["retail"] is None


def test_a_theme_without_records_or_indicators_says_so(second: Project) -> None:
    found = dict(pages(second))
    for name in ("1-bereikbaarheid", "3-cultuur"):
        assert "geen cijfer dat de uitkomsten van dit thema van jaar op jaar volgt" in found[name]
        assert "Niet gemeten." in found[name]
    assert "staan geen projecten in de programmaregistratie" in found["3-cultuur"]
    assert "geen aantallen afgesproken" in found["3-cultuur"]
    assert "Het afgesproken aantal ligt op het pad of daarvoor" in found["1-bereikbaarheid"]
    for words in ("geen criteria", "geen afspraken met een datum", "niet vastgelegd"):
        assert words in found["8-uitvoering-en-sturing"]


def test_its_numbers_are_those_of_its_own_municipalities(second: Project) -> None:
    text = (second.root / "build" / "runs" / DEAL / "2021" / "results.csv").read_text(encoding="utf-8")
    numbers = {row["result_id"]: row for row in csv.DictReader(text.splitlines())}
    own = {"GM1690", "GM0118", "GM0119", "GM1701"}
    assert {row["unit"] for row in numbers.values() if row["unit"].startswith("GM")} == own
    burglaries, people = _counts("politie", "47018NED", "1.1.1"), _counts("cbs", "03759ned", "population_average")
    expected = 1000 * sum(burglaries[code] for code in own) / sum(people[code] for code in own)
    found = numbers[f"2.woninginbraak.{DEAL}.2021.value"]
    assert float(found["value"]) == pytest.approx(expected, rel=1e-9) and found["status"] == "final"
    assert float(numbers["2.woningen-met-keurmerk.geleverd.2021.value"]["value"]) == 620
    assert float(numbers["programma.geld.totaal.2021.paid"]["value"]) == 1_920_000
    marked = {row["status"] for row in numbers.values() if "(Verzonnen" in row["source"]}
    assert "example" in marked and marked <= {"example", "missing"}


def test_the_indicators_of_another_deal_are_not_taken_for_its_own(second: Project) -> None:
    own, aside = second.root / "data" / "indicators" / DEAL, second.root / "aside"
    shutil.move(own, aside)
    try:
        done = second.regiodeal("check", "--deal", DEAL)
    finally:
        shutil.move(aside, own)
    assert done.returncode == 2 and done.stderr.startswith("1 fault in the input:")
    assert f"Maak data/indicators/{DEAL}: regiodeal new deal {DEAL}" in done.stderr
    assert "parkstad" not in done.stderr and "woningen-transitie" not in done.stderr


def _counts(source: str, table: str, measure: str) -> dict[str, float]:
    """Read what was counted in 2021 by municipality from the last vintage, beside the package."""
    path = sorted((ROOT / "data" / "snapshots" / source).glob(f"*/{table}.csv"))[-1]
    rows = csv.reader(path.read_text(encoding="utf-8").splitlines()[1:])
    cells = ((row[0], row[1:3], row[3]) for row in rows)
    return {region: float(value) for region, key, value in cells if set(key) == {"2021", measure} and value}
