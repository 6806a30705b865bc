"""Why a number of one run differs from that of another: what differs in what its notebook read and used.

A run records for each notebook every file that it read, its modules and cells, and the versions (inputs.json).  All
notebooks of a report read the whole panel, so among the files that differ those count that the number itself names as
its source; where it names none of them, all of them may be the cause.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
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

_MOST_NAMED = 300
"""Of one kind: of more, which only a run has that is no report's, the rest is counted."""


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
        self._of = lru_cache(maxsize=1000)(self._choose)
        self._labels = _labels(before) | _labels(now)

    def of(self, notebook: str, sources: Iterable[str]) -> tuple[Cause, ...]:
        """Return what may have changed a number: of its notebook, and with the sources that it names."""
        return self._of(notebook, frozenset(sources))

    def _choose(self, notebook: str, sources: frozenset[str]) -> tuple[Cause, ...]:
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
        found = self._own(notebook)
        if old.get("results") != new.get("results"):  # a summary of the others
            found = found | self._of_all
        if not found and not self.extra:
            found = {*_names(old, new)}
        return _fewer({*found, *self.extra})

    def _own(self, notebook: str) -> set[Cause]:
        """Find what differs in what a notebook itself read and used."""
        old, new = (side.inputs.get(notebook, {}) for side in (self.before, self.now))
        if not (old and new):
            return {Cause("notebook", notebook, "is new" if new else "was not run")}
        return {*self._files(old, new), *_plain(notebook, old, new)}

    @cached_property
    def _of_all(self) -> set[Cause]:
        return {cause for name in self.before.inputs for cause in self._own(name)}

    def _files(self, old: Mapping, new: Mapping) -> Iterator[Cause]:
        before, now = old["files"], new["files"]
        changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        tables: dict[str, list[str]] = {}
        for name in changed:
            if (table := _table(name)) is None:
                kind = next((kind for start, kind in _PLACES if name.startswith(start)), "data")
                gone = "is gone" if now.get(name) is None else "is new" if before.get(name) is None else ""
                yield Cause(kind, name, self.details.get(name, gone))
            else:
                tables.setdefault(table, []).append(name)
        vintages = [_vintages(files) for files in (before, now)]
        for table, own in tables.items():
            old_days, new_days = (sorted(days.get(table, ())) for days in vintages)
            if old_days != new_days:
                change = " -> ".join(", ".join(days) or "none" for days in (old_days, new_days))
            else:
                words = [self.details[name] for name in own if name in self.details]
                change = "; ".join(words) or f"another file of the vintage {', '.join(new_days)}"
            yield Cause("snapshot", table, change)


def _fewer(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Put causes in order, and count those of a kind that nobody reads any more."""
    kinds: dict[Kind, list[Cause]] = {}
    for cause in sorted(causes):
        kinds.setdefault(cause.kind, []).append(cause)
    more = {kind: len(found) - _MOST_NAMED for kind, found in kinds.items()}
    rest = [Cause(kind, f"and {count} more") for kind, count in more.items() if count > 0]
    return tuple([*(cause for found in kinds.values() for cause in found[:_MOST_NAMED]), *rest])


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


def _vintages(files: Iterable[str]) -> dict[str, set[str]]:
    """Give the vintages of each pinned table among files."""
    found: dict[str, set[str]] = {}
    for name in files:
        if (place := _SNAPSHOT.fullmatch(name)) is not None:
            found.setdefault(f"{place[1]}/{place[3]}", set()).add(place[2])
    return found


def _labels(side: Side) -> dict[str, set[str]]:
    """How the numbers name each pinned table as their source: publisher and the publisher's table."""
    labels: dict[str, set[str]] = {}
    for item in side.record.get("snapshots", ()):
        labels.setdefault(f"{item['source']}/{item['table']}", set()).add(
            f"{item['publisher']} {item['publisher_table']}"
        )
    return labels
