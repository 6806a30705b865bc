"""Open a bundle: every file against its sum, and an altered one against the copy that the bundle keeps."""

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evaluation.base.errors import UsageError
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
        return (self.originals.get(name) or self.files.get(name, b"")).decode("utf-8")


def open_bundle(path: Path) -> OpenedBundle:
    """Open a bundle: the archive, or the folder in which it was unpacked.

    Raises UsageError when it is no bundle, or one of another format than this version reads.
    """
    found = _read(path)
    try:
        record = layout.read_record(found[layout.RECORD].decode("utf-8"))
        sums = layout.read_sums(found[SUMS])
    except (KeyError, ValueError) as error:
        raise UsageError(f"{path} is no bundle, or a damaged one ({error}).") from None
    if record.format != layout.FORMAT:
        raise UsageError(f"{path} is a bundle of format {record.format}; this version reads format {layout.FORMAT}.")
    originals = _originals(found, sums)
    changes = [
        *_changes(found, sums, originals),
        *(FileChange(name, "added") for name in sorted(found.keys() - sums.keys() - {SUMS})),
    ]
    return OpenedBundle(record, {name: found[name] for name in sums if name in found}, originals, tuple(changes))


def _read(path: Path) -> dict[str, bytes]:
    if path.is_dir():
        files = (item for item in path.rglob("*") if item.is_file())
        return {item.relative_to(path).as_posix(): item.read_bytes() for item in files if _is_of_bundle(item, path)}
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            for name in names:
                if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
                    raise UsageError(f"{path} holds a file that would be written elsewhere: {name!r}.")
            return {name: archive.read(name) for name in names}
    except FileNotFoundError:
        raise UsageError(f"There is no bundle {path}.") from None
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UsageError(f"{path} cannot be read as an archive: {error}.") from None


def _is_of_bundle(path: Path, root: Path) -> bool:
    """Leave aside what a run or a set-up in an unpacked bundle made."""
    parts = path.relative_to(root).parts
    is_made = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return not is_made and parts[:2] != ("project", "build")


def _originals(found: Mapping[str, bytes], sums: Mapping[str, str]) -> dict[str, bytes]:
    content = found.get(ORIGINALS, b"")
    if hashlib.sha256(content).hexdigest() != sums.get(ORIGINALS):
        return {}
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _changes(
    found: Mapping[str, bytes], sums: Mapping[str, str], originals: Mapping[str, bytes]
) -> Iterator[FileChange]:
    """Files that are not as their sum says, or, where somebody made the sum fit, not as the copy."""
    for name in sorted({*sums, *originals}):
        if name not in found:
            yield FileChange(name, "missing")
        elif hashlib.sha256(found[name]).hexdigest() != sums.get(name) or found[name] != originals.get(
            name, found[name]
        ):
            yield find_changes(name, originals[name], found[name]) if name in originals else FileChange(name, "altered")
