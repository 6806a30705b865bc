"""What describes the repository: one source for each fact, files that are made of it, and schemas of others."""

from __future__ import annotations

import json
import re
import tomllib
from importlib import resources

import jsonschema
import pytest
import yaml
from rdflib import DCAT, DCTERMS

from evaluation.bundles.tables import describe_table
from evaluation.inputs.records.programme import PROTECTED_TABLES
from evaluation.inputs.retail.tables import HANDED_ON
from evaluation.inputs.retail.tables import TABLES as RETAIL_TABLES
from evaluation.publish.site.catalogue import CODE_LICENCE
from tests.catalogues import read_catalogue
from tests.conftest import ROOT
from tools.metadata import contents

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / ".github" / "workflows").glob("*.yml"))


def citation() -> dict:
    """CITATION.cff, with dates as the text that a schema expects."""
    return yaml.load((ROOT / "CITATION.cff").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


@pytest.mark.parametrize(
    "name, kind", [("CITATION.cff", "citation-file-format"), *((name, "github-workflows") for name in WORKFLOWS)]
)
def test_it_is_what_its_schema_asks_for(name, kind):
    vendored = resources.files("check_jsonschema.builtin_schemas") / "vendor" / f"{kind}.json"
    schema = json.loads(vendored.read_text(encoding="utf-8"))
    loader = yaml.BaseLoader if name == "CITATION.cff" else yaml.SafeLoader
    content = yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader=loader)
    content = {"on" if key is True else key: value for key, value in content.items()}  # YAML 1.1 reads on as true
    found = jsonschema.validators.validator_for(schema)(schema).iter_errors(content)
    assert [f"{list(error.absolute_path)}: {error.message}" for error in found] == []


def test_name_version_licence_and_abstract_are_the_same_everywhere():
    said = citation()
    names = {"title": "name", "version": "version", "license": "license", "abstract": "description"}
    assert {key: said[key] for key in names} == {key: PROJECT[name] for key, name in names.items()}
    assert f"https://spdx.org/licenses/{said['license']}" == CODE_LICENCE
    assert (
        re.findall(r"^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[0]
        == said["version"]
    )
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")


def test_every_column_of_protected_records_and_of_retail_tables_has_a_meaning_and_a_type():
    template = (ROOT / "data" / "programme" / "template.csv").read_bytes()
    models = {"programme": PROTECTED_TABLES, "retail": {**RETAIL_TABLES, **HANDED_ON}}
    for folder, tables in models.items():
        for name, model in tables.items():
            path = f"project/data/{folder}/een-deal/{name}.csv"
            files = {path: ",".join(model.model_fields).encode(), "project/data/programme/template.csv": template}
            described = describe_table(path, files, {}, {})
            fields = {field["name"]: field for field in described["schema"]["fields"]}
            assert described["title"] != f"data/{folder}/een-deal/{name}.csv"
            assert [name for name, field in fields.items() if field["description"] == name] == [], path
            assert all(fields[column]["type"] == "integer" for column in fields.keys() & {"year"})


@pytest.mark.parametrize("name", ["codemeta.json", ".zenodo.json", "dcat.jsonld"])
def test_what_is_made_of_it_is_up_to_date(name):
    assert (ROOT / name).read_text(encoding="utf-8") == contents()[name], "renew it: python -m tools.metadata"


def test_each_table_is_in_the_catalogue_with_its_publisher_and_licence():
    graph = read_catalogue((ROOT / "dcat.jsonld").read_bytes())
    licences = {}
    for node in graph.objects(None, DCAT.dataset):
        publisher = str(graph.value(node, DCTERMS.publisher)).rpartition("#")[2]
        licences.setdefault(publisher, set()).add(
            str(graph.value(graph.value(node, DCAT.distribution), DCTERMS.license))
        )
    by = "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"
    assert licences == {"cbs": {by}, "politie": {by}}
