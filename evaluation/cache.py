"""What was made before: files in a folder that any number of processes may share, each checked before it is used.

The folder is ``build/cache``, or what REGIODEAL_CACHE names.  It holds nothing that cannot be made again: removing a
file costs time only.  Computed values are pickles: share the folder only with machines that may run code on this one.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from evaluation.fingerprints import LOCK, file_hash, folder_hashes, package_hash, recorded_versions, text_hash
from evaluation.paths import build_dir, data_dir, note_read, project_root, recorded_reads, shown

CACHE_VARIABLE = "REGIODEAL_CACHE"
_LONGEST_WAIT = 600.0
_T = TypeVar("_T")

package_hash()  # of the source as it is now, when it is imported: an edit during a run does not count for that run


def cache_dir() -> Path:
    """Return the folder of what was made before."""
    named = os.environ.get(CACHE_VARIABLE)
    return Path(named) if named else build_dir() / "cache"


def read_entry(path: Path) -> bytes | None:
    """Return the content of an entry; None where there is none, and where it is damaged: then it is removed."""
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    digest, _, content = stored.partition(b"\n")
    if digest == hashlib.sha256(content).hexdigest().encode():
        return content
    with suppress(OSError):
        path.unlink()
    return None


def write_entry(path: Path, content: bytes) -> None:
    """Write an entry with its checksum, whole or not at all; a full or read-only disk costs the entry, not the run."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
            os.replace(partial, path)
        except OSError:
            Path(partial).unlink(missing_ok=True)
            raise


def remember(name: str, arguments: tuple[object, ...], compute: Callable[[], _T]) -> _T:
    """Return what `compute` gives, from an earlier time when nothing that it can depend on has changed since.

    That is: its arguments, every file in the data folder, this package's source, the lock file and the versions.  The
    data files that it read count as read again, so that the record of a notebook's inputs is the same either way.

    Parameters
    ----------
    name : str
        Of what is computed.
    arguments : tuple
        What `compute` depends on besides; plain values.
    compute : callable
        Reads data through `paths.read_bytes` and gives a value that can be pickled.
    """
    path = cache_dir() / "values" / f"{name}-{_value_key(name, arguments)}"
    stored = read_entry(path)
    if stored is None:
        with _alone(path):  # whoever asks for the same meanwhile waits for it
            stored = read_entry(path)
            if stored is None:
                value, reads = _computed(compute)
                if path.name == f"{name}-{_value_key(name, arguments)}":  # no data file changed meanwhile
                    write_entry(path, pickle.dumps((value, reads), protocol=5))
    if stored is not None:
        value, reads = pickle.loads(stored)
    for item in reads:
        note_read(project_root() / item)
    return value


def forget_values() -> None:
    """Remove what `remember` kept, so that it is computed anew."""
    shutil.rmtree(cache_dir() / "values", ignore_errors=True)


def _computed(compute: Callable[[], _T]) -> tuple[_T, list[str]]:
    with recorded_reads() as read:
        value = compute()
    return value, sorted({shown(item) for item in read})


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep others from computing the same value; where a lock cannot be had, they do."""
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=_LONGEST_WAIT)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, NotImplementedError):  # Timeout is an OSError
        pass
    try:
        yield
    finally:
        lock.release()


def _value_key(name: str, arguments: tuple[object, ...]) -> str:
    content = {
        "name": name,
        "arguments": repr(arguments),
        "package": package_hash(),
        "lock": file_hash(project_root() / LOCK),
        "versions": recorded_versions(),
        "data": folder_hashes(data_dir()),
    }
    return text_hash(content)
