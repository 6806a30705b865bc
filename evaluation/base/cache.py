"""What was made before: files in a folder that any number of processes may share, each checked before it is used.

The folder is ``build/cache``, or what REGIODEAL_CACHE names: a path, or an address that fsspec knows (``s3://...``,
with the extra `cluster`).  It holds nothing that cannot be made again: removing a file costs time only, and
`trim_cache` removes what nobody used for long.  Computed values are pickles: share the folder only with machines that
may run code on this one.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock

from evaluation.base.errors import UsageError
from evaluation.base.fingerprints import (
    LOCK,
    file_hash,
    folder_hashes,
    hash_files,
    package_hash,
    recorded_versions,
    text_hash,
)
from evaluation.base.paths import build_dir, data_dir, note_read, project_root, recorded_reads, shown

CACHE_VARIABLE = "REGIODEAL_CACHE"
LONGEST_UNUSED = 30 * 24 * 3600.0
"""Seconds after which an entry that nobody used is removed."""

LARGEST = 5_000_000_000
"""Bytes that the cache may hold: above it, what was used longest ago is removed."""

IN_USE = 24 * 3600.0
"""Seconds during which an entry that was used is never removed; no run takes longer."""

_LONGEST_WAIT = 600.0
_TRIMMED = ".trimmed"
_T = TypeVar("_T")

package_hash()  # of the source as it is now, when it is imported: an edit during a run does not count for that run


def cache_dir() -> Path:
    """Return the folder of what was made before: a path, or what behaves as one for an address such as ``s3://...``.

    Raises
    ------
    UsageError
        For an address that cannot be reached, or that the installed packages do not know.
    """
    named = os.environ.get(CACHE_VARIABLE)
    if named and "://" in named:
        return _folder_at(named)
    return Path(named) if named else build_dir() / "cache"


@lru_cache(maxsize=8)
def _folder_at(address: str) -> Path:
    """Return the folder at an address; one on this machine as the path that it is."""
    if address.startswith("file://"):
        return Path(url2pathname(urlsplit(address).path))
    try:
        from upath import UPath
    except ImportError:
        raise UsageError(
            f"{CACHE_VARIABLE}={address}: a cache at an address needs more packages. Install them with: make cluster"
        ) from None
    try:
        folder = UPath(address)
        folder.fs.makedirs(folder.path, exist_ok=True)
    except Exception as problem:  # of whatever package serves this kind of address
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise UsageError(f"{CACHE_VARIABLE}={address}: this cache cannot be used. {reason}") from None
    return folder


def read_entry(path: Path) -> bytes | None:
    """Return the content of an entry; None where there is none, and where it is damaged: then it is removed."""
    try:
        stored = path.read_bytes()
    except _problems_of(path):
        return None
    digest, _, content = stored.partition(b"\n")
    if digest == hashlib.sha256(content).hexdigest().encode():
        if isinstance(path, Path):
            with suppress(OSError):
                os.utime(path)  # when it was last used
        return content
    with suppress(*_problems_of(path)):
        path.unlink()
    return None


def write_entry(path: Path, content: bytes) -> None:
    """Write an entry with its checksum, whole or not at all; a full or read-only disk costs the entry, not the run."""
    stored = hashlib.sha256(content).hexdigest().encode() + b"\n" + content
    if not isinstance(path, Path):
        with suppress(*_problems_of(path)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(stored)
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(stored)
            os.replace(partial, path)
        except OSError:
            Path(partial).unlink(missing_ok=True)
            raise


def _problems_of(path: Path) -> tuple[type[Exception], ...]:
    """Return what may go wrong at no cost but that of an entry; for an address each package has errors of its own."""
    return (OSError,) if isinstance(path, Path) else (Exception,)


def trim_cache(*, longest_unused: float = LONGEST_UNUSED, largest: int = LARGEST) -> int:
    """Remove what nobody used for long, and the longest unused while there is too much; at most once a day.

    One process at a time does it.  What was used in the last day stays, whatever the size, so that no run loses what it
    uses.  A cache at an address is left alone: a store has its own rules for that.  Returns how many files are gone.
    """
    folder, now = cache_dir(), time.time()
    if not isinstance(folder, Path) or not folder.is_dir():
        return 0
    done, removed = folder / _TRIMMED, 0
    try:
        with FileLock(folder / f"{_TRIMMED}.lock", timeout=0):
            if done.exists() and now - done.stat().st_mtime < IN_USE:
                return 0
            files = sorted((state.st_mtime, state.st_size, path) for path, state in _files_in(folder))
            total = sum(size for _, size, _ in files)
            for used, size, path in files:
                unused = now - used
                if unused > IN_USE and (unused > longest_unused or total > largest):
                    path.unlink(missing_ok=True)
                    removed, total = removed + 1, total - size
                    with suppress(OSError):  # others are in it
                        path.parent.rmdir()
            done.touch()
    except (OSError, NotImplementedError):  # another process is at it, or may not: Timeout is an OSError
        pass
    return removed


def _files_in(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Give what the cache holds, with locks and what was left half written, and without the mark of `trim_cache`."""
    for path in folder.glob("*/**/*"):
        with suppress(OSError):
            state = path.stat()
            if not path.is_dir():
                yield path, state


def remember(name: str, arguments: tuple[object, ...], compute: Callable[[], _T]) -> _T:
    """Return what `compute` gives, from an earlier time when nothing that it can depend on has changed since.

    That is: its arguments (plain values), every file in the data folder, this package's source, the lock file and the
    versions.  `compute` reads data through `paths.read_bytes` and gives a value that can be pickled.  The data files
    that it read count as read again, so that the record of a notebook's inputs is the same either way.
    """
    path = cache_dir() / "values" / f"{name}-{_value_key(name, arguments)}"
    stored = read_entry(path)
    if stored is None:
        with _alone(path):  # whoever asks for the same meanwhile waits for it
            stored = read_entry(path)
            if stored is None:
                with recorded_reads() as read:
                    value = compute()
                reads = sorted({shown(item) for item in read})
                if path.name == f"{name}-{_value_key(name, arguments)}":  # no data file changed meanwhile
                    write_entry(path, pickle.dumps((value, reads), protocol=5))
    if stored is not None:
        value, reads = pickle.loads(stored)
    for item in reads:
        note_read(project_root() / item)
    return value


def forget_values() -> None:
    """Remove what `remember` kept, so that it is computed anew."""
    values = cache_dir() / "values"
    if isinstance(values, Path):
        shutil.rmtree(values, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            values.fs.rm(values.path, recursive=True)


@dataclass(frozen=True, slots=True)
class Made:
    """An executed notebook.

    Attributes
    ----------
    files : dict[str, str | None]    The data files that it read, from the root of the project, with the sha256 of each.
    text : str    The notebook file.
    """

    files: dict[str, str | None]
    text: str


def find_made(inputs: dict[str, object]) -> Made | None:
    """Find a notebook that was made from these inputs, and from data files that are still the same."""
    for path in sorted(_folder(inputs).glob("[!.]*")):
        content = read_entry(path)
        if content is None:
            continue
        stored = json.loads(content)
        if stored["files"] == hash_files(stored["files"]):
            return Made(stored["files"], stored["text"])
    return None


def keep_made(inputs: dict[str, object], made: Made) -> None:
    """Keep an executed notebook for whoever asks for the same."""
    content = json.dumps({"files": made.files, "text": made.text}).encode()
    write_entry(_folder(inputs) / text_hash(made.files), content)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep others from computing the same value; where a lock cannot be had, they do.

    For a cache at an address those are the others of this machine.
    """
    folder = path.parent if isinstance(path, Path) else build_dir() / "cache" / "values"
    lock = FileLock(folder / f".{path.name}.lock", timeout=_LONGEST_WAIT)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, NotImplementedError):  # Timeout is an OSError
        pass
    try:
        yield
    finally:
        lock.release()


def _folder(inputs: dict[str, object]) -> Path:
    return cache_dir() / "notebooks" / text_hash(inputs)


def _value_key(name: str, arguments: tuple[object, ...]) -> str:
    return text_hash(
        {
            "name": name,
            "arguments": repr(arguments),
            "package": package_hash(),
            "lock": file_hash(project_root() / LOCK),
            "versions": recorded_versions(),
            "data": folder_hashes(data_dir()),
        }
    )
