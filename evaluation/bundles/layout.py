"""Where everything stands in a bundle, and what its own record (bundle.json) says."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

FORMAT = 1
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
    kind: str
    title: str
    year: int  # the year reported on
    numbers: int
    date: str  # ISO day of the newest figures in it: the same state gives the same day
    records: str  # status of the programme's records: voorbeeld, voorlopig or vastgesteld
    versions: dict[str, str]  # of Python and of the packages that make the numbers
    absent: tuple[Absent, ...]
    format: int = FORMAT


def read_record(text: str) -> BundleRecord:
    """Read a record back; what is not that of a bundle is a ValueError."""
    try:
        content = json.loads(text)
        absent = tuple(Absent(item["what"], item["why"], item["effect"]) for item in content.pop("absent"))
        return BundleRecord(**content, absent=absent)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no record of a bundle: {error}") from None


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
        if len(digest) != 64 or not name:
            raise ValueError(f"line {number} of {SUMS} is not a sum with a name")
        sums[name] = digest
    return sums


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
