"""Fingerprints of what a run depends on: files, the package's source, versions.  Imports nothing heavy."""

import hashlib
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evaluation.base.paths import data_dir, package_dir, project_root

LOCK = "requirements.lock"
_RECORDED_PACKAGES = ("regiodeal-evaluation", "numpy", "pandas", "papermill", "plotly", "statsmodels")
_MAKES_EVERY_NOTEBOOK = ("evaluation.run.execute", "evaluation.inputs.chapter_list")
_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(evaluation[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]+)|import[ \t]+(evaluation[\w.]*))",
    re.MULTILINE,
)


def text_hash(content: object) -> str:
    """Return the sha256 of a value as JSON."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str | None:
    """Return the sha256 of a file, or None where there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def hash_files(names: Iterable[str]) -> dict[str, str | None]:
    """Return the sha256 of files by their path from the root of the project, None for one that is not there."""
    return {name: file_hash(project_root() / name) for name in names}


def folder_hashes(folder: Path, base: Path | None = None) -> dict[str, str]:
    """Return the sha256 of every file in a folder, by its path from `base`; hidden and compiled files are left out."""
    return {
        path.relative_to(base or folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(folder)
    }


SIGNERS_SUFFIX = "-signers"
"""After the id of a deal, in ``data/deal``: the list of who may sign its releases."""


def data_names() -> list[str]:
    """List the data files of the project: a file that is added or removed may be one that a notebook looks for.

    No notebook looks for who may sign a release: that list may change after a report was made.
    """
    return [
        path.relative_to(project_root()).as_posix()
        for path in _files(data_dir())
        if not path.name.endswith(SIGNERS_SUFFIX)
    ]


def recorded_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the numbers, as this process has them."""
    return {"python": platform.python_version(), **{name: _version(name) for name in _RECORDED_PACKAGES}}


_version = lru_cache(version)


@lru_cache(maxsize=1)
def package_hash() -> str:
    """Return a sha256 over the source of this package, as it was when it was first asked for."""
    return text_hash(folder_hashes(package_dir()))


def modules_behind(sources: Iterable[str]) -> dict[str, str]:
    """Return the modules of this package that code uses, with the sha256 of each.

    What is used follows from the import statements, also those inside functions, and on from there.  Of a package that
    passes on names of its modules (``from evaluation.chapters import open_theme``), the module that has the name counts
    and the others do not.  What cannot be told apart counts in full.
    """
    found: set[str] = set(_MAKES_EVERY_NOTEBOOK)
    todo = [name for source in sources for name in _imported(source)]
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += _needs(name)
    return {name: _source(name)[1] for name in sorted(found)}


def changed_inputs(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Name what differs between two records of inputs (of `evaluation.run.execute.notebook_inputs`)."""
    changes = []
    for kind, word in (("cells", "cell"), ("parameters", "parameter"), ("modules", "module"), ("files", "file")):
        old, new = before.get(kind) or {}, now.get(kind) or {}
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                happened = "is new" if name not in old else "is gone" if new.get(name) is None else "changed"
                changes.append(f"{word} {name} {happened}")
    names = [set(record.get("names") or ()) for record in (before, now)]
    changes += [f"file {name} came" for name in sorted(names[1] - names[0])]
    changes += [f"file {name} went" for name in sorted(names[0] - names[1])]
    if before.get("order") != now.get("order") and set(before.get("order") or ()) == set(now.get("order") or ()):
        changes.append("the order of the cells changed")
    for kind, word in (
        ("chapter", "the title"),
        ("format", "the notebook's metadata"),
        ("lock", "the lock file"),
        ("versions", "versions of packages"),
        ("results", "results of the other chapters"),
    ):
        if before.get(kind) != now.get(kind):
            changes.append(f"{word} changed")
    return changes


def _files(folder: Path) -> list[Path]:
    found = []
    for place, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.startswith(".")]
        paths = (Path(place, name) for name in names if not name.startswith(".") and not name.endswith(".pyc"))
        found += [path for path in paths if path.is_file()]
    return sorted(found)


def _imported(source: str) -> list[str]:
    """List the modules that import statements name, each passed-on name led to the module that has it."""
    found = []
    for match in _IMPORT.finditer(source):
        module, names, plain = match.groups()
        if plain:
            found += [plain, *_submodules(plain)]
            continue
        for word in re.sub(r"#[^\n]*", "", names).strip("()").split(","):
            found += _led(module, word.split()[0]) if word.strip() else []
    return found


def _led(module: str, name: str) -> list[str]:
    if _path(f"{module}.{name}") is not None:
        return [f"{module}.{name}"]
    path = _path(module)
    if path is None or path.name != "__init__.py" or name == "*":
        return [module, *(_submodules(module) if name == "*" else [])]
    for match in _IMPORT.finditer(_source(module)[0]):
        origin, names, _ = match.groups()
        if origin and re.search(rf"\b{re.escape(name)}\b", names):
            return [f"{module}:", *_led(origin, name)]
    return [module]


@lru_cache(maxsize=1024)
def _needs(name: str) -> list[str]:
    """List the modules that a module needs, as its source was when it was first asked for."""
    # A name with a colon is a package that is only passed through: its own source counts, what it imports does not.
    if name.endswith(":"):
        return []
    parents = name.split(".")[:-1]
    around = [f"{'.'.join(parents[:length])}:" for length in range(1, len(parents) + 1)]
    return [*around, *_imported(_source(name)[0])]


def _submodules(name: str) -> list[str]:
    """List all modules below a package that is imported as a whole."""
    path = _path(name)
    if path is None or path.name != "__init__.py":
        return []
    return [
        ".".join([name, *item.relative_to(path.parent).with_suffix("").parts])
        for item in path.parent.rglob("*.py")
        if item.name != "__init__.py"
    ]


def _path(name: str) -> Path | None:
    place = package_dir().joinpath(*name.rstrip(":").split(".")[1:])
    return next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)


@lru_cache(maxsize=1024)
def _source(name: str) -> tuple[str, str]:
    path = _path(name)
    content = path.read_bytes() if path else b""
    return content.decode("utf-8"), hashlib.sha256(content).hexdigest()
