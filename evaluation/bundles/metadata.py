"""What a bundle says of itself for machines: RO-Crate 1.1 (ro-crate-metadata.json) and Data Package (datapackage.json).

References
----------
RO-Crate Metadata Specification 1.1, https://w3id.org/ro/crate/1.1
Data Package 2.0, https://datapackage.org
"""

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import PurePosixPath

from evaluation.base.zips import read_yaml
from evaluation.bundles.layout import DATAPACKAGE, ORIGINALS, PROJECT, README, RECORD, RUN, BundleRecord, to_json
from evaluation.inputs.records.programme import TABLES
from evaluation.statistics.snapshot_schema import STATUSES, SnapshotMetadata

_CODE_LICENCE = "https://spdx.org/licenses/EUPL-1.2"
_RESULTS = f"{RUN}results.csv"
_CODEBOOK = f"{PROJECT}reports/codeboek.csv"
_FORMATS = {
    ".csv": "text/csv", ".json": "application/json", ".ipynb": "application/x-ipynb+json", ".md": "text/markdown",
    ".py": "text/x-python", ".yml": "application/yaml", ".zip": "application/zip",
    ".parquet": "application/vnd.apache.parquet", ".css": "text/css", ".js": "text/javascript", ".html": "text/html",
    ".svg": "image/svg+xml",
}  # fmt: skip
_SAID = {
    README: "What this bundle is, where the data come from and how to run it again",
    RECORD: "What this bundle is, for regiodeal reproduce",
    DATAPACKAGE: "The tables of this bundle with their columns (Data Package)",
    ORIGINALS: "A second copy of the project and the numbers: an altered file is laid beside it, cell by cell",
    _RESULTS: "Every number of the report with unit, status, source, vintage, notebook and cell",
    f"{RUN}run.json": "What ran, on which data, with which versions",
    f"{RUN}inputs.json": "Per notebook every file, module and cell that it depended on, with sha256",
    _CODEBOOK: "What the columns and codes of results.csv mean (Dutch)",
    f"{PROJECT}requirements.lock": "Every package with its version and hashes",
    f"{PROJECT}environment.yml": "The same environment for conda",
}
_TYPES = {int: "integer", int | None: "integer", float: "number", date: "date", date | None: "date"}
_LONGEST_HEAD = 10_000
_ROLES = {"period": "integer", "value": "number"}


def snapshots_in(files: Mapping[str, bytes]) -> Iterator[tuple[str, SnapshotMetadata]]:
    """Give the pinned tables of a bundle: the name of the table's file, and its metadata."""
    for name in sorted(files):
        if name.startswith(f"{PROJECT}data/snapshots/") and name.endswith(".yml"):
            metadata = _read_metadata(files[name])
            yield f"{name.removesuffix('.yml')}.{metadata.format}", metadata


@lru_cache(maxsize=1000)
def _read_metadata(content: bytes) -> SnapshotMetadata:
    return SnapshotMetadata.model_validate(read_yaml(content))


def datapackage_json(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    """Describe the tables: results, codebook, pinned statistics, records and registers."""
    known = dict(snapshots_in(files))
    resources = []
    for name in sorted(files):
        if not name.endswith((".csv", ".parquet")):
            continue
        resource = {
            "name": re.sub(r"[^a-z0-9._-]+", "-", name.lower().rsplit(".", 1)[0]),
            "path": name,
            "format": PurePosixPath(name).suffix[1:],
            "mediatype": _FORMATS[PurePosixPath(name).suffix],
            "bytes": len(files[name]),
            "hash": f"sha256:{hashlib.sha256(files[name]).hexdigest()}",
        }
        if name in known:
            resource |= _described_by(known[name])
        else:
            resource |= {"title": _SAID.get(name, name.removeprefix(PROJECT)), "encoding": "utf-8"}
            resource["schema"] = {"fields": list(_fields(name, files))}
        resources.append(resource)
    return to_json(
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": f"regiodeal-{record.deal}-{record.edition}",
            "title": f"{record.deal_name}: {record.title}",
            "description": _absent_words(record),
            "version": record.date,
            "resources": resources,
        }
    )


def crate_json(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    """Describe every file as RO-Crate 1.1, the run as the action that made the numbers, and what is absent."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    known = dict(snapshots_in(files))
    licences = {_CODE_LICENCE: "European Union Public Licence 1.2 (code, notebooks and prose)"}
    licences |= {item.licence_url: f"{item.licence} (figures of {item.publisher})" for item in known.values()}
    for address, words in sorted(licences.items()):
        _add(crate, address, "CreativeWork", name=words)
    entities = {
        name: crate.add_file(dest_path=name, properties=_file_properties(name, content, known.get(name)))
        for name, content in sorted(files.items())
    }
    for address, item in {item.url: item for item in known.values()}.items():
        _add(crate, address, "CreativeWork", name=f"{item.publisher} {item.publisher_table}")
    absent = [
        _add(
            crate,
            f"#absent-{number}",
            "CreativeWork",
            name=f"Not in this bundle: {item.what}",
            description=f"{item.effect}.",
            conditionsOfAccess=item.why,
        )
        for number, item in enumerate(record.absent, start=1)
    ]
    run = _add_run(crate, record, entities)
    root = crate.root_dataset
    root["mentions"] = [run, *absent]
    root["name"] = f"{record.deal_name}: {record.title}"
    root["description"] = f"Everything that is needed to make {record.numbers} numbers again. {_absent_words(record)}"
    root["datePublished"] = record.date
    root["license"] = [{"@id": address} for address in sorted(licences)]
    root["author"] = run["agent"]
    return to_json(crate.metadata.generate())


def _add(crate, identity: str, kind: str, **properties: object):
    """Add what is no file to a crate."""
    from rocrate.model import ContextEntity

    return crate.add(ContextEntity(crate, identity, {"@type": kind, **properties}))


def _add_run(crate, record: BundleRecord, entities: Mapping[str, object]):
    """Add the action that made the numbers: by whom, with what, of which files."""
    office = _add(crate, "#office", "Organization", name=record.deal_name)
    package = _add(
        crate,
        "#regiodeal-evaluation",
        "SoftwareApplication",
        name="regiodeal-evaluation",
        softwareVersion=record.versions["regiodeal-evaluation"],
        license={"@id": _CODE_LICENCE},
    )
    return _add(
        crate,
        "#run",
        "CreateAction",
        name=f"regiodeal run: {record.title}",
        instrument=package,
        agent=office,
        object=[entity for name, entity in entities.items() if name.startswith(f"{PROJECT}data/")],
        result=[entity for name, entity in entities.items() if name.startswith(RUN)],
    )


def _file_properties(name: str, content: bytes, table: SnapshotMetadata | None) -> dict[str, object]:
    """Say what a file is; of a pinned table also whose it is and on which terms."""
    said: dict[str, object] = {
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        "encodingFormat": _FORMATS.get(PurePosixPath(name).suffix, "text/plain"),
        "name": _SAID.get(name, PurePosixPath(name).name),
    }
    if table is not None:
        said |= {"name": table.title, "license": {"@id": table.licence_url}, "isBasedOn": {"@id": table.url}}
        said |= {"creditText": table.attribution, "version": table.vintage.isoformat()}
    return said


def _described_by(metadata: SnapshotMetadata) -> dict[str, object]:
    """Say what the metadata of a pinned table say."""
    fields = []
    for column in metadata.columns:
        field: dict[str, object] = {"name": column.name, "type": _ROLES.get(column.role, "string")}
        field["description"] = column.meaning + (f" ({column.unit})" if column.unit else "")
        if column.role == "status":
            field["constraints"] = {"enum": list(STATUSES)}
        if column.codes:
            field["categories"] = [{"value": code, "label": label} for code, label in sorted(column.codes.items())]
        fields.append(field)
    keys = [column.name for column in metadata.columns if column.role in ("region", "period", "measure")]
    return {
        "title": metadata.title,
        "description": " ".join([metadata.made_by, *metadata.notes]),
        "version": metadata.vintage.isoformat(),
        "licenses": [{"title": metadata.licence, "path": metadata.licence_url}],
        "sources": [{"title": f"{metadata.publisher} {metadata.publisher_table}", "path": metadata.url}],
        "schema": {"fields": fields, "primaryKey": keys},
    }


def _fields(name: str, files: Mapping[str, bytes]) -> Iterator[dict[str, str]]:
    """Describe the columns of a CSV by its header, and by the codebook or the model of the records if there is one."""
    header = next(csv.reader(io.StringIO(files[name][:_LONGEST_HEAD].decode("utf-8-sig", "ignore"))), [])
    words = _codebook_words(files) if name == _RESULTS else {}
    table = TABLES.get(PurePosixPath(name).stem) if f"{PROJECT}data/programme/" in name else None
    for column in header:
        kind = "number" if (name, column) == (_RESULTS, "value") else "string"
        if table is not None:
            kind = _TYPES.get(table.model_fields[column].annotation, "string")
        yield {"name": column, "type": kind, **({"description": words[column]} if words.get(column) else {})}


def _codebook_words(files: Mapping[str, bytes]) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(files[_CODEBOOK].decode("utf-8")))
    return {row["code"]: row["omschrijving"] for row in rows if row["soort"] == "kolom"}


def _absent_words(record: BundleRecord) -> str:
    if not record.absent:
        return "Nothing that the run used is absent."
    return "Absent: " + " ".join(f"{item.what}: {item.why}; {item.effect}." for item in record.absent)
