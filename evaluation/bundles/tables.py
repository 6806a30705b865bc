"""What the tables of a bundle hold, whose they are and on which terms: title, typed and described columns, licences.

Each fact stands in one place: beside a pinned table or a register of areas in its .yml, of the records in their models
and in template.csv, of results.csv in the codebook, and of what is left in ``tables.yml`` beside this module.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import PurePosixPath

import yaml

from evaluation.base.zips import read_yaml
from evaluation.bundles.layout import PROJECT, RUN
from evaluation.inputs.records.programme import PROTECTED_TABLES, TABLES
from evaluation.inputs.retail.tables import HANDED_ON
from evaluation.inputs.retail.tables import TABLES as RETAIL_TABLES
from evaluation.publish.site.catalogue import CODE_LICENCE
from evaluation.statistics.snapshot_schema import STATUSES, SnapshotMetadata

CODE_TERMS = "European Union Public Licence 1.2 (code, notebooks, prose, agreement, indicators and records)"
CODEBOOK = f"{PROJECT}reports/codeboek.csv"
_RESULTS = f"{RUN}results.csv"
_REGIONS = f"{PROJECT}data/regions/"
_MODELS = {**TABLES, **PROTECTED_TABLES, **RETAIL_TABLES, **HANDED_ON}
_TYPES = {"int": "integer", "float": "number", "bool": "boolean", "datetime.date": "date"}
_ROLES = {"period": "integer", "value": "number"}
_LONGEST_HEAD = 10_000
_MOST_WORDS = 200_000
_BOOLEANS = {"trueValues": ["ja", "True", "true"], "falseValues": ["nee", "False", "false"]}


@dataclass(frozen=True, slots=True)
class Terms:
    """Whose a table is, and on which terms it may be used."""

    publisher: str
    title: str
    licence: str
    licence_url: str  # as the registry has it: an address, or words where none is known
    url: str
    attribution: str
    version: str  # ISO day on which it was taken

    @property
    def licence_id(self) -> str:
        """The address of the licence; where there is none, a name for it within the bundle."""
        return self.licence_url if "://" in self.licence_url else f"#licence-{self.publisher.lower().replace(' ', '-')}"


def snapshots_in(files: Mapping[str, bytes]) -> Iterator[tuple[str, SnapshotMetadata]]:
    """Give the pinned tables of a bundle, and the stand-ins of private ones: the file's name, and its metadata."""
    for name in sorted(files):
        if name.startswith((f"{PROJECT}data/snapshots/", f"{PROJECT}data/withheld/")) and name.endswith(".yml"):
            metadata = _read_metadata(files[name])
            yield f"{name.removesuffix('.yml')}.{metadata.format}", metadata


@lru_cache(maxsize=1000)
def _read_metadata(content: bytes) -> SnapshotMetadata:
    return SnapshotMetadata.model_validate(read_yaml(content))


@lru_cache(maxsize=1000)
def _read(content: bytes) -> dict:
    if not isinstance(found := read_yaml(content), dict):
        raise ValueError("it is no YAML with fields")
    return found


def terms_in(files: Mapping[str, bytes]) -> dict[str, Terms]:
    """Give the terms of each table that is not the office's own, by the name of its file."""
    found = {
        name: Terms(
            *(item.publisher, f"{item.publisher} {item.publisher_table}", item.licence, item.licence_url, item.url),
            *(item.attribution, item.vintage.isoformat()),
        )
        for name, item in snapshots_in(files)
    }
    for name, said in registers_in(files):
        title = f"{said['publisher']} {said['publisher_table']}"
        words = (said[key] for key in ("licence", "licence_url", "url", "attribution"))
        found[name] = Terms(said["publisher"], title, *words, str(said["retrieved"]))
    for name in files:
        if name.startswith(f"{PROJECT}data/retail/") and name.endswith("/dataset.yml"):
            said = _read(files[name])
            terms = Terms(
                *(str(said.get(key, "")) for key in ("source", "title", "licence")),
                "",
                "",
                *(str(said.get(key, "")) for key in ("source", "version")),
            )
            found |= {
                table: terms
                for table in files
                if table.startswith(name.removesuffix("dataset.yml")) and table.endswith(".csv")
            }
    return found


def licences_of(name: str, terms: Mapping[str, Terms]) -> dict[str, str]:
    """Give the licences of a file, address to words: its own, those of all that a result rests on, or EUPL."""
    if name in terms:
        return {terms[name].licence_id: terms[name].licence}
    if not name.startswith(RUN):
        return {CODE_LICENCE: CODE_TERMS}
    return all_licences(terms)


def all_licences(terms: Mapping[str, Terms]) -> dict[str, str]:
    """Give every licence in a bundle, address to words with whose figures come under it."""
    whose: dict[tuple[str, str], set[str]] = {}
    for item in terms.values():
        whose.setdefault((item.licence_id, item.licence), set()).add(item.publisher)
    named = {address: f"{licence} (figures of {', '.join(sorted(of))})" for (address, licence), of in whose.items()}
    return {CODE_LICENCE: CODE_TERMS, **dict(sorted(named.items()))}


def describe_table(
    name: str, files: Mapping[str, bytes], known: Mapping[str, SnapshotMetadata], registers: Mapping[str, dict]
) -> dict[str, object]:
    """Say what a table is and what its columns hold, as a Data Package does."""
    if name in known:
        return _described_by(known[name])
    said, register = _said_of(name), registers.get(name, {})
    title = said.get("title") or register.get("title", name.removeprefix(PROJECT))
    words = {**(_words(name, files) or register.get("columns", {})), **said.get("columns", {})}
    return {"title": title, "encoding": "utf-8", "schema": {"fields": list(_fields(name, files, said, words))}}


@cache
def _all_said() -> dict[str, dict]:
    return yaml.safe_load((resources.files("evaluation.bundles") / "tables.yml").read_text(encoding="utf-8"))


def _said_of(name: str) -> dict[str, dict]:
    path = PurePosixPath(name)
    return _all_said().get(name) or _all_said().get(f"{path.parent.parent}/{{deal}}/{path.name}") or {}


def registers_in(files: Mapping[str, bytes]) -> Iterator[tuple[str, dict]]:
    """Give the registers of areas that have metadata beside them."""
    for name in files:
        if name.startswith(_REGIONS) and name.endswith(".yml"):
            said = _read(files[name])
            if "file" in said:
                yield _REGIONS + said["file"], said


def _fields(
    name: str, files: Mapping[str, bytes], said: Mapping[str, dict], words: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Type and describe the columns of a CSV, in the order of its header."""
    header = next(csv.reader(io.StringIO(files[name][:_LONGEST_HEAD].decode("utf-8-sig", "ignore"))), [])
    model = _MODELS.get(PurePosixPath(name).stem) if f"{PROJECT}data/" in name else None
    for column in header:
        kind = said.get("types", {}).get(column, "string")
        if model is not None and column in model.model_fields:
            annotation = model.model_fields[column].annotation
            spelled = getattr(annotation, "__qualname__", None) if isinstance(annotation, type) else str(annotation)
            kind = _TYPES.get("datetime.date" if spelled == "date" else spelled.removesuffix(" | None"), "string")
        yield {
            "name": column,
            "type": kind,
            "description": words.get(column, column),
            **(_BOOLEANS if kind == "boolean" else {}),
        }


def _words(name: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """Find what is said of the columns of a table elsewhere in the bundle."""
    if name == _RESULTS:
        return {row["code"]: row["omschrijving"] for row in _rows(files[CODEBOOK]) if row["soort"] == "kolom"}
    stem = PurePosixPath(name).stem
    if name.startswith(f"{PROJECT}data/programme/") and stem in _MODELS:
        rows = _rows(files[f"{PROJECT}data/programme/template.csv"])
        return {row["column"]: f"{row['heading']}. {row['help']}".strip() for row in rows if row["table"] == stem}
    return {}


@lru_cache(maxsize=2)
def _rows(content: bytes) -> list[dict[str, str]]:
    if len(content) > _MOST_WORDS:
        raise ValueError("a table with words is too large")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"))))


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
        "schema": {"fields": fields, "primaryKey": keys},
    }
