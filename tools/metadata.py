"""Write what describes the repository for others' machines, from CITATION.cff, pyproject.toml and the pinned tables.

Run it after a change of one of these: ``python -m tools.metadata``.  A test names what is not up to date.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import yaml

from evaluation.publish.site.catalogue import catalogue_json, snapshot_entry
from evaluation.statistics.snapshots import list_snapshots

ROOT = Path(__file__).resolve().parents[1]


def codemeta(citation: dict, project: dict) -> str:
    """Write codemeta.json (CodeMeta 3.0)."""
    return _to_json(
        {
            "@context": "https://w3id.org/codemeta/3.0",
            "@type": "SoftwareSourceCode",
            "name": citation["title"],
            "description": citation["abstract"],
            "version": citation["version"],
            "license": f"https://spdx.org/licenses/{citation['license']}",
            "datePublished": str(citation["date-released"]),
            "author": [{"@type": "Organization", "name": author["name"]} for author in citation["authors"]],
            "keywords": citation["keywords"],
            "programmingLanguage": "Python",
            "runtimePlatform": f"Python {project['requires-python']}",
            "softwareRequirements": sorted(project["dependencies"]),
            "developmentStatus": "active",
        }
    )


def zenodo(citation: dict) -> str:
    """Write .zenodo.json, the metadata of a deposit."""
    return _to_json(
        {
            "title": citation["title"],
            "description": citation["abstract"],
            "version": citation["version"],
            "publication_date": str(citation["date-released"]),
            "upload_type": citation["type"],
            "access_right": "open",
            "license": citation["license"],
            "creators": [{"name": author["name"]} for author in citation["authors"]],
            "keywords": citation["keywords"],
            "notes": "Pinned tables in data/snapshots come under the licence of their publisher: see their metadata.",
        }
    )


def dcat() -> str:
    """Write dcat.jsonld (DCAT-AP-NL): the newest pinned vintage of each table."""
    newest = {
        (item.source, item.table): item
        for item in sorted(list_snapshots(folder=ROOT / "data" / "snapshots"), key=lambda item: item.vintage)
    }
    entries = []
    for _, item in sorted(newest.items()):
        file = f"data/snapshots/{item.place}.{item.format}"
        entries.append(snapshot_entry(item, file, (ROOT / file).stat().st_size))
    title, publisher = "Vastgelegde statistiek van de evaluatie", "Regio Deal Parkstad Limburg"
    words = f"De vastgelegde tabellen waarop de evaluatie van de {publisher} rust, met hun herkomst en licentie."
    return catalogue_json(title, words, publisher, entries)


def contents() -> dict[str, str]:
    """Give every file that is made here, by its name."""
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"codemeta.json": codemeta(citation, project), ".zenodo.json": zenodo(citation), "dcat.jsonld": dcat()}


def _to_json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, text in contents().items():
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
