"""Open an archive that somebody sent, within bounds: nothing is unpacked before its size, names and form are known."""

import io
import zipfile
import zlib

READ_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, KeyError)
"""What reading a part of a damaged archive may raise."""

_OLD_OR_LOCKED = bytes.fromhex("d0cf11e0a1b11ae1")
_MOST_PARTS = 10_000


class Unreadable(Exception):
    """A file that is not read; the message says why, in words."""


def open_zip(content: bytes, *, most_bytes: int, suffix: str = "") -> zipfile.ZipFile:
    """Open an archive of which the parts have a name each, no password, and together no more bytes than a bound.

    Only parts of which the name ends on the suffix count.  A part gives no more bytes than the archive says of it, so
    that the bound holds while it is read.  Raises Unreadable for any other file.
    """
    if content.startswith(_OLD_OR_LOCKED):
        raise Unreadable("it has a password, or is of an old program")
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
    except (*READ_ERRORS, ValueError):
        raise Unreadable("it is damaged, or of another kind") from None
    names = [part.filename for part in parts]
    size = sum(part.file_size for part in parts if part.filename.endswith(suffix))
    if len(names) > _MOST_PARTS:
        raise Unreadable(f"it has {len(names)} parts (at most {_MOST_PARTS})")
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise Unreadable(f"it has two parts of one name ({twice[:60]!r})")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unreadable("it has a password")
    if size > most_bytes:
        raise Unreadable(f"it has {size // 10**6} MB when unpacked (at most {most_bytes // 10**6})")
    return archive
