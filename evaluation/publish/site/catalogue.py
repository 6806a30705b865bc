"""What there is to find, as DCAT-AP-NL 3.0 in JSON-LD: for data.overheid.nl and other catalogues of data.

References
----------
DCAT-AP-NL 3.0, https://docs.geostandaarden.nl/dcat/dcat-ap-nl30/
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import resources

from jinja2 import Environment, StrictUndefined

from evaluation.base.text import page_slug
from evaluation.statistics.snapshot_schema import SnapshotMetadata

CODE_LICENCE = "https://spdx.org/licenses/EUPL-1.2"
_LICENCES = {
    CODE_LICENCE: "http://publications.europa.eu/resource/authority/licence/EUPL_1_2",
    "https://creativecommons.org/licenses/by/4.0/": "http://publications.europa.eu/resource/authority/licence/CC_BY_4_0",
    "onbekend": "http://standaarden.overheid.nl/owms/terms/licentieonbekend",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A dataset of a catalogue, with the one file that it is found in."""

    identifier: str
    title: str  # Dutch, as the description
    description: str
    publisher: str  # name of who publishes the figures
    modified: str  # ISO day
    licence_url: str  # address of the licence, or words where none is known
    file: str  # from where the description stands
    size: int  # bytes
    page: str = ""  # address that leads to it, where that is not the file


def snapshot_entry(item: SnapshotMetadata, file: str, size: int) -> Entry:
    """Describe a pinned table as a dataset of its publisher."""
    words = (item.title, f"{item.attribution}. {item.made_by}", item.publisher, item.vintage.isoformat())
    page = item.url if "://" in item.url else ""
    return Entry(item.place, *words, item.licence_url, file, size, page)


def results_entry(title: str, record: Mapping, file: str, size: int) -> Entry:
    """Describe the numbers of a report, of which `record` is the run.json, as a dataset of the office."""
    sources = "; ".join(sorted({item["attribution"] for item in record["snapshots"]}))
    words = f"Elk getal van het verslag, met eenheid, soort cijfer, bron en stand. {sources}."
    identity, day = f"{record['deal']}-{record['edition']}-results", record["as_of"]
    return Entry(identity, f"Cijfers bij: {title}", words, record["deal_name"], day, CODE_LICENCE, file, size)


def catalogue_json(title: str, description: str, publisher: str, entries: Sequence[Entry], address: str = "./") -> str:
    """Write a catalogue of at least one dataset, which stands at an address with a slash at its end."""
    text = (resources.files("evaluation.publish.site") / "catalogue.jsonld.j2").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(text)
    names = sorted({publisher, *(entry.publisher for entry in entries)})
    return template.render(
        json=partial(json.dumps, ensure_ascii=False),
        title=title,
        description=description,
        publisher=publisher,
        entries=entries,
        address=address,
        agents={name: f"{address}#{page_slug(name)}" for name in names},
        identities=[f"{address}#{page_slug(entry.identifier)}" for entry in entries],
        files=[address.removesuffix("./") + entry.file for entry in entries],
        licences=_LICENCES,
    )
