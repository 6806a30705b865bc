"""Open an archive that somebody sent, within bounds: nothing is unpacked before its size, names and form are known."""

import io
import zipfile
import zlib
from collections import Counter

READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError)
"""What reading a part of a damaged archive may raise."""

_OLD_OR_LOCKED = bytes.fromhex("d0cf11e0a1b11ae1")
_PART = b"PK\x01\x02"
_MOST_PARTS = 10_000


class Unreadable(Exception):
    """A file that is not read; the message says why, in words."""


def open_zip(content: bytes, *, most_bytes: int) -> zipfile.ZipFile:
    """Open an archive of which the parts have a name each, no password, and together no more bytes than a bound.

    A part gives no more bytes than the archive says of it, so that the bound holds while it is read; an archive within
    it is a part like any other.  Raises Unreadable for any other file.
    """
    if content.startswith(_OLD_OR_LOCKED):
        raise Unreadable("it has a password, or is of an old program")
    if content.count(_PART) > _MOST_PARTS:  # before they are listed: that takes half a kB for each
        raise Unreadable(f"it has more than {_MOST_PARTS} parts")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
    except (*READ_ERRORS, ValueError):
        raise Unreadable("it is damaged, or of another kind") from None
    names = Counter(part.filename.lstrip("/").casefold() for part in parts)
    size = sum(part.file_size for part in parts)
    twice = [name for name, count in names.items() if count > 1]
    if twice:
        raise Unreadable(f"it has two parts of one name ({twice[0][:60]!r})")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unreadable("it has a password")
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise Unreadable("it is packed in a way that cannot be read within bounds")
    if size > most_bytes:
        raise Unreadable(f"it has {size // 10**6} MB when unpacked (at most {most_bytes // 10**6})")
    return archive
