"""What a bundle says of itself for machines: RO-Crate 1.1 (ro-crate-metadata.json) and Data Package (datapackage.json).

References
----------
RO-Crate Metadata Specification 1.1, https://w3id.org/ro/crate/1.1
Data Package 2.0, https://datapackage.org
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import PurePosixPath

import yaml

from evaluation.base.zips import read_json
from evaluation.bundles.layout import PROJECT, RUN, BundleRecord, to_json
from evaluation.bundles.tables import (
    CODE_LICENCE,
    Terms,
    all_licences,
    describe_table,
    licences_of,
    registers_in,
    snapshots_in,
    terms_in,
)
from evaluation.publish.site.catalogue import catalogue_json, results_entry, snapshot_entry

_FILES = yaml.safe_load((resources.files("evaluation.bundles") / "files.yml").read_text(encoding="utf-8"))
_FORMATS: dict[str, str] = _FILES["formats"]
_SAID: dict[str, str] = _FILES["said"]


def datapackage_json(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    """Describe the tables: results, codebook, pinned statistics, records and registers."""
    known, terms, registers = dict(snapshots_in(files)), terms_in(files), dict(registers_in(files))
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
            "licenses": _licences(licences_of(name, terms)),
        }
        if item := terms.get(name):
            resource |= {"version": item.version, "sources": [{"title": item.title, "path": item.url}]}
        resources.append(resource | describe_table(name, files, known, registers))
    return to_json(
        {
            "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
            "name": f"regiodeal-{record.deal}-{record.edition}",
            "title": f"{record.deal_name}: {record.title}",
            "description": _absent_words(record),
            "version": record.date,
            "licenses": _licences(all_licences(terms)),
            "contributors": [{"title": record.deal_name, "roles": ["publisher"]}],
            "resources": resources,
        }
    )


def _licences(found: Mapping[str, str]) -> list[dict[str, str]]:
    """Write licences as a Data Package does: with an address where there is one."""
    return [
        {"name": "EUPL-1.2", "title": words, "path": address} if address == CODE_LICENCE
        else {"title": words, "path": address} if "://" in address
        else {"name": words, "title": words}
        for address, words in found.items()
    ]  # fmt: skip


def dcat_json(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    """Describe the numbers and the pinned tables as DCAT-AP-NL, for catalogues of data."""
    run, results = read_json(files[f"{RUN}run.json"]), f"{RUN}results.csv"
    entries = [results_entry(record.title, run, results, len(files[results]))]
    entries += [snapshot_entry(item, name, len(files[name])) for name, item in snapshots_in(files) if name in files]
    title = f"{record.deal_name}: {record.title}"
    words = f"Alles wat nodig is om de {record.numbers} getallen van het verslag opnieuw te maken."
    return catalogue_json(title, words, record.deal_name, entries)


def crate_json(record: BundleRecord, files: Mapping[str, bytes]) -> str:
    """Describe every file as RO-Crate 1.1, the run as the action that made the numbers, and what is absent."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    terms = terms_in(files)
    for address, words in all_licences(terms).items():
        _add(crate, address, "CreativeWork", name=words)
    entities = {
        name: crate.add_file(dest_path=name, properties=_file_properties(name, content, terms))
        for name, content in sorted(files.items())
    }
    for address, item in {item.url: item for item in terms.values() if item.url}.items():
        _add(crate, address, "CreativeWork", name=item.title, publisher={"@id": _publisher_id(item)})
    for identity, item in {_publisher_id(item): item for item in terms.values()}.items():
        _add(crate, identity, "Organization", name=item.publisher)
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
    root["mentions"] = [run, *absent] if absent else run
    root["name"] = f"{record.deal_name}: {record.title}"
    root["description"] = f"Everything that is needed to make {record.numbers} numbers again. {_absent_words(record)}"
    root["datePublished"] = record.date
    root["license"] = _references(all_licences(terms))
    root["author"] = root["publisher"] = run["agent"]
    return to_json(crate.metadata.generate())


def _references(identities: Iterable[str]) -> dict[str, str] | list[dict[str, str]]:
    """Refer to entities: to one as itself and to more as a list, as RO-Crate asks."""
    found = [{"@id": identity} for identity in identities]
    return found[0] if len(found) == 1 else found


def _publisher_id(item: Terms) -> str:
    return f"#publisher-{re.sub(r'[^a-z0-9]+', '-', item.publisher.lower())}"


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
        license={"@id": CODE_LICENCE},
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


def _file_properties(name: str, content: bytes, terms: Mapping[str, Terms]) -> dict[str, object]:
    """Say what a file is and on which terms; of a table of others also whose it is."""
    said: dict[str, object] = {
        "contentSize": str(len(content)),
        "sha256": hashlib.sha256(content).hexdigest(),
        "encodingFormat": _FORMATS.get(PurePosixPath(name).suffix, "text/plain"),
        "name": _SAID.get(name, PurePosixPath(name).name),
        "license": _references(licences_of(name, terms)),
    }
    if item := terms.get(name):
        said |= {"name": item.title, "creditText": item.attribution, "version": item.version}
        said |= {"publisher": {"@id": _publisher_id(item)}, **({"isBasedOn": {"@id": item.url}} if item.url else {})}
    return said


def _absent_words(record: BundleRecord) -> str:
    if not record.absent:
        return "Nothing that the run used is absent."
    return "Absent: " + " ".join(f"{item.what}: {item.why}; {item.effect}." for item in record.absent)
