"""Where everything stands in a bundle, and what its own record (bundle.json) says."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from evaluation.base.errors import RegioDealError
from evaluation.base.text import without_controls
from evaluation.base.zips import is_plain_name, read_json

FORMAT = 1
MOST_BYTES = 64_000_000
"""Of a bundle when it is unpacked, of its copy, and of the archive: today's is a sixth of that."""
README = "README.md"
RECORD = "bundle.json"
CRATE = "ro-crate-metadata.json"
DATAPACKAGE = "datapackage.json"
DCAT = "dcat.jsonld"
SUMS = "SHA256SUMS"
ORIGINALS = "check/originals.zip"
PROJECT = "project/"
RUN = "run/"
RUN_FILES = ("results.csv", "run.json", "inputs.json")

_EPOCH = (1980, 1, 1, 0, 0, 0)
_REGULAR_FILE = 0o100644 << 16
_UNIX = 3
_IDENTITY = re.compile(r"[a-z0-9][a-z0-9-]*")


class NotTheBundle(RegioDealError):
    """A bundle is another than the one that was published or signed; nothing was run (exit code 9)."""

    exit_code = 9


@dataclass(frozen=True, slots=True)
class Absent:
    """Something that the run knew and that may not leave the office."""

    what: str
    why: str
    effect: str  # what that means for who runs the bundle again


@dataclass(frozen=True, slots=True)
class BundleRecord:
    """What a bundle is."""

    deal: str
    deal_name: str
    edition: str
    kind: Literal["annual", "final", "portfolio"]
    title: str
    year: int  # the year reported on
    numbers: int
    date: str  # ISO day of the newest figures in it: the same state gives the same day
    records: str  # status of the programme's records: voorbeeld, voorlopig or vastgesteld
    versions: dict[str, str]  # of Python and of the packages that make the numbers
    absent: tuple[Absent, ...]
    format: int = FORMAT


def read_record(content: bytes) -> BundleRecord:
    """Read a record back; what is not one of this format, with words that can be shown, is a ValueError."""
    found = read_json(content, RECORD)
    if (number := found.get("format")) != FORMAT:
        raise ValueError(f"it is of format {number!r:.20}; this version reads format {FORMAT}")
    try:
        record = TypeAdapter(BundleRecord).validate_python(found)
    except ValidationError as error:
        places = {".".join(map(str, item["loc"][:2])) for item in error.errors()}
        raise ValueError(f"{RECORD} has other fields: {', '.join(sorted(places)[:5])}") from None
    texts = [record.deal_name, record.title, record.date, *record.versions, *record.versions.values()]
    texts += [text for item in record.absent for text in (item.what, item.why, item.effect)]
    if "".join(texts) != without_controls("".join(texts)) or not all(
        map(_IDENTITY.fullmatch, (record.deal, record.edition))
    ):
        raise ValueError(f"{RECORD} has text that is no name")
    return record


def to_json(content: object) -> str:
    """Write JSON so that equal content gives equal bytes."""
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def write_sums(files: Mapping[str, bytes]) -> bytes:
    """List the sha256 of every file, as the command sha256sum does."""
    lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())]
    return "".join(lines).encode()


def read_sums(content: bytes) -> dict[str, str]:
    """Read the sums back, by the name of the file; a line that is not one of ours is a ValueError."""
    sums = {}
    for number, line in enumerate(content.decode("utf-8").splitlines(), start=1):
        digest, _, name = line.partition("  ")
        if len(digest) != 64 or not name or not is_plain_name(name):
            raise ValueError(f"line {number} of {SUMS} is not a sum with a name")
        if name in sums:
            raise ValueError(f"{SUMS} has {name[:60]!r} twice")
        sums[name] = digest
    return sums


def is_copied(name: str) -> bool:
    """Tell whether a bundle keeps a second copy of a file: of all but executed notebooks, which anybody can make."""
    return name.startswith(PROJECT) or (name.startswith(RUN) and not name.endswith(".ipynb"))


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """Pack files so that equal files give equal bytes: in order of name, without times, owners or permissions."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in sorted(files):
            is_packed = name.endswith(".zip")
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = _UNIX, _REGULAR_FILE
            kind = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name], compress_type=kind, compresslevel=9)
    return packed.getvalue()
