"""Open a bundle: every file against its sum, and an altered one against the copy that the bundle keeps."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evaluation.base.errors import UsageError
from evaluation.base.zips import Unreadable, find_twice, is_heavy, is_plain_name, unzip
from evaluation.bundles import layout
from evaluation.bundles.altered import FileChange, find_changes
from evaluation.bundles.layout import ORIGINALS, PROJECT, RUN, SUMS, BundleRecord


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """A bundle as it was found."""

    record: BundleRecord
    # what the bundle says that is in it, as it was found; names that are not in its sums are left aside
    files: dict[str, bytes]
    # the copy of the project and of the numbers; empty where that itself is missing or damaged
    originals: dict[str, bytes]
    changes: tuple[FileChange, ...]  # what is not as the bundle was made

    @property
    def altered(self) -> tuple[FileChange, ...]:
        """The changes by which it is another bundle."""
        return tuple(change for change in self.changes if change.counts)

    def part(self, start: str) -> dict[str, bytes]:
        """Return the files below a folder of the bundle, by their name in it."""
        return {name.removeprefix(start): content for name, content in self.files.items() if name.startswith(start)}

    @property
    def expected_run(self) -> dict[str, bytes]:
        """The files of the office's run, from the copy where there is one."""
        own = {name: content for name, content in self.originals.items() if name.startswith(RUN)}
        return self.part(RUN) | {name.removeprefix(RUN): content for name, content in own.items()}

    @property
    def expected_lock(self) -> str:
        """The lock file as the office had it."""
        name = f"{PROJECT}requirements.lock"
        return (self.originals.get(name) or self.files.get(name, b"")).decode("utf-8", "replace")


def read_bundle(path: Path) -> bytes | None:
    """Read the archive, or None for the folder in which one was unpacked.

    Raises UsageError when there is none, or it is larger than any bundle.
    """
    if path.is_dir():
        return None
    if not path.is_file():
        raise UsageError(f"There is no bundle {path}.")
    if (size := path.stat().st_size) > layout.MOST_BYTES:
        raise UsageError(f"{path} cannot be read: it has {size // 10**6} MB (at most {layout.MOST_BYTES // 10**6}).")
    return path.read_bytes()


def open_bundle(path: Path) -> OpenedBundle:
    """Open a bundle: the archive, or the folder in which it was unpacked.

    Raises UsageError when it is no bundle, or one of another format than this version reads.
    """
    return open_read(path, read_bundle(path))


def open_read(path: Path, content: bytes | None) -> OpenedBundle:
    """Open a bundle of which the archive was read; see `open_bundle`."""
    try:
        found = _read_folder(path) if content is None else unzip(content, most_bytes=layout.MOST_BYTES)
        if (name := next((name for name in found if _is_text(name) and is_heavy(found[name])), None)) is not None:
            raise Unreadable(f"its part {name[:60]!r} is too large")
    except Unreadable as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    try:
        record = layout.read_record(found[layout.RECORD])
        sums = layout.read_sums(found[SUMS])
    except KeyError as error:
        raise UsageError(f"{path} is no bundle: it has no {error.args[0]}.") from None
    except ValueError as error:
        raise UsageError(f"{path} is no bundle that can be read: {error}.") from None
    originals = _originals(found, sums)
    changes = [
        *_changes(found, sums, originals),
        *(FileChange(name, "added") for name in sorted(found.keys() - sums.keys() - {SUMS})),
    ]
    return OpenedBundle(record, {name: found[name] for name in sums if name in found}, originals, tuple(changes))


def _read_folder(root: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not _is_of_bundle(path, root) or (path.is_dir() and not path.is_symlink()):
            continue
        if path.is_symlink() or not path.is_file():
            raise Unreadable(f"it holds a link or device in the place of a file ({name[:60]!r})")
        size += path.stat().st_size
        if not is_plain_name(name) or size > layout.MOST_BYTES:
            why = "its files are too large together" if is_plain_name(name) else f"it holds the name {name[:60]!r}"
            raise Unreadable(why)
        found[name] = path.read_bytes()
    if (twice := find_twice(found)) is not None:
        raise Unreadable(f"it has two files of one name ({twice[:60]!r})")
    return found


def _is_text(name: str) -> bool:
    """Tell whether a file is read here as a whole: all but tables of data, of which the head and the sum are."""
    return name != ORIGINALS and not name.startswith(f"{PROJECT}data/")


def _is_of_bundle(path: Path, root: Path) -> bool:
    """Leave aside what a run or a set-up in an unpacked bundle made."""
    parts = path.relative_to(root).parts
    is_made = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not is_made and parts[:2] != ("project", "build")


def _originals(found: Mapping[str, bytes], sums: Mapping[str, str]) -> dict[str, bytes]:
    content = found.get(ORIGINALS, b"")
    if hashlib.sha256(content).hexdigest() != sums.get(ORIGINALS):
        return {}
    try:
        return unzip(content, most_bytes=layout.MOST_BYTES)
    except Unreadable:
        return {}


def _changes(
    found: Mapping[str, bytes], sums: Mapping[str, str], originals: Mapping[str, bytes]
) -> Iterator[FileChange]:
    """Files that are not as their sum says, or, where somebody made the sum fit, not as the copy."""
    if not originals:
        yield FileChange(ORIGINALS, "altered", note="the copy that a bundle keeps is missing or damaged")
    for name in sorted({*sums, *originals}):
        if name == ORIGINALS and not originals:
            continue
        if name not in found:
            yield FileChange(name, "missing")
        elif hashlib.sha256(found[name]).hexdigest() != sums.get(name):
            yield find_changes(name, originals[name], found[name]) if name in originals else FileChange(name, "altered")
        elif originals and layout.is_copied(name) and found[name] != originals.get(name):
            is_new = name not in originals
            note = "is not in the copy that the bundle keeps: it was put in later, with a sum that fits"
            yield FileChange(name, "unlike", note=note) if is_new else find_changes(name, originals[name], found[name])
