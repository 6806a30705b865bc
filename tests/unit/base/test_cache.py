"""The cache at an address, and what is removed from a folder that has become old or large."""

from __future__ import annotations

import hmac
import os
import pickle
import sys
import time
from pathlib import Path

import pytest
from filelock import FileLock

from evaluation.base.cache import (
    CACHE_VARIABLE,
    IN_USE,
    LONGEST_UNUSED,
    OWN_VARIABLE,
    Made,
    cache_dir,
    find_made,
    forget_values,
    keep_made,
    read_entry,
    remember,
    trim_cache,
    values_dir,
    write_entry,
)
from evaluation.base.errors import UsageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a cache of its own."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(OWN_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def shared(project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a project whose executed notebooks are shared; what it computes stays in its own build folder."""
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "shared"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(OWN_VARIABLE)
    return tmp_path / "shared"


class Malicious:
    """Leaves a mark where it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def keep(path: Path, size: int, *, days: float) -> Path:
    """Write an entry that was last used so many days ago."""
    write_entry(path, b"x" * size)
    moment = time.time() - days * 24 * 3600
    os.utime(path, (moment, moment))
    return path


def test_what_was_not_used_for_long_goes_and_an_empty_folder_with_it(folder):
    old = keep(folder / "notebooks" / "a" / "1", 10, days=31)
    partial = keep(folder / "values" / ".half-written", 10, days=31)
    kept = keep(folder / "notebooks" / "b" / "1", 10, days=29)
    assert trim_cache() == 2
    assert not old.parent.exists() and not partial.exists() and kept.exists()


def test_an_entry_that_is_read_counts_as_used(folder):
    old = keep(folder / "notebooks" / "a" / "1", 10, days=31)
    assert read_entry(old) == b"x" * 10
    assert trim_cache() == 0 and old.exists()


def test_above_a_size_the_longest_unused_go_and_what_was_used_in_the_last_day_stays(folder):
    entries = [keep(folder / "pandoc" / str(days), 1000, days=days) for days in (5, 4, 3, 2, 0.9, 0)]
    assert trim_cache(largest=3500) == 3
    assert [path.exists() for path in entries] == [False, False, False, True, True, True]
    (folder / ".trimmed").unlink()
    assert trim_cache(largest=0) == 1
    assert [path.exists() for path in entries] == [False] * 4 + [True] * 2


def test_it_is_done_once_a_day_and_by_one_process(folder):
    keep(folder / "values" / "a", 10, days=31)
    with FileLock(folder / ".trimmed.lock"):
        assert trim_cache() == 0
    assert trim_cache() == 1
    keep(folder / "values" / "b", 10, days=31)
    assert trim_cache() == 0
    before = time.time() - IN_USE - 1
    os.utime(folder / ".trimmed", (before, before))
    assert trim_cache() == 1
    assert LONGEST_UNUSED > IN_USE


def test_a_cache_that_is_not_there_yet_is_nothing_to_trim(folder):
    assert trim_cache() == 0 and not folder.exists()


def test_a_cache_at_an_address_keeps_and_forgets_as_a_folder_does(project, monkeypatch):
    pytest.importorskip("upath", reason="universal-pathlib is not installed")
    monkeypatch.setenv(CACHE_VARIABLE, "memory://bucket/regiodeal")
    monkeypatch.setenv("REGIODEAL_ROOT", str(project.root))
    made = Made({"requirements.lock": None}, "text")
    assert find_made({"a": 1}) is None
    keep_made({"a": 1}, made)
    assert find_made({"a": 1}) is None, "the lock file is there, so this entry is of another state"
    keep_made({"a": 1}, Made({}, "text"))
    assert find_made({"a": 1}) == Made({}, "text")

    computed = []
    assert [remember("sum", (1, 2), lambda: computed.append(1) or 3) for _ in range(2)] == [3, 3]
    assert len(computed) == 1
    forget_values()
    assert remember("sum", (1, 2), lambda: computed.append(1) or 3) == 3 and len(computed) == 2

    path = cache_dir() / "notebooks" / "x"
    path.write_bytes(b"damaged\ncontent")
    assert read_entry(path) is None and not path.exists()
    assert trim_cache(longest_unused=0, largest=0) == 0, "a store has its own rules"
    assert find_made({"a": 1}) == Made({}, "text")
    assert not (project.root / "bucket").exists()


def test_an_address_on_this_machine_is_a_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, (tmp_path / "a cache").as_uri())
    assert cache_dir() == tmp_path / "a cache" and isinstance(cache_dir(), Path)


@pytest.mark.parametrize("address", ["nonsense://bucket/x", "memory:///"])
def test_an_address_that_cannot_be_used_is_told(monkeypatch, address):
    pytest.importorskip("upath", reason="universal-pathlib is not installed")
    monkeypatch.setenv(CACHE_VARIABLE, address)
    if address.startswith("memory"):
        monkeypatch.setattr("fsspec.implementations.memory.MemoryFileSystem.makedirs", refuse)
    with pytest.raises(UsageError, match=f"REGIODEAL_CACHE={address}"):
        cache_dir()


def refuse(*_, **__):
    """Do as a store that lets nobody in."""
    raise PermissionError("no access")


def test_an_address_without_the_packages_for_it_says_how_to_get_them(monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, "s3://elsewhere/x")
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(UsageError, match="make cluster"):
        cache_dir()


def test_a_computed_value_stays_with_its_user_and_never_goes_to_a_shared_folder(shared, project):
    assert remember("sum", (1, 2), lambda: 3) == remember("sum", (1, 2), lambda: pytest.fail("it is kept")) == 3
    assert not shared.exists()
    (kept,) = values_dir().glob("sum-*")
    assert kept.is_relative_to(project.root / "build") and values_dir().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("signed", ["not", "with another key", "under another name"])
def test_a_planted_pickle_is_never_run(shared, tmp_path, signed):
    """Whoever can write in the folder knows the checksum and every name, but not the key of this user."""
    remember("sum", (1,), lambda: 3)
    (kept,) = values_dir().glob("sum-*")
    mark = tmp_path / "ran"
    content = pickle.dumps((Malicious(mark), []))
    if signed == "with another key":
        content = hmac.digest(b"k" * 32, kept.name.encode() + b"\n" + content, "sha256") + content
    if signed == "under another name":
        remember("other", (1,), lambda: Malicious(mark))
        content = next(values_dir().glob("other-*")).read_bytes().partition(b"\n")[2]
    for folder in (shared / "values", values_dir()):
        write_entry(folder / kept.name, content)
    assert remember("sum", (1,), lambda: 5) == 5 and not mark.exists()
    assert remember("sum", (1,), lambda: pytest.fail("it is kept")) == 5


def test_the_key_is_of_this_user_alone_and_without_one_nothing_is_kept(shared, tmp_path, monkeypatch):
    remember("sum", (1,), lambda: 3)
    key = tmp_path / "config" / "regiodeal" / "cache.key"
    assert key.stat().st_mode & 0o077 == 0 and len(key.read_bytes()) == 32
    key.chmod(0o644)  # others may have read it
    assert remember("sum", (1,), lambda: 4) == 4
    key.chmod(0o600)
    assert remember("sum", (1,), lambda: 5) == 3
    (tmp_path / "no-folder").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "no-folder"))
    assert remember("sum", (2,), lambda: 1) == 1 and remember("sum", (2,), lambda: 2) == 2


def test_computed_values_are_trimmed_and_forgotten_too_where_they_stand_apart(shared, project):
    old = keep(values_dir() / "sum-x", 10, days=31)
    beside = keep(project.root / "build" / "cache" / "other" / "x", 10, days=31)
    assert trim_cache() == 1 and not old.exists() and beside.exists()
    remember("sum", (1,), lambda: 3)
    forget_values()
    assert remember("sum", (1,), lambda: 4) == 4
