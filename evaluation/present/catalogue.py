"""What there is to find, as DCAT-AP-NL 3.0 in JSON-LD: for data.overheid.nl and other catalogues of data.

References
----------
DCAT-AP-NL 3.0, https://docs.geostandaarden.nl/dcat/dcat-ap-nl30/
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import yaml

from evaluation.base.text import page_slug
from evaluation.statistics.snapshot_schema import SnapshotMetadata

CODE_LICENCE = "https://spdx.org/licenses/EUPL-1.2"
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "zip": "application/zip"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset of a catalogue, with the one file that it is found in."""

    identifier: str
    title: str  # Dutch, as the description
    description: str
    publisher: str  # name of who publishes the figures
    modified: str  # ISO day
    licence_url: str  # address of the licence, or words where none is known
    file: str  # from where the description stands, or an address
    access_url: str = ""  # page that leads to it, where that is not the file
    size: int | None = None  # bytes


def snapshot_entry(metadata: SnapshotMetadata, file: str, size: int) -> Entry:
    """Describe a pinned table as a dataset of its publisher.

    Parameters
    ----------
    metadata, file, size : SnapshotMetadata, str, int
        Of the table; where its file stands, and how many bytes it has.

    Returns
    -------
    Entry
    """
    description = f"{metadata.attribution}. {metadata.made_by}"
    day = metadata.vintage.isoformat()
    words = (metadata.title, description, metadata.publisher, day, metadata.licence_url)
    return Entry(metadata.place, *words, file, metadata.url, size)


def results_entry(title: str, record: Mapping[str, object], file: str, size: int) -> Entry:
    """Describe the numbers of a report as a dataset of the office.

    Parameters
    ----------
    title, record, file, size : str, Mapping[str, object], str, int
        Of the report; its run.json; where results.csv stands, and how many bytes it has.

    Returns
    -------
    Entry
    """
    sources = sorted({str(item["attribution"]) for item in record["snapshots"]})
    words = f"Elk getal van het verslag, met eenheid, soort cijfer, bron en stand. {'; '.join(sources)}."
    identity = f"{record['deal']}-{record['edition']}-results"
    office, day = str(record["deal_name"]), str(record["as_of"])
    return Entry(identity, f"Cijfers bij: {title}", words, office, day, CODE_LICENCE, file, size=size)


def catalogue_json(title: str, description: str, publisher: str, entries: Sequence[Entry], address: str = "./") -> str:
    """Write a catalogue of datasets.

    Parameters
    ----------
    title, description, publisher : str
        Of the catalogue, in Dutch; who made it is who can be asked.
    entries : Sequence[Entry]
        Its datasets; at least one.
    address : str
        Where it stands, with a slash at the end; relative when that is not known.

    Returns
    -------
    str
        JSON-LD, with equal bytes for equal input.
    """
    shared = yaml.safe_load((resources.files("evaluation.present") / "catalogue.yml").read_text(encoding="utf-8"))
    names = {publisher, *(entry.publisher for entry in entries)}
    agents = {name: {"@id": f"{address}#{page_slug(name)}", "@type": "Agent", "name": name} for name in sorted(names)}
    own = agents[publisher]["@id"]
    contact = {"@id": f"{address}#contact", "@type": "Kind", "fn": publisher, "hasURL": address}
    common = {"contactPoint": contact["@id"], "creator": own, "language": shared["language"]}
    datasets = [_dataset(entry, agents[entry.publisher]["@id"], common, shared, address) for entry in entries]
    catalogue = {
        "@id": f"{address}#catalogus",
        "@type": "Catalog",
        "title": title,
        "description": description,
        "publisher": own,
        "modified": max(entry.modified for entry in entries),
        "dataset": [dataset["@id"] for dataset in datasets],
        **common,
    }
    graph = [catalogue, *datasets, *agents.values(), contact]
    content = {"@context": shared["context"], "@graph": graph}
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _dataset(entry: Entry, publisher: str, common: dict, shared: dict, address: str) -> dict[str, object]:
    file = entry.file if "://" in entry.file else address.removesuffix("./") + entry.file
    distribution = {
        "@type": "Distribution",
        "title": entry.title,
        "accessURL": entry.access_url if "://" in entry.access_url else file,
        "downloadURL": file,
        "license": shared["licences"].get(entry.licence_url, shared["unknown_licence"]),
        "mediaType": shared["media_types"] + _MEDIA[entry.file.rpartition(".")[2]],
    }
    if entry.size is not None:
        distribution["byteSize"] = str(entry.size)
    return {
        "@id": f"{address}#{page_slug(entry.identifier)}",
        "@type": "Dataset",
        "identifier": entry.identifier,
        "title": entry.title,
        "description": entry.description,
        "publisher": publisher,
        "modified": entry.modified,
        "theme": shared["themes"],
        "accessRights": shared["access_rights"],
        "distribution": distribution,
        **common,
    }
