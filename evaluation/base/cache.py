"""What was made before: files in a folder that any number of processes may share, each checked before it is used.

The folder is ``build/cache``, or what REGIODEAL_CACHE names: a path, or an address that fsspec knows (``s3://...``,
with the extra `cluster`).  It holds nothing that cannot be made again: removing a file costs time only, and
`trim_cache` removes what nobody used for long.

It may be shared: what is in it runs no code here (executed notebooks, what pandoc made of a page).  Who can write in it
can change what a report shows, though; share it with who may make the reports.  Computed values are pickles, and
reading one may run code: they stay in a folder of this project that only its user reads, and one that this user did not
sign is never read.
"""

import hashlib
import hmac
import json
import os
import pickle
import secrets
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

from evaluation.base import fingerprints
from evaluation.base.errors import UsageError
from evaluation.base.paths import build_dir, data_dir, note_read, project_root, recorded_reads, shown

CACHE_VARIABLE = "REGIODEAL_CACHE"
OWN_VARIABLE = "REGIODEAL_OWN_CACHE"
LONGEST_UNUSED = 30 * 24 * 3600.0
"""Seconds after which an entry that nobody used is removed."""

LARGEST = 5_000_000_000
"""Bytes that the cache may hold: above it, what was used longest ago is removed."""

IN_USE = 24 * 3600.0
"""Seconds during which an entry that was used is never removed; no run takes longer."""

_LONGEST_WAIT = 600.0
_TRIMMED = ".trimmed"
_SIGNATURE = 32
_T = TypeVar("_T")

fingerprints.package_hash()  # of the source as it is when imported: an edit during a run does not count for that run


def cache_dir() -> Path:
    """Return the folder of what was made before: a path, or what behaves as one for an address such as ``s3://...``.

    Raises UsageError for an address that cannot be reached, or that the installed packages do not know.
    """
    named = os.environ.get(CACHE_VARIABLE)
    if named and "://" in named:
        return _folder_at(named)
    return Path(named) if named else build_dir() / "cache"


def values_dir() -> Path:
    """Return the folder of computed values, of this user only: in ``build/cache``, or below REGIODEAL_OWN_CACHE."""
    return Path(os.environ.get(OWN_VARIABLE) or build_dir() / "cache") / "values"


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
    shared, own = cache_dir(), values_dir()
    folders = {shared: "*/**/*", own: "**/*"} if own.parent != shared else {shared: "*/**/*"}
    local = {folder: within for folder, within in folders.items() if isinstance(folder, Path) and folder.is_dir()}
    return sum(_trim(folder, within, longest_unused, largest) for folder, within in local.items())


def _trim(folder: Path, within: str, longest_unused: float, largest: int) -> int:
    done, removed, now = folder / _TRIMMED, 0, time.time()
    try:
        with FileLock(folder / f"{_TRIMMED}.lock", timeout=0, fallback_to_soft=False):
            if done.exists() and now - done.stat().st_mtime < IN_USE:
                return 0
            files = sorted((state.st_mtime, state.st_size, path) for path, state in _files_in(folder, within))
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


def _files_in(folder: Path, within: str) -> Iterator[tuple[Path, os.stat_result]]:
    """Give what the cache holds, with locks and what was left half written, and without the mark of `trim_cache`."""
    for path in folder.glob(within):
        with suppress(OSError):
            state = path.stat()
            if not path.is_dir() and not path.name.startswith(_TRIMMED):
                yield path, state


def remember(name: str, arguments: tuple[object, ...], compute: Callable[[], _T]) -> _T:
    """Return what `compute` gives, from an earlier time when nothing that it can depend on has changed since.

    That is: its arguments (plain values), every file in the data folder, this package's source, the lock file and the
    versions.  `compute` reads data through `paths.read_bytes` and gives a value that can be pickled, without licensed
    rows.  The data files that it read count as read again, so that the record of a notebook's inputs is the same.
    """
    path = values_dir() / f"{name}-{_value_key(name, arguments)}"
    stored = _read_signed(path)
    if stored is None:
        with _alone(path):  # whoever asks for the same meanwhile waits for it
            stored = _read_signed(path)
            if stored is None:
                with recorded_reads() as read:
                    value = compute()
                reads = sorted({shown(item) for item in read})
                if path.name == f"{name}-{_value_key(name, arguments)}":  # no data file changed meanwhile
                    content, key = pickle.dumps((value, reads), protocol=5), _own_key()
                    if key:  # without one nobody could tell whose it is: it is computed again
                        write_entry(path, _sign(key, path, content) + content)
    if stored is not None:
        value, reads = pickle.loads(stored)
    for item in reads:
        note_read(project_root() / item)
    return value


def _read_signed(path: Path) -> bytes | None:
    """Return what this user kept under this name; anything else is removed unread, for a pickle may run code."""
    stored, key = read_entry(path), _own_key()
    if stored is None or key is None:
        return None
    signature, content = stored[:_SIGNATURE], stored[_SIGNATURE:]
    if hmac.compare_digest(signature, _sign(key, path, content)):
        return content
    with suppress(OSError):
        path.unlink(missing_ok=True)
    return None


def _sign(key: bytes, path: Path, content: bytes) -> bytes:
    return hmac.digest(key, path.name.encode() + b"\n" + content, "sha256")


def _own_key() -> bytes | None:
    """Return the key of this user, which lies in no cache, so that who can write in one cannot sign; None without one.

    It is made once, whole or not at all.  One that others may read or write, or have made, is none.
    """
    try:
        home = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
        path = Path(home, "regiodeal", "cache.key")
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(prefix=".key-", dir=path.parent)  # readable for this user only
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(_SIGNATURE))
            os.replace(partial, path)
        with open(path, "rb") as file:
            state, key = os.fstat(file.fileno()), file.read()
    except (OSError, RuntimeError):  # no home, or a read-only one
        return None
    is_own = not hasattr(os, "getuid") or (state.st_uid == os.getuid() and not state.st_mode & 0o077)
    return key if is_own and len(key) == _SIGNATURE else None


def forget_values() -> None:
    """Remove what `remember` kept, so that it is computed anew."""
    shutil.rmtree(values_dir(), ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Made:
    """An executed notebook: the data files that it read, from the root of the project, with their sha256; its text."""

    files: dict[str, str | None]
    text: str


def find_made(inputs: dict[str, object]) -> Made | None:
    """Find a notebook that was made from these inputs, and from data files that are still the same."""
    for path in sorted(_folder(inputs).glob("[!.]*")):
        content = read_entry(path)
        if content is None:
            continue
        stored = json.loads(content)
        if stored["files"] == fingerprints.hash_files(stored["files"]):
            return Made(stored["files"], stored["text"])
    return None


def keep_made(inputs: dict[str, object], made: Made) -> None:
    """Keep an executed notebook for whoever asks for the same."""
    content = json.dumps({"files": made.files, "text": made.text}).encode()
    write_entry(_folder(inputs) / fingerprints.text_hash(made.files), content)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep others from computing the same value; where a lock cannot be had, they do."""
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=_LONGEST_WAIT, fallback_to_soft=False)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, NotImplementedError):  # Timeout is an OSError
        pass
    try:
        yield
    finally:
        lock.release()


def _folder(inputs: dict[str, object]) -> Path:
    return cache_dir() / "notebooks" / fingerprints.text_hash(inputs)


def _value_key(name: str, arguments: tuple[object, ...]) -> str:
    return fingerprints.text_hash(
        {
            "name": name,
            "arguments": repr(arguments),
            "package": fingerprints.package_hash(),
            "lock": fingerprints.file_hash(project_root() / fingerprints.LOCK),
            "versions": fingerprints.recorded_versions(),
            "data": fingerprints.folder_hashes(data_dir()),
        }
    )
