"""A private table and a private extract of shops whose every figure and word can be found again wherever they went."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd
import yaml

from evaluation.statistics.snapshot_writer import add_snapshot
from evaluation.statistics.snapshots import open_snapshot
from tests.conftest import ROOT

WORD = "geheimwoord"
FIRST_FIGURE = 777_001
LAST_FIGURE = 777_700
"""Below 777.778, which is seven ninths to so many digits."""
_FIGURES = re.compile(rb"777(?:[. ]|\xc2\xa0)?\d{3}(?!\d)")
_PREMISES = re.compile(rb"gp9[0-9]{4}|go9[0-9]{4}|geheimstraat", re.IGNORECASE)
_CLUSTERS = re.compile(rb"geheimcentrum|gc-?9[0-9]{2}", re.IGNORECASE)
SHOWN = {"title": "Telling", "source": "Teller", "licence": "alleen cijfers", "vacancy_definition": "Leeg is leeg."}
"""What a licensed extract says of itself that may be published."""


def plant_table(root: Path, source: str = "cbs", table: str = "84799NED", *, instead: bool = False) -> None:
    """Add a private vintage of a table with figures from 777001 on and a word in every text, or put it `instead`.

    One of its figures is corrected.
    """
    folder = root / "data" / "snapshots"
    public = open_snapshot(source, table, folder=folder)
    described = public.metadata.model_dump(
        mode="json", exclude={"rows", "sha256", "first_period", "last_period", "format"}
    )
    words = ("title", "publisher", "publisher_table", "url", "licence", "licence_url", "attribution", "origin")
    described |= {name: f"{WORD} {name}" for name in (*words, "provisional_rule", "made_by")}
    described |= {"notes": [f"{WORD} noot"], "private": True, "vintage": date(2026, 11, 29).isoformat()}
    described["columns"] = [
        item
        | {
            "meaning": f"{WORD} {item['name']}",
            "unit": f"{WORD} eenheid",
            "codes": {code: f"{WORD} {label}" for code, label in item["codes"].items()},
        }
        for item in described["columns"]
    ]
    frame = public.frame.copy()
    more = frame.iloc[:2].copy()
    if public.metadata.measure_column:
        more[public.metadata.measure_column] = [f"{WORD}_maat", f"{WORD}_maat2"]
    more["region"] = [f"BU{WORD}", f"BU{WORD}2" if public.metadata.measure_column is None else "GM0917"]
    frame = pd.concat([frame, more], ignore_index=True)
    frame["value"] = [float(FIRST_FIGURE + number % (LAST_FIGURE - FIRST_FIGURE)) for number in range(len(frame))]
    frame["status"] = "final"
    if instead:
        for path in folder.glob(f"{source}/*/{table}.*"):
            path.unlink()
        kept = folder / "row_counts.csv"
        rows = pd.read_csv(kept, dtype=str)
        rows[(rows["source"] != source) | (rows["table"] != table)].to_csv(kept, index=False, lineterminator="\n")
    add_snapshot(frame, described, folder=folder)
    first = frame.iloc[0]
    measure = public.metadata.measure_column
    correction = {
        "source": source, "table": table, "region": first["region"], "period": int(first["period"]),
        "expect": FIRST_FIGURE, "value": FIRST_FIGURE + 1, "reason": f"{WORD} reden", "reference": f"{WORD} brief",
        "declared_on": "2026-11-29",
    }  # fmt: skip
    correction |= {"measure": first[measure]} if measure else {}
    path = root / "data" / "corrections.yml"
    said = yaml.safe_load(path.read_text(encoding="utf-8"))
    said["corrections"][f"besloten-{table.lower()}"] = correction
    path.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")


def marks_in(root: Path, *, clusters: bool = True) -> Iterator[str]:
    """Name every file below a folder in which something of what was planted stands, also in what is packed.

    Names of clusters too, unless the licence of the shops lets their figures out (`clusters`).
    """
    for path in sorted(item for item in root.rglob("*") if item.is_file()):
        for name, content in _texts(path.relative_to(root).as_posix(), path.read_bytes()):
            found = re.search(WORD.encode(), content, re.IGNORECASE) or _figure(content)
            found = found or _PREMISES.search(content) or (_CLUSTERS.search(content) if clusters else None)
            if found:
                start = max(found.start() - 60, 0)
                yield f"{name}: {content[start : found.end() + 40]!r}"


def _figure(content: bytes) -> re.Match[bytes] | None:
    """Find a planted figure; digits inside a longer number or a sum are none."""
    for match in _FIGURES.finditer(content):
        before = content[max(match.start() - 1, 0) : match.start()]
        after = content[match.end() : match.end() + 1]
        if re.search(rb">[^<>,]{0,12}\d,$", content[max(match.start() - 20, 0) : match.start()]):
            continue  # decimals of a number on a page
        is_alone = not re.match(rb"[0-9A-Za-z.#]", before) and not re.match(rb"[0-9A-Za-z]", after)
        figure = re.sub(rb"\D", b"", match.group())
        if is_alone and FIRST_FIGURE <= int(figure) <= LAST_FIGURE and figure not in _public_figures():
            return match
    return None


@lru_cache(maxsize=1)
def _public_figures() -> frozenset[bytes]:
    """Return the figures of this kind that stand in public data anyway."""
    files = (path for path in (ROOT / "data").rglob("*.csv"))
    return frozenset(match for path in files for match in re.findall(rb"\b777\d{3}\b", path.read_bytes()))


def _texts(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Give what a file says, with everything packed in it."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for inner in archive.namelist():
                yield f"{name}!{inner}", inner.encode()
                yield from _texts(f"{name}!{inner}", archive.read(inner))
    elif content[:4] == b"%PDF":
        import pypdf

        reader = pypdf.PdfReader(io.BytesIO(content))
        yield name, "\n".join(page.extract_text() for page in reader.pages).encode()
        yield name, str(reader.metadata).encode()
    elif content[:4] == b"PAR1":
        import duckdb

        frame = duckdb.read_parquet(io.BytesIO(content)).df()
        yield name, frame.to_csv().encode()
    else:
        yield name, content
    yield name, name.encode()


def plant_shops(root: Path, deal: str = "parkstad-limburg", *, may_publish: bool = False, **dataset: object) -> None:
    """Copy the example of the shops to the private overlay as a licensed extract with words of its own."""
    source, target = (root / "data" / part / deal for part in ("retail", "private/retail"))
    target.mkdir(parents=True)
    frames = {path.stem: pd.read_csv(path, dtype=str, keep_default_na=False) for path in source.glob("*.csv")}
    clusters = list(frames["clusters"]["cluster_id"])
    ids = {item: f"GC-9{number:02d}" for number, item in enumerate(clusters)}
    frames["clusters"]["cluster_id"] = frames["clusters"]["cluster_id"].map(ids)
    frames["clusters"]["name"] = [f"Geheimcentrum {number}" for number in range(len(clusters))]
    frames["clusters"]["note"] = f"{WORD} geheimstraat 1"
    premises = frames["premises"]
    premises["cluster"] = premises["cluster"].map(lambda item: ids.get(item, ""))
    for column, letters in (("premises_id", "GP"), ("occupant_id", "GO")):
        known = {item: f"{letters}9{number:04d}" for number, item in enumerate(dict.fromkeys(premises[column])) if item}
        premises[column] = premises[column].map(lambda item, known=known: known.get(item, ""))
    frames["plan_capacity"]["m2"] = [str(FIRST_FIGURE + number) for number in range(len(frames["plan_capacity"]))]
    for name, frame in frames.items():
        frame.to_csv(target / f"{name}.csv", index=False, lineterminator="\n")
    said = yaml.safe_load((source / "dataset.yml").read_text(encoding="utf-8"))
    said |= {"status": "voorlopig", "may_publish": may_publish, "may_publish_plans": False}
    said |= {name: f"{WORD} {name}" for name in ("title", "source", "licence", "vacancy_definition")}
    said |= dataset
    (target / "dataset.yml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
