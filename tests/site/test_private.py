"""What is private goes nowhere: a planted table and a planted extract of shops are searched for in every output."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat import v4

from evaluation.base.cache import CACHE_VARIABLE, OWN_VARIABLE
from evaluation.base.errors import PublishError
from evaluation.bundles.reproduce import reproduce
from evaluation.cli.preview.page import Preview, find_subject
from evaluation.inputs.deal import load_deal
from evaluation.inputs.retail.records import RetailDataset
from evaluation.statistics.release import check_released
from tests.conftest import Project, copy_project
from tests.site.planted import SHOWN, marks_in, plant_shops, plant_table

RETAIL = {"title": "x", "status": "voorlopig", "version": "1", "source": "x", "licence": "x", "vacancy_definition": "x"}
HEAD = "result_id,indicator,value,source,vintage\n"


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a private table and a licensed extract, and caches that nobody else uses."""
    made = copy_project(tmp_path / "project")
    monkeypatch.setenv("REGIODEAL_ROOT", str(made.root))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "out" / "cache"))
    monkeypatch.setenv(OWN_VARIABLE, str(tmp_path / "out" / "own"))
    return made


def outputs(project: Project, *, clusters: bool = True) -> list[str]:
    """List everything that was found of what was planted, in what the project made."""
    out = project.root.parent / "out"
    found = [mark for folder in (project.root / "build", out) for mark in marks_in(folder, clusters=clusters)]
    assert (out / "cache" / "notebooks").is_dir() and list((out / "own" / "values").glob("context-*"))
    return found


def done(project: Project, *command: str, code: int = 0) -> None:
    """Run a command that has to end with this code, and keep what it says with the other outputs."""
    made = project.regiodeal(*command)
    assert made.returncode == code, f"{made.stdout}\n{made.stderr}"
    said = project.root.parent / "out" / f"{'-'.join(command)[:60].replace('/', '-')}.txt"
    said.parent.mkdir(exist_ok=True)
    said.write_text(made.stdout + made.stderr, encoding="utf-8")


def preview(project: Project, name: str) -> None:
    """Preview a page, run anew, and keep a copy of all that is made for it."""
    deal = load_deal("parkstad-limburg")
    shown = Preview(deal, find_subject(deal, name, 2021), project.runs / "2021")
    shown.open()
    try:
        assert shown.update()
        shutil.copytree(shown.folder, project.root.parent / "out" / "preview" / name)
    finally:
        shown.close()


def bundle(project: Project) -> Path:
    target = project.root.parent / "out" / "2021.zip"
    done(project, "bundle", "2021", "--to", str(target))
    return target


@pytest.mark.slow
def test_nothing_planted_goes_into_a_report_its_caches_or_a_bundle(planted):
    plant_table(planted.root)
    plant_shops(planted.root)
    done(planted, "report", "--year", "2021", "--engine", "embedded")
    bundle(planted)
    done(planted, "run", "--year", "2021", "--explain")
    done(planted, "diff", "2021", str(planted.root.parent / "out" / "2021.zip"))
    done(planted, "template", "--filled", "--to", str(planted.root.parent / "out" / "administratie.xlsx"))
    preview(planted, "4-voorzieningen-en-retail")
    assert outputs(planted) == []
    assert list((planted.root.parent / "out" / "preview").rglob("4-voorzieningen-en-retail.html"))
    record = json.loads((planted.runs / "2021" / "run.json").read_text(encoding="utf-8"))
    assert record["withheld"] == ["cbs/2026-11-29/84799NED"]
    assert record["retail"] == {"status": "voorlopig", "may_publish": False, "private": True}
    assert not [name for name in record["notebooks"] if name.startswith("4a-winkelcluster-")]
    results = pd.read_csv(planted.runs / "2021" / "results.csv")
    withheld = results[results["source"] == "besloten bestand cbs/84799NED"]
    assert (
        {"GM0917", "WK091733"} <= set(withheld["unit"])
        and set(withheld["status"]) == {"withheld"}
        and withheld["value"].isna().all()
    )
    (planted.root / "data" / "private").rename(planted.root.parent / "aside")  # what is searched for can be found
    assert any(marks_in(planted.root.parent / "aside"))


@pytest.mark.slow
@pytest.mark.parametrize("case", ["beside the public table", "in its place", "shops of which figures may be told"])
def test_a_bundle_reproduces_and_private_figures_are_withheld_on_both_sides(planted, case):
    plant_table(planted.root, instead=case == "in its place")
    told = case == "shops of which figures may be told"
    plant_shops(planted.root, **({"may_publish": True, **SHOWN} if told else {}))
    planted.make("report", "--year", "2021", "--format", "html,pdf,docx")
    results = pd.read_csv(planted.runs / "2021" / "results.csv")
    shops = results[results["indicator"].str.startswith("winkelmonitor-")]
    assert (len(shops) > 100 and shops["value"].notna().sum() > 50) if told else shops["value"].isna().all()
    path = bundle(planted)
    assert outputs(planted, clusters=not told) == []
    found = reproduce(path, planted.root.parent / "out" / "again", here=True)
    assert found.exit_code == 0, (found.problem, found.comparison)
    assert len(found.comparison.same) == len(results)
    assert outputs(planted, clusters=not told) == []


@pytest.mark.slow
def test_nothing_planted_goes_into_the_site_the_prints_a_publication_or_the_workbook(planted, tmp_path):
    for table in ("84799NED", "83625NED", "70072ned-population"):
        plant_table(planted.root, table=table)
    plant_shops(planted.root)
    planted.make("report", "--years", "2019-2022", "--format", "html,pdf,docx")
    planted.make("report", "final", "--format", "html,pdf,docx")
    planted.make("site")
    done(planted, "publish", "--to", str(tmp_path / "out" / "site"), "--url", "https://example.org/")
    done(planted, "template", "--filled", "--to", str(tmp_path / "out" / "administratie.xlsx"))
    done(planted, "diff", "2021", "2022", "--to", str(tmp_path / "out" / "diff.csv"), code=7)  # two years differ
    done(planted, "bundle", "final", "--to", str(tmp_path / "out" / "final.zip"))
    assert outputs(planted) == []


RELEASED = {
    "a private source": (
        "a.b,b,12,geheimwoord publisher geheimwoord publisher_table,2026-11-29\n",
        None,
        "a value of a private table",
    ),
    "one of several": (
        "a.b,b,12,CBS 1; geheimwoord publisher geheimwoord publisher_table,2026-01-01; 2026-11-29\n",
        None,
        "a value of a private table",
    ),
    "a value where it is withheld": ("a.b,b,12,besloten bestand cbs/84799NED,2026-11-29\n", None, "private table"),
    "shops without a licence": ("a.b,winkelmonitor-panden,12,x,1\n", {"may_publish": False}, "the licence"),
    "plans without a flag": ("a.b,winkelmonitor-plancapaciteit,12,x,1\n", {"may_publish": True}, "the licence"),
}


@pytest.mark.parametrize("case", RELEASED)
def test_a_run_that_would_tell_is_refused_at_the_gate(planted, case):
    plant_table(planted.root)
    row, flags, told = RELEASED[case]
    retail = None if flags is None else RetailDataset(**RETAIL, **flags)
    with pytest.raises(PublishError, match=told):
        check_released({"run/results.csv": (HEAD + row).encode()}, retail)


@pytest.mark.parametrize(
    ("row", "flags"),
    [
        ("a.b,b,,besloten bestand cbs/84799NED,2026-11-29\n", None),
        ("a.b,b,12,CBS 84799NED,2026-11-24\n", None),
        ("a.b,winkelmonitor-panden,,x,1\n", {"may_publish": False}),
        ("a.b,winkelmonitor-panden,12,x,1\n", {"may_publish": True}),
        ("a.b,winkelmonitor-plancapaciteit,12,x,1\n", {"may_publish": False, "may_publish_plans": True}),
    ],
)
def test_what_may_go_out_passes_the_gate(planted, row, flags):
    plant_table(planted.root)
    retail = None if flags is None else RetailDataset(**RETAIL, **flags)
    check_released({"results.csv": (HEAD + row).encode()}, retail)


@pytest.mark.parametrize("name", ["run.json", "inputs.json", "2021/run.json"])
def test_a_record_that_names_a_private_file_is_refused(planted, name):
    content = json.dumps({"3-veiligheid": {"files": {"data/private/cbs/2026-11-29/84799NED.csv": "0"}}})
    with pytest.raises(PublishError, match=r"names a file of data/private"):
        check_released({name: content.encode()}, None)


def test_a_published_number_that_became_private_stops_the_site(reported, tmp_path, monkeypatch):
    made = copy_project(tmp_path / "project")
    shutil.copytree(reported.site, made.site, symlinks=True)
    monkeypatch.setenv("REGIODEAL_ROOT", str(made.root))
    (made.site / "index.html").write_text("<html></html>", encoding="utf-8")
    plant_shops(made.root)
    refused = made.regiodeal_here("publish", "--to", str(tmp_path / "target"))
    assert refused.returncode == 4 and "that the licence of the shops does not let out" in refused.stderr
    assert not (tmp_path / "target").exists()


def test_a_report_of_a_run_that_tells_is_not_made_and_the_last_one_stays(reported, tmp_path, monkeypatch):
    made = copy_project(tmp_path / "project")
    run = made.runs / "2021"
    shutil.copytree(reported.runs / "2021", run)
    monkeypatch.setenv("REGIODEAL_ROOT", str(made.root))
    path = run / "results.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("CBS 84799NED", "besloten bestand cbs/84799NED"), encoding="utf-8")
    from evaluation.publish.stage import stage_report

    with pytest.raises(PublishError, match="a value of a private table"):
        stage_report(run, tmp_path / "staged")
    assert not (tmp_path / "staged").exists()


def test_the_search_finds_what_is_packed_in_every_kind_of_file(tmp_path):
    """Held to what it looks for: plain and Dutch writing, in text, zip, parquet and a notebook."""
    import zipfile

    pd.DataFrame({"value": [777_001.0]}).to_csv(tmp_path / "a.csv")
    (tmp_path / "b.html").write_text("<td>777.042</td>", encoding="utf-8")
    (tmp_path / "c.txt").write_text("Geheimwoord", encoding="utf-8")
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("777\u00a0123")]), tmp_path / "d.ipynb")
    with zipfile.ZipFile(tmp_path / "e.docx", "w") as archive:
        archive.writestr("word/document.xml", "<t>777001</t>")
    import duckdb

    duckdb.sql(f"COPY (SELECT 777001 AS value) TO '{tmp_path / 'f.parquet'}' (FORMAT parquet)")
    (tmp_path / "z.txt").write_text("ab777001cd 0.777001 1777001 sha256 777001f", encoding="utf-8")
    assert sorted({mark.partition(":")[0].partition("!")[0] for mark in marks_in(tmp_path)}) == [
        *("a.csv", "b.html", "c.txt", "d.ipynb", "e.docx", "f.parquet")
    ]
