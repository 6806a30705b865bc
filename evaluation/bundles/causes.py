"""Why a number of one run differs from that of another: what differs in what its notebook read and used.

A run records for each notebook every file that it read, its modules and cells, and the versions (inputs.json).  All
notebooks of a report read the whole panel, so among the files that differ those count that the number itself names as
its source; where it names none of them, all of them may be the cause.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from evaluation.bundles.sides import Side

Kind = Literal[
    "snapshot", "record", "retail", "deal", "data", "module", "notebook", "parameter", "lock", "version", "absent",
    "none",
]  # fmt: skip
_SNAPSHOT = re.compile(r"data/snapshots/([^/]+)/([^/]+)/(.+)\.(csv|parquet|yml)")
_PLACES: tuple[tuple[str, Kind], ...] = (
    ("data/programme/", "record"),
    ("data/retail/", "retail"),
    ("data/deal/", "deal"),
    ("data/", "data"),
)
_BY_SOURCE = ("snapshot", "record", "retail", "deal")
"""Kinds of which a number says in its source whether it comes from there."""


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """An input that differs."""

    kind: Kind
    name: str  # table (cbs/83625NED), file, module, cell or package; empty where nothing recorded differs
    change: str = ""  # from what to what, where that is known: ``2026-07-17 -> 2026-11-24``

    def __str__(self) -> str:
        if self.kind == "none":
            return "no recorded input differs"
        return f"{self.kind} {self.name}" + (f": {self.change}" if self.change else "")


class Causes:
    """Finds causes for the numbers of two runs; `details` says by file what changed in it, in words.

    In `extra` is what is known to differ besides: versions that a run does not record, what a bundle lacks.
    """

    def __init__(
        self, before: Side, now: Side, *, extra: Sequence[Cause] = (), details: Mapping[str, str] | None = None
    ) -> None:
        self.before, self.now, self.extra = before, now, tuple(extra)
        self.details = details or {}
        self._of_notebook = lru_cache(maxsize=None)(self._find)
        self._labels = _labels(before) | _labels(now)

    def of(self, notebook: str, sources: Iterable[str]) -> tuple[Cause, ...]:
        """Return what may have changed a number: of its notebook, and with the sources that it names."""
        found = self._of_notebook(notebook)
        own = tuple(cause for cause in found if cause.kind not in _BY_SOURCE or self._is_named(cause, sources))
        return own or found or (Cause("none", ""),)

    def _is_named(self, cause: Cause, sources: Iterable[str]) -> bool:
        return any(label and label in source for label in self._labels_of(cause) for source in sources)

    def _labels_of(self, cause: Cause) -> Iterator[str]:
        if cause.kind == "snapshot":
            yield from self._labels.get(cause.name, ())
        for side in (self.before, self.now):
            if cause.kind == "record":
                yield side.record.get("dataset", {}).get("title", "")
            elif cause.kind == "retail":
                yield (side.record.get("retail") or {}).get("title", "")
            elif cause.kind == "deal":
                yield side.record.get("deal_name", "")

    def _find(self, notebook: str) -> tuple[Cause, ...]:
        if not (self.before.inputs and self.now.inputs):
            return self.extra
        old, new = (side.inputs.get(notebook, {}) for side in (self.before, self.now))
        if not (old and new):
            return (Cause("notebook", notebook, "is new" if new else "was not run"), *self.extra)
        found = [*self._files(old, new), *_plain(notebook, old, new)]
        if old.get("results") != new.get("results"):  # a summary of the others
            found += [cause for name in self.before.inputs if name != notebook for cause in self._of_notebook(name)]
        if not found and not self.extra:
            found = list(_names(old, new))
        return tuple(sorted({*found, *self.extra}))

    def _files(self, old: Mapping, new: Mapping) -> Iterator[Cause]:
        before, now = old["files"], new["files"]
        changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        tables: dict[str, None] = {}
        for name in changed:
            if (place := _SNAPSHOT.fullmatch(name)) is None:
                kind = next((kind for start, kind in _PLACES if name.startswith(start)), "data")
                gone = "is gone" if now.get(name) is None else "is new" if before.get(name) is None else ""
                yield Cause(kind, name, self.details.get(name, gone))
            else:
                tables.setdefault(f"{place[1]}/{place[3]}")
        for table in tables:
            vintages = [
                sorted({_SNAPSHOT.fullmatch(name)[2] for name in files if _table(name) == table})
                for files in (before, now)
            ]
            if vintages[0] != vintages[1]:
                change = " -> ".join(", ".join(days) or "none" for days in vintages)
            else:
                own = [name for name in changed if _table(name) == table]
                words = [self.details[name] for name in own if name in self.details]
                change = "; ".join(words) or f"another file of the vintage {', '.join(vintages[1])}"
            yield Cause("snapshot", table, change)


def _plain(notebook: str, old: Mapping, new: Mapping) -> Iterator[Cause]:
    """Tell what differs in code, parameters, lock and versions."""
    for key, kind, prefix in (
        ("modules", "module", ""),
        ("cells", "notebook", f"{notebook}, cell "),
        ("parameters", "parameter", ""),
    ):
        for name in sorted({*old[key], *new[key]}):
            before, now = old[key].get(name), new[key].get(name)
            if before != now:
                change = "is new" if before is None else "is gone" if now is None else ""
                yield Cause(kind, f"{prefix}{name}", f"{before} -> {now}" if kind == "parameter" else change)
    if old["format"] != new["format"] or old["chapter"] != new["chapter"]:
        yield Cause("notebook", notebook, "title or metadata")
    elif old["cells"] == new["cells"] and old["order"] != new["order"]:
        yield Cause("notebook", notebook, "order of the cells")
    if old["lock"] != new["lock"]:
        yield Cause("lock", "requirements.lock")
    for name in sorted({*old["versions"], *new["versions"]}):
        before, now = old["versions"].get(name), new["versions"].get(name)
        if before != now:
            yield Cause("version", name, f"{before} -> {now}")


def _names(old: Mapping, new: Mapping) -> Iterator[Cause]:
    """Files that came or went without being read: a notebook may look for one."""
    before, now = set(old["names"]), set(new["names"])
    for name in sorted(before ^ now):
        yield Cause("data", name, "went" if name in before else "came")


def _table(name: str) -> str | None:
    place = _SNAPSHOT.fullmatch(name)
    return f"{place[1]}/{place[3]}" if place else None


def _labels(side: Side) -> dict[str, set[str]]:
    """How the numbers name each pinned table as their source: publisher and the publisher's table."""
    labels: dict[str, set[str]] = {}
    for item in side.record.get("snapshots", ()):
        labels.setdefault(f"{item['source']}/{item['table']}", set()).add(
            f"{item['publisher']} {item['publisher_table']}"
        )
    return labels
