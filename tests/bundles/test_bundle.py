"""What a bundle holds, what it never holds, and that the same state gives the same bytes."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import posixpath
import re
import shutil
import zipfile
from datetime import date
from importlib import resources
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import lxml.html
import pandas as pd
import pytest
import yaml
from rdflib import DCAT

from evaluation.base.errors import PublishError, RunError, UsageError
from evaluation.bundles.archive import write_bundle
from evaluation.bundles.layout import Absent, BundleRecord, read_record, read_sums
from evaluation.bundles.readme import write_readme
from evaluation.inputs.editions import Edition
from evaluation.publish.pages.pandoc import run_pandoc
from evaluation.statistics.row_counts import write_row_counts
from evaluation.statistics.snapshot_writer import add_snapshot
from tests.catalogues import read_catalogue
from tests.conftest import ROOT, Project
from tests.planted import script, short, spoiled

EDITION = Edition("2021", "annual", 2021)
DEAL = "parkstad-limburg"
RECORDS = f"project/data/programme/{DEAL}/"
PRIVATE_FIGURE = 987654321.25


def bundle_of(project: Project) -> Path:
    """Make a bundle of a project's run in this process."""
    return write_bundle(DEAL, EDITION, project.root / "bundle.zip").path


def test_the_same_state_gives_the_same_bytes_wherever_it_stands(bundle, with_run):
    assert bundle_of(with_run).read_bytes() == bundle.read_bytes()


def test_it_holds_everything_that_is_needed_and_each_file_has_its_sum(packed):
    sums = read_sums(packed["SHA256SUMS"])
    assert sums == {
        name: hashlib.sha256(content).hexdigest() for name, content in packed.items() if name != "SHA256SUMS"
    }
    needed = [
        *("README.md", "LICENSE", "bundle.json", "datapackage.json", "ro-crate-metadata.json"),
        *("run/results.csv", "run/run.json", "run/inputs.json", "run/3-veiligheid.ipynb", "run/0-samenvatting.ipynb"),
        *("project/requirements.lock", "project/environment.yml", "project/pyproject.toml"),
        *("project/evaluation/run/pipeline.py", "project/notebooks/3-veiligheid.ipynb", "project/reports/codeboek.csv"),
        *(f"project/data/deal/{DEAL}.yml", "project/data/indicators/plan.yml", f"{RECORDS}payments.csv"),
        *(f"project/data/plans/parkstad-limburg-3/2026-11-30.{ending}" for ending in ("yml", "md")),
        *("project/data/snapshots/cbs/2026-11-24/83625NED.csv", "project/data/snapshots/cbs/2026-11-24/83625NED.yml"),
    ]
    assert [name for name in needed if name not in packed] == []
    read = {name for inputs in json.loads(packed["run/inputs.json"]).values() for name in inputs["files"]}
    assert [name for name in sorted(read) if f"project/{name}" not in packed] == []


def test_the_archive_tells_no_time_and_no_owner(bundle):
    with zipfile.ZipFile(bundle) as archive:
        entries = archive.infolist()
    beside = bundle.with_name("SHA256SUMS").read_text(encoding="utf-8")
    assert beside == f"{hashlib.sha256(bundle.read_bytes()).hexdigest()}  {bundle.name}\n"
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert {(entry.external_attr, entry.extra, entry.comment) for entry in entries} == {(0o100644 << 16, b"", b"")}


def test_it_holds_no_path_of_the_machine_it_was_made_on(packed, reported):
    for name, content in packed.items():
        assert str(reported.root).encode() not in content, name
        assert b"pytest-of-" not in content, name


def test_the_private_overlay_stays_out_and_is_told_of(with_run, packed):
    frame = pd.DataFrame({"region": ["GM0917"], "period": [2021], "value": [PRIVATE_FIGURE], "status": ["final"]})
    public = yaml.safe_load(packed["project/data/snapshots/cbs/2026-11-24/83625NED.yml"])
    computed = ("first_period", "last_period", "rows", "sha256", "format")
    metadata = {key: value for key, value in public.items() if key not in computed}
    metadata |= {"source": "locatus", "table": "geheime-telling", "vintage": date(2026, 11, 25), "private": True}
    metadata |= {"publisher": "Locatus", "licence": "contract 2025"}
    add_snapshot(frame, metadata)
    stray = with_run.root / "data" / "programme" / DEAL / ".~lock.projects.csv#"
    stray.write_text(",jan.jansen,kantoor,26.11.2026 10:00", encoding="utf-8")
    (with_run.root / "data" / "Jan Jansen.txt").write_text("Bel Jan Jansen", encoding="utf-8")
    path = with_run.runs / "2021" / "inputs.json"
    inputs = json.loads(path.read_text(encoding="utf-8"))
    for notebook in inputs.values():
        notebook["names"].append("data/Jan Jansen.txt")  # as a run records it
    path.write_text(json.dumps(inputs), encoding="utf-8")
    with zipfile.ZipFile(bundle_of(with_run)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(io.BytesIO(files["check/originals.zip"])) as archive:
        files |= {f"originals/{name}": archive.read(name) for name in archive.namelist()}
    held = b"\n".join([*files.values(), *(name.encode() for name in files)])
    for secret in (str(PRIVATE_FIGURE), "geheime-telling", "jan.jansen", "Jan Jansen"):
        assert secret.encode() not in held, secret
    assert not [name for name in files if "private" in name.split("/")]
    (absent,) = read_record(files["bundle.json"]).absent
    assert absent.what == "licensed or local figures of Locatus"
    for name in ("README.md", "ro-crate-metadata.json", "datapackage.json"):
        assert absent.what in files[name].decode(), name
    assert "- [x] Some data **cannot be made** publicly available" in files["README.md"].decode()


def test_a_bundle_that_would_tell_where_it_was_made_is_not_written(with_run):
    page = with_run.root / "reports" / "annual" / "verantwoording.qmd"
    page.write_text(page.read_text(encoding="utf-8") + f"\nZie {with_run.root}/map.\n", encoding="utf-8")
    with pytest.raises(
        PublishError, match=r"project/reports/annual/verantwoording\.qmd holds the path of this project"
    ):
        bundle_of(with_run)
    assert not (with_run.root / "bundle.zip").exists()


def test_only_a_run_of_what_stands_there_now_goes_into_a_bundle(with_run):
    path = with_run.root / "data" / "programme" / DEAL / "payments.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",75000,", ",75001,", 1), encoding="utf-8")
    with pytest.raises(UsageError, match=r"payments\.csv changed .*regiodeal run --year 2021"):
        bundle_of(with_run)


@pytest.mark.parametrize("name", ["results.csv", "3-veiligheid.ipynb"])
def test_a_run_that_is_not_as_it_was_recorded_is_refused(with_run, name):
    path = with_run.runs / "2021" / name
    path.write_text(path.read_text(encoding="utf-8").replace("2021", "2020", 1), encoding="utf-8")
    with pytest.raises(RunError, match=name):
        bundle_of(with_run)


def test_a_vintage_that_came_after_the_run_is_refused(with_run):
    old, new = (with_run.root / "data" / "snapshots" / "cbs" / vintage for vintage in ("2026-11-24", "2026-11-25"))
    new.mkdir()
    shutil.copy(old / "83625NED.csv", new)
    text = (old / "83625NED.yml").read_text(encoding="utf-8").replace("vintage: '2026-11-24'", "vintage: '2026-11-25'")
    (new / "83625NED.yml").write_text(text, encoding="utf-8")
    write_row_counts()
    with pytest.raises(UsageError, match=r"2026-11-25/83625NED\.csv.* came after the run"):
        bundle_of(with_run)


def test_without_a_run_it_is_told_what_to_do(with_run):
    shutil.rmtree(with_run.runs / "2021")
    with pytest.raises(UsageError, match="regiodeal run --year 2021"):
        bundle_of(with_run)


def test_the_crate_is_one_that_others_read(bundle, packed):
    from rocrate.rocrate import ROCrate

    crate = ROCrate(bundle)
    root = crate.root_dataset
    assert root["name"] == "Regio Deal Parkstad Limburg: Voortgangsrapportage over 2021"
    assert root["datePublished"] == read_record(packed["bundle.json"]).date
    described = {entity.id: entity for entity in crate.data_entities if entity.type == "File"}
    assert set(described) == packed.keys() - {"ro-crate-metadata.json", "SHA256SUMS"}
    for name, entity in described.items():
        assert entity["sha256"] == hashlib.sha256(packed[name]).hexdigest(), name
    snapshot = described["project/data/snapshots/cbs/2026-11-24/83625NED.csv"]
    assert snapshot["license"].id == "https://creativecommons.org/licenses/by/4.0/"
    action = next(entity for entity in crate.contextual_entities if entity.type == "CreateAction")
    assert "run/results.csv" in [entity.id for entity in action["result"]]
    assert json.loads(packed["ro-crate-metadata.json"])["@context"] == "https://w3id.org/ro/crate/1.1/context"


def test_the_crate_has_the_shapes_of_the_standard(bundle, tmp_path, monkeypatch):
    """The shapes come with the validator; the terms, else asked of the network, with rocrate."""
    from rocrate_validator import models, services
    from rocrate_validator.utils.http import HttpRequester

    terms = (resources.files("rocrate") / "data" / "ro-crate.jsonld").read_text(encoding="utf-8")

    def answer(self, address, **_):
        assert address == "https://w3id.org/ro/crate/1.1/context"
        told = {"status_code": 200, "headers": {"Content-Type": "application/ld+json"}, "text": terms}
        return SimpleNamespace(**told, content=terms.encode(), json=lambda: json.loads(terms))

    monkeypatch.setattr(HttpRequester, "get", answer, raising=False)
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "crate")
    settings = services.ValidationSettings(
        rocrate_uri=str(tmp_path / "crate"),
        profile_identifier="ro-crate-1.1",
        requirement_severity=models.Severity.REQUIRED,
        offline=True,
        cache_path=str(tmp_path / "kept"),
    )
    assert [issue.message for issue in services.validate(settings).get_issues()] == []
    path = tmp_path / "crate" / "ro-crate-metadata.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"datePublished"', '"dateOfNothing"'), encoding="utf-8")
    assert "datePublished" in " ".join(issue.message for issue in services.validate(settings).get_issues())


def test_every_table_is_as_the_data_package_says(bundle, tmp_path, monkeypatch):
    import frictionless

    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    monkeypatch.chdir(tmp_path)
    report = frictionless.validate("datapackage.json", limit_rows=2000)
    found = [f"{task.place}: {error.message}" for task in report.tasks for error in task.errors]
    assert report.valid and found == [] and len(report.tasks) == len(list(tmp_path.rglob("*.csv")))
    results = tmp_path / "run" / "results.csv"
    results.write_text(results.read_text(encoding="utf-8").replace(",2021,", ",ooit,", 1), encoding="utf-8")
    assert not frictionless.validate("datapackage.json", limit_rows=2000).valid


def test_every_file_comes_under_the_licence_of_who_made_it(packed):
    graph = json.loads(packed["ro-crate-metadata.json"])["@graph"]
    licences = {entity["@id"]: entity.get("license") for entity in graph if entity["@type"] == "File"}
    code, by = {"@id": "https://spdx.org/licenses/EUPL-1.2"}, {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert licences["project/notebooks/3-veiligheid.ipynb"] == licences[f"{RECORDS}payments.csv"] == code
    for name in ("cbs/2026-11-24/83625NED", "politie/2026-11-24/47018NED"):
        assert (
            licences[f"project/data/snapshots/{name}.csv"] == by
            and licences[f"project/data/snapshots/{name}.yml"] == code
        )
    assert licences["project/data/regions/municipalities.csv"] == by
    assert code in licences["run/results.csv"] and by in licences["run/results.csv"]
    assert None not in licences.values()
    named = {entity["@id"]: entity.get("name", "") for entity in graph}
    assert all(word in named[by["@id"]] for word in ("CBS", "Politie"))
    terms = {item["path"]: item["licenses"] for item in json.loads(packed["datapackage.json"])["resources"]}
    assert [item["title"] for item in terms["project/data/retail/parkstad-limburg/premises.csv"]] == [
        "vrij te gebruiken"
    ]


def test_the_catalogue_has_the_numbers_and_each_pinned_table(packed):
    graph = read_catalogue(packed["dcat.jsonld"], "https://voorbeeld.example/2021/")
    found = {
        str(item).removeprefix("https://voorbeeld.example/2021/") for item in graph.objects(None, DCAT.downloadURL)
    }
    snapshots = {name for name in packed if name.startswith("project/data/snapshots/") and name.endswith(".csv")}
    assert found == (snapshots - {"project/data/snapshots/row_counts.csv"}) | {"run/results.csv"}


def test_no_text_in_it_leads_to_a_file_that_is_not(packed):
    folders = {parent.as_posix() for name in packed for parent in PurePosixPath(name).parents}
    lost = [
        f"{name}: {target}"
        for name, content in packed.items()
        if name.endswith(".md")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)\s]*)?\)", content.decode("utf-8"))
        if posixpath.normpath(f"{PurePosixPath(name).parent}/{target}") not in packed.keys() | folders
    ]
    assert lost == [] and "project/docs/README.md" in packed and "project/CITATION.cff" in packed


def test_the_data_package_describes_every_table_with_its_columns(packed):
    described = json.loads(packed["datapackage.json"])
    resources = {resource["path"]: resource for resource in described["resources"]}
    assert set(resources) == {name for name in packed if name.endswith((".csv", ".parquet"))}
    assert len({resource["name"] for resource in resources.values()}) == len(resources)
    for path, resource in resources.items():
        header = next(csv.reader(io.StringIO(packed[path].decode("utf-8"))))
        assert [field["name"] for field in resource["schema"]["fields"]] == header, path
        assert all(field["type"] and field["description"] != field["name"] for field in resource["schema"]["fields"]), (
            path
        )
        assert resource["title"] != path.removeprefix("project/") and resource["licenses"], path
        assert resource["hash"] == f"sha256:{hashlib.sha256(packed[path]).hexdigest()}"
    numbers = {field["name"]: field for field in resources["run/results.csv"]["schema"]["fields"]}
    assert numbers["value"]["type"] == "number" and "Het getal" in numbers["value"]["description"]
    payments = {field["name"]: field["type"] for field in resources[f"{RECORDS}payments.csv"]["schema"]["fields"]}
    assert payments["amount_eur"] == "number" and payments["date"] == "date" and payments["kind"] == "string"
    prices = resources["project/data/snapshots/cbs/2026-11-24/83625NED.csv"]
    assert prices["licenses"][0]["title"] == "CC BY 4.0" and prices["sources"][0]["title"] == "CBS 83625NED"


def test_the_readme_follows_the_template_and_says_that_records_are_an_example(packed):
    text = packed["README.md"].decode()
    sections = [line for line in text.splitlines() if line.startswith("## ")]
    assert sections == [
        "## Overview",
        "## Data Availability and Provenance Statements",
        "## Dataset list",
        "## Computational requirements",
        "## Description of programs/code",
        "## Instructions to Replicators",
        "## List of tables and programs",
        "## References",
    ]
    assert "example data (voorbeeld)" in text and "Nothing that the run used is absent." in text
    assert "| `run/3-veiligheid.ipynb` |" in text
    named = set(re.findall(r"`((?:project|run|check)/[^`]*|[\w-]+\.json|SHA256SUMS)`", text))
    others = {"report.json", "project/CONTRIBUTING.md"}  # of a reproduction, and not in the project of the tests
    assert {name for name in named - others if not any(file.startswith(name) for file in packed)} == set()


def test_words_of_the_deal_and_of_publishers_stay_words_in_the_readme():
    number = itertools.count(1)
    texts = map(script, number)
    absent = (Absent(next(texts), next(texts), next(texts)),)
    names = ("2021", "annual", next(texts), 2021, 1, "2026-01-01", "voorlopig", {"python": "3.11"}, absent)
    files = {"project/requirements.lock": b"", "run/results.csv": f"notebook,cell\nx,fig-`{next(texts)}\n".encode()}
    for path in (ROOT / "data/snapshots").rglob("*.yml"):
        words = {key: next(texts) for key in ("title", "licence", "licence_url")}
        words |= {"publisher": f"1. {short(next(number))}", "publisher_table": short(next(number))}
        words["url"] = "javascript:planted()"
        said = yaml.safe_load(path.read_text(encoding="utf-8")) | words
        place = f"project/{path.relative_to(ROOT).as_posix()}"
        files |= {place: yaml.safe_dump(said).encode(), place.replace(".yml", f".{said.get('format', 'csv')}"): b""}
    text = write_readme(BundleRecord("x", next(texts), *names), files)
    tree = lxml.html.fromstring(f"<main>{run_pandoc(['-f', 'gfm', '-t', 'html'], text, 'README')}</main>")
    assert not [tag for tag in tree.iter("script", "img", "b", "em", "sup") if "zz" not in tag.text_content()]
    assert {link.partition("//")[0] for link in tree.xpath("//@href")} <= {"https:"}
    shown = tree.text_content()
    assert spoiled(shown, 10_000) == [] and len(set(re.findall(r"zz(\d+)zz", shown))) > 60
