"""The static interface of a published site, ``api/``: which releases there are, and a catalogue of what can be had.

References
----------
DCAT-AP-NL 3.0, https://docs.geostandaarden.nl/dcat/dcat-ap-nl30/
"""

import json
from collections.abc import Sequence
from pathlib import Path

from evaluation.base.paths import write_text
from evaluation.publish.site.catalogue import CODE_LICENCE, Entry, catalogue_json
from evaluation.release.reuse.files import API, REUSE
from evaluation.release.statement import Release

INDEX, CATALOGUE = "index.json", "catalogus.jsonld"


def write_interface(site: Path, releases: Sequence[tuple[str, Release]], address: str | None) -> None:
    """Write ``api/`` of a site.

    Parameters
    ----------
    site : Path
        With every release at its permanent address.
    releases : sequence of tuple[str, Release]
        Folder of the report in the site, and the release; the newest of a report last.
    address : str | None
        Of the site, where it is known.
    """
    if not releases:
        return
    newest = dict(releases)
    index = [
        {
            "deal": release.deal,
            "edition": release.edition,
            "title": release.title,
            "release": release.number,
            "date": release.date,
            "doi": release.doi or None,
            "is_newest": newest[folder] == release,
            "results": f"{folder}/{release.name}/results.csv",
            "files": _files(site, folder, release),
        }
        for folder, release in releases
    ]
    text = json.dumps({"releases": index}, ensure_ascii=False, indent=1) + "\n"
    write_text(site / API / INDEX, text)
    name = releases[0][1].deal_name
    up = "" if address else "../"
    entries = [entry for folder, release in newest.items() for entry in _entries(site, folder, release, up)]
    words = "De cijfers van elke uitgave: per thema, per gemeente en alles bij elkaar, met hun bron en stand."
    place = f"{address.rstrip('/')}/" if address else "./"
    catalogue = json.loads(catalogue_json(f"Cijfers van de {name}", words, name, entries, place))
    write_text(site / API / CATALOGUE, json.dumps(catalogue, ensure_ascii=False, separators=(",", ":")) + "\n")


def _files(site: Path, folder: str, release: Release) -> list[str]:
    base = site / folder / release.name / REUSE / API
    return [path.relative_to(site).as_posix() for path in sorted(base.glob("*.json"))]


def _entries(site: Path, folder: str, release: Release, up: str) -> list[Entry]:
    found = []
    for file in [f"{folder}/{release.name}/results.csv", *_files(site, folder, release)]:
        part = Path(file).stem
        title = f"{release.title}, uitgave {release.number}: {part.replace('-', ' ')}"
        identity = f"{release.deal}-{release.edition}-{release.name}-{part}"
        words = f"Cijfers van {release.title}, met eenheid, soort cijfer, bron en stand."
        size = (site / file).stat().st_size
        found.append(Entry(identity, title, words, release.deal_name, release.date, CODE_LICENCE, f"{up}{file}", size))
    return found
