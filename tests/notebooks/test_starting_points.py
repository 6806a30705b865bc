"""What `regiodeal new` leaves is right at once: it passes the checks, runs, and shows what it should."""

import shutil

import nbformat
import pytest
import yaml
from typer.testing import CliRunner

from evaluation.base.errors import InputError, SnapshotError, UsageError
from evaluation.cli.main import app
from evaluation.cli.starting_points import new_notebook
from evaluation.inputs.chapter_list import RunChapter
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import NOTEBOOKS
from evaluation.inputs.indicators import load_indicators
from evaluation.run.checks import check_notebooks
from evaluation.run.execute import run_notebook
from evaluation.run.notebook_lint import notices
from evaluation.run.notebook_outputs import strip_outputs
from evaluation.run.pipeline import notebook_results

INDICATOR = {
    "--theme": "3",
    "--title": "Fietsdiefstal",
    "--definition": "Diefstal van fietsen, door de politie geregistreerd in een jaar, per 1.000 inwoners.",
    "--wording": "proefcijferlen per 1.000 inwoners",
    "--unit": "per_1000",
    "--direction": "decrease",
    "--result": "3.1",
}


@pytest.fixture
def desk(project, monkeypatch):
    """A project of its own that this process takes for the project."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    return project


def new(*arguments: str):
    """Run `regiodeal new`; errors come as they are raised."""
    done = CliRunner().invoke(app, ["new", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


def indicator(identity: str, **changed: str):
    options = INDICATOR | {f"--{name}": value for name, value in changed.items()}
    return new("indicator", identity, *(word for pair in options.items() for word in pair))


def run(name: str, year: int, folder):
    """Run one notebook of the project; return its results."""
    outcome = run_notebook(RunChapter(name, name), {"deal": "parkstad-limburg", "year": year}, folder)
    assert outcome.status == "ok", outcome.error
    return notebook_results(folder / f"{name}.ipynb")


def test_a_new_indicator_and_a_new_chapter_pass_the_checks_and_run(desk, tmp_path):
    path = desk.root / "data/indicators/3-veiligheid.yml"
    before = path.read_text(encoding="utf-8")
    done = indicator("proefcijfer", table="politie/47018NED", measure="1.1.1")
    assert "proefcijfer in data/indicators/3-veiligheid.yml" in done.output
    after = path.read_text(encoding="utf-8")
    place = before.index("\nnot_measured:")
    assert after.startswith(before[:place].rstrip("\n")) and after.endswith(before[place:])
    made = load_indicators()["proefcijfer"]
    assert made.calculation.kind == "ratio" and made.calculation.denominator[1].table == "03759ned"
    assert (made.source.publisher, made.source.licence) == ("Politie", "CC BY 4.0")

    profile = (desk.root / "_quarto-annual.yml").read_text(encoding="utf-8")
    new("notebook", "--title", "Fietsen: een nadere blik", "--theme", "3", "--indicator", "proefcijfer")
    name = "9-fietsen-een-nadere-blik"
    added = (desk.root / "_quarto-annual.yml").read_text(encoding="utf-8")
    assert added == profile.replace("    - part: Bijlagen", f"    - {name}.ipynb\n    - part: Bijlagen")
    assert NOTEBOOKS["annual"][-3:] == (name, "4a-winkelcluster", "0-samenvatting")

    path = desk.root / "notebooks" / f"{name}.ipynb"
    nbformat.validate(nbformat.read(path, as_version=4))
    assert strip_outputs(text := path.read_text(encoding="utf-8")) == text
    check_notebooks(NOTEBOOKS["annual"])
    assert [line for line in notices("parkstad-limburg") if name in line and "still to be written" in line]
    found = run(name, 2021, tmp_path)
    values = {item["result_id"]: item for item in found if item["measure"] == "value"}
    own = values["3.proefcijfer.parkstad.2021.value"]
    assert own["value"] == pytest.approx(1.582164127)  # 405 home burglaries, as the report has them
    assert own["source"].startswith("Politie 47018NED")


def test_an_indicator_without_figures_is_listed_as_not_measured_yet(desk):
    before = (desk.root / "data/indicators/5-grensoverschrijdend.yml").read_text(encoding="utf-8")
    indicator("grenspendel", theme="5", result="5.1", unit="count", wording="grenspendelaars")
    after = (desk.root / "data/indicators/5-grensoverschrijdend.yml").read_text(encoding="utf-8")
    assert all(line in after.splitlines() for line in before.splitlines())
    made = load_indicators()["grenspendel"]
    assert not made.has_figures and made.no_figures_reason.startswith("nog geen cijfers")
    assert yaml.safe_load(after)["not_measured"] == yaml.safe_load(before)["not_measured"]


def test_a_chapter_of_the_final_evaluation_and_one_without_figures_are_right_too(desk):
    new("notebook", "--title", "Nog eens de veiligheid", "--theme", "3", "--kind", "final")
    new("notebook", "--title", "Over de grens", "--theme", "5")
    assert NOTEBOOKS["final"][-3] == "e10-nog-eens-de-veiligheid"
    assert NOTEBOOKS["annual"][-3] == "9-over-de-grens"
    check_notebooks([*NOTEBOOKS["annual"], *NOTEBOOKS["final"]])
    text = (desk.root / "notebooks/e10-nog-eens-de-veiligheid.ipynb").read_text(encoding="utf-8")
    assert "open_year(deal=deal, year=year, final=True)" in text and "year = 2022" in text


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"unit": "per_100"}, InputError, "unit_of_measure: got 'per_100'"),
        ({"direction": "lower"}, InputError, "direction: got 'lower'"),
        ({"result": "2.1"}, InputError, "results of another theme"),
        ({"result": "3.9"}, InputError, "got '3.9'; expected one of 3.1"),
        ({"theme": "8"}, UsageError, "no file for theme 8"),
        ({"table": "politie/47018NED", "measure": "9.9.9"}, SnapshotError, "no measure '9.9.9'; it holds:"),
        ({"table": "47018NED"}, UsageError, "write SOURCE/TABLE"),
    ],
)
def test_a_wrong_indicator_is_told_and_nothing_is_written(desk, changed, error, words):
    folder = desk.root / "data/indicators"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(error) as told:
        indicator("proefcijfer", **changed)
    assert words in str(told.value)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_nothing_is_overwritten(desk):
    with pytest.raises(UsageError, match="already"):
        indicator("woninginbraak")
    deal = load_deal()
    profile = desk.root / "_quarto-annual.yml"
    path, _ = new_notebook(deal, title="Proef", theme=3)
    kept = path.with_name("10-proef.ipynb")
    shutil.copyfile(path, kept)
    before = profile.read_bytes()
    with pytest.raises(UsageError, match=r"10-proef\.ipynb is there already"):
        new_notebook(deal, title="Proef", theme=3)
    for wrong in ({"theme": 9}, {"title": "!"}, {"indicator": "woninginbrak"}, {"indicator": "veiligheidsbeleving"}):
        with pytest.raises(UsageError):
            new_notebook(deal, **{"title": "Nog een", "theme": 3, **wrong})
    assert profile.read_bytes() == before


def test_what_is_not_given_is_asked(desk):
    done = CliRunner().invoke(app, ["new", "notebook"], input="Een vraag\n3\n")
    assert done.exit_code == 0 and "Title of the chapter" in done.output
    assert NOTEBOOKS["annual"][-3] == "9-een-vraag"
