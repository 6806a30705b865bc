"""Open an archive that somebody sent, within bounds: nothing is unpacked before its size, names and form are known."""

import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from evaluation.base.text import normalised

READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError)
"""What reading a part of a damaged archive may raise."""

_OPEN_ERRORS = (*READ_ERRORS, ValueError, OverflowError, struct.error)
_OLD_OR_LOCKED = bytes.fromhex("d0cf11e0a1b11ae1")
_MOST_PARTS = 2_000
"""A bundle of ours has about four hundred, a workbook some dozens; each takes time wherever it is told of."""
_LONGEST_LIST = 1_000_000
_MOST_TIMES = 200
"""A bundle of ours unpacks to three times its size, and no part of it to more than fifteen times."""
MOST_FILE = 60_000_000
"""Of a workbook or table as it was sent."""
_MOST_READ = 8_000_000
_MOST_PIECES = 1_000_000
_LONGEST_NAME, _LONGEST_PART = 400, 200
_KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What every program writes; of the others Python's reader gives as much as there is, whatever was asked."""

_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""How JSON writes the two halves of a rare letter; one alone can nowhere be written."""


class Unreadable(Exception):
    """A file that is not read; the message says why, in words."""


class _Listed(io.BytesIO):
    """Bytes of which the list of parts is not read when it is long: it is read at once, before it can be counted."""

    is_open = False

    def read(self, size: int | None = -1) -> bytes:
        """Read as any stream does; refuse a list of parts that is too long."""
        if not self.is_open and size is not None and size > _LONGEST_LIST:
            raise Unreadable(f"its list of parts is too long (at most {_MOST_PARTS} parts)")
        return super().read(size)


def open_zip(content: bytes, *, most_bytes: int) -> zipfile.ZipFile:
    """Open an archive of which the parts have a name each, no password, and together no more bytes than a bound.

    Names that a computer may hold for the same (in capitals, with composed letters, from the root) are one name.  A
    part that is read piece by piece gives no more bytes than the archive says of it, so that the bound holds while it
    is read; an archive within it is a part like any other.  Raises Unreadable for any other file.
    """
    if content.startswith(_OLD_OR_LOCKED):
        raise Unreadable("it has a password, or is of an old program")
    stream = _Listed(content)
    try:
        archive = zipfile.ZipFile(stream)
        parts = archive.infolist()
    except _OPEN_ERRORS:
        raise Unreadable("it is damaged, or of another kind") from None
    stream.is_open = True
    size = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS:
        raise Unreadable(f"it has {len(parts)} parts (at most {_MOST_PARTS})")
    if (twice := find_twice([part.filename for part in parts])) is not None:
        raise Unreadable(f"it has two parts of one name ({twice[:60]!r})")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unreadable("it has a password")
    if any(part.compress_type not in _KINDS for part in parts):
        raise Unreadable("it is packed in a way that is not read; pack it as an ordinary .zip")
    if size > most_bytes:
        raise Unreadable(f"it has {size // 10**6} MB when unpacked (at most {most_bytes // 10**6})")
    return archive


def unzip(content: bytes, *, most_bytes: int, names: Collection[str] | None = None) -> dict[str, bytes]:
    """Read the files of an archive that may be written to a folder, or those with the given names.

    Raises Unreadable, beside what `open_zip` refuses, for a name that leads elsewhere, a symbolic link, an archive that
    unpacks to very much more than its size, and a damaged part.
    """
    with open_zip(content, most_bytes=most_bytes) as archive:
        parts = archive.infolist()
        for part in parts:
            if not is_plain_name(part.filename):
                raise Unreadable(f"it holds a file that would be written elsewhere ({part.filename[:60]!r})")
            if stat.S_IFMT(part.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise Unreadable(f"it holds a link or device in the place of a file ({part.filename[:60]!r})")
        if sum(part.file_size for part in parts) > _MOST_TIMES * max(len(content), 2000):
            raise Unreadable(f"it would be more than {_MOST_TIMES} times its size when unpacked")
        folders = {str(place) for part in parts for place in PurePosixPath(part.filename).parents}
        if (name := next((part.filename for part in parts if part.filename in folders), None)) is not None:
            raise Unreadable(f"it holds a file and a folder of one name ({name[:60]!r})")
        wanted = [part for part in parts if not part.is_dir() and (names is None or part.filename in names)]
        return {part.filename: _read_part(archive, part) for part in wanted}


def read_sent(path: Path) -> bytes:
    """Read a file that somebody sent; one that is larger than any table or workbook is an Unreadable."""
    if (size := path.stat().st_size) > MOST_FILE:
        raise Unreadable(f"it has {size // 10**6} MB (at most {MOST_FILE // 10**6})")
    return path.read_bytes()


def is_plain_name(name: str) -> bool:
    r"""Tell whether a file of this name stays in its folder on every system, and its name can be shown.

    >>> [is_plain_name(name) for name in ("run/results.csv", "../a", "/a", "C:/a", "a\\b", "a\n")]
    [True, False, False, False, False, False]
    """
    path = PurePosixPath(name)
    is_short = len(name) <= _LONGEST_NAME and all(len(part.encode()) <= _LONGEST_PART for part in path.parts)
    leads_away = path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name
    return name.isprintable() and is_short and not leads_away


def find_twice(names: Collection[str]) -> str | None:
    """Return a name that is equal to another but for capitals, the form of its letters or a first slash, or None."""
    found = Counter(normalised(name.lstrip("/")).casefold() for name in names)
    return next((name for name, count in found.items() if count > 1), None)


def is_heavy(content: bytes) -> bool:
    """Tell whether text of others would take far more memory than its size when it is taken apart."""
    return len(content) > _MOST_READ or sum(map(content.count, (b",", b"\n", b"\r", b"[", b"{"))) > _MOST_PIECES


def read_json(content: bytes, name: str = "it") -> dict:
    """Read an object from JSON of others; deep, heavy or other JSON is a ValueError that says so of its name."""
    if is_heavy(content):
        raise ValueError(f"{name} is too large")
    try:
        found = json.loads(content)
    except RecursionError:
        raise ValueError(f"{name} is too deep") from None
    except ValueError as error:
        raise ValueError(f"{name} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no JSON object")
    if has_half_letters(content, found):
        raise ValueError(f"{name} has half of a letter")
    return found


def has_half_letters(content: bytes, found: object) -> bool:
    """Tell whether JSON, of which `found` was read, has half of a letter: such a text can nowhere be written."""
    if not _HALF.search(content):
        return False
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def read_yaml(content: bytes) -> object:
    """Read YAML of others; deep, heavy or damaged YAML is a ValueError that says so."""
    import yaml

    from evaluation.base.yaml_entries import load_yaml

    if is_heavy(content):
        raise ValueError("it is too large")
    try:
        return load_yaml(content)
    except yaml.YAMLError as error:
        raise ValueError(f"it is no YAML ({getattr(error, 'problem', None) or 'damaged'})") from None


def _read_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(part) as stream:
            content = stream.read(part.file_size + 1)  # without a size, all that can be unpacked would come at once
    except _OPEN_ERRORS:
        content = None
    if content is None or len(content) != part.file_size:
        raise Unreadable(f"its part {part.filename[:60]!r} is damaged")
    return content
