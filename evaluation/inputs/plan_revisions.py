"""Revisions of the analysis plan: which earlier plan each came after, and why what was changed.

An earlier plan stays in the folder of the plan as it was (``plan-<day>.yml``); `revisions` in ``plan.yml`` says why it
was left.  Its sha256 is in the revision, so that an earlier plan is not edited afterwards.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from evaluation.base.errors import Fault, did_you_mean
from evaluation.base.paths import data_dir, read_bytes, shown
from evaluation.base.yaml_entries import build_entry, mapping_under, raise_faults, read_mapping
from evaluation.inputs.indicator_schema import Entry
from evaluation.inputs.indicators import PLAN, PLAN_KEYS
from evaluation.inputs.plan_schema import Design


class Revision(Entry):
    """A change of the plan, with its reasons; texts are Dutch.

    Attributes
    ----------
    declared_on : date    Day of the plan that came of it.
    earlier, sha256 : str    File of the plan before it, and the fingerprint of its text.
    reason : str    Why the plan was revised, and what was known by then.
    because : dict[str, str]    Design or field to why it was changed; a design goes before a field.
    """

    declared_on: date
    earlier: str = Field(pattern=r"^plan-[0-9]{4}-[0-9]{2}-[0-9]{2}\.yml$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    reason: str
    because: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Revised:
    """A revision with the designs before and after it, as they were written: id to field to value."""

    revision: Revision
    before: Mapping[str, Mapping[str, Any]]
    after: Mapping[str, Mapping[str, Any]]


def load_revisions(*, folder: Path | None = None) -> tuple[Revised, ...]:
    """Read the revisions of the plan, the first one first.

    Parameters
    ----------
    folder : Path | None
        As of `indicators.load_indicators`.

    Returns
    -------
    tuple[Revised, ...]
        Empty where the plan was never revised.

    Raises
    ------
    InputError
        With every fault: an earlier plan that is not there or was edited, days out of order, a reason for something
        that is in neither plan.
    """
    path = (folder or data_dir() / "indicators") / PLAN
    faults: list[Fault] = []
    content = read_mapping(path, PLAN_KEYS, faults)
    entries = content.get("revisions") or []
    if not isinstance(entries, list):
        faults.append(Fault(shown(path), type(entries).__name__, "a list of revisions", key="revisions"))
        entries = []
    found = [
        build_entry(Revision, fields, {}, path, f"revisions.{number}", faults) for number, fields in enumerate(entries)
    ]
    raise_faults(faults)
    plans = [*(_designs(_earlier(path, item, number, faults), faults) for number, item in enumerate(found))]
    plans.append(_designs(path, faults))
    days = [item.declared_on for item in found]
    if days != sorted(set(days)):
        faults.append(
            Fault(shown(path), "revisions out of order", "the earliest first, each of another day", "revisions")
        )
    revised = tuple(Revised(item, plans[place], plans[place + 1]) for place, item in enumerate(found))
    for number, item in enumerate(revised):
        faults.extend(_reason_faults(item, path, number))
    raise_faults(faults)
    return revised


def _earlier(path: Path, revision: Revision, number: int, faults: list[Fault]) -> Path:
    """Return the file of an earlier plan, with a fault where it is not what was left."""
    file = path.parent / revision.earlier
    if file.is_file():
        sha256 = hashlib.sha256(read_bytes(file).replace(b"\r\n", b"\n")).hexdigest()
        if sha256 != revision.sha256:
            expected = f"the plan as it was (sha256 {revision.sha256}); put it back, an earlier plan is not edited"
            key = f"revisions.{number}.sha256"
            faults.append(Fault(shown(file), f"an earlier plan that was changed (sha256 {sha256})", expected, key=key))
    return file


def _designs(path: Path, faults: list[Fault]) -> dict[str, dict[str, Any]]:
    content = read_mapping(path, PLAN_KEYS, faults)
    return {
        key: fields
        for key, fields in mapping_under(content, "designs", path, faults).items()
        if build_entry(Design, fields, {"id": key}, path, f"designs.{key}", faults) is not None
    }


def _reason_faults(item: Revised, path: Path, number: int) -> list[Fault]:
    """Refuse a reason for what is neither a design nor a field of one."""
    known = sorted({*item.before, *item.after, *Design.model_fields})
    return [
        Fault(
            shown(path),
            repr(name),
            "a design of either plan, or a field of a design",
            key=f"revisions.{number}.because",
            hint=did_you_mean(name, known),
        )
        for name in item.revision.because
        if name not in known
    ]
