"""What is wrong in a workbook, in Dutch: for each fault what stands there and how to mend it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

import yaml

from evaluation.base.errors import Fault
from evaluation.base.yaml_entries import LOADER
from evaluation.inputs.workbook.incoming import PERSONAL_CELL
from evaluation.inputs.workbook.layout import FIXED, LIST_SHEET, TITLES, Column

_LIST = f"Kies een waarde uit de lijst (blad {LIST_SHEET})."
_NAMES = {
    "PERSONAL": PERSONAL_CELL,
    "DAY": r"(\d{4})-(\d\d)-(\d\d)",
    "LIST_SHEET": LIST_SHEET,
    "LIST": _LIST,
    "PROJECTS": TITLES["projects"],
}
_STATES = {**FIXED["project_status"], **FIXED["payment_kind"], **FIXED["milestone_kind"]}


@lru_cache(maxsize=1)
def _words() -> dict[str, list[tuple[str, str]]]:
    """Read the words, with the names of the layout filled in."""
    text = resources.files("evaluation.inputs.workbook").joinpath("fault_words.yml").read_text(encoding="utf-8")
    return {
        kind: [(_named(pattern), _named(said)) for pattern, said in pairs]
        for kind, pairs in yaml.load(text, Loader=LOADER).items()
    }


def _named(text: str) -> str:
    return re.sub(r"\b(" + "|".join(_NAMES) + r")\b", lambda name: _NAMES[name[0]], text)


def found_in_dutch(fault: Fault, value: str) -> str:
    """Say what stands there.

    Parameters
    ----------
    fault, value : Fault, str
        The fault, and the cell as it was filled in.

    Returns
    -------
    str
        A sentence without its full stop.
    """
    return _match(fault.found, _words()["found"]) or f"Er staat '{value}'"


def mending_in_dutch(fault: Fault, column: Column | None, lists: Mapping[str, Mapping[str, str]]) -> str:
    """Say how to mend a fault.

    Parameters
    ----------
    fault, column, lists : Fault, Column or None, mapping
        The fault, its column, which explains itself where nothing more is known, and as of `layout.lists_of`.

    Returns
    -------
    str
        One or more sentences.
    """
    said = _match(fault.expected, _words()["mending"])
    if said is None:
        said = f"Dit kan hier niet. {column.help if column else 'Vergelijk met een nieuw sjabloon.'}"
    labels = lists.get(column.choices, {}) if column else {}
    if labels and said.startswith(_LIST) and len(labels) <= 7:
        said = said.replace(_LIST, f"Kies een van: {', '.join(labels.values())}.")
    hint = _match(fault.hint or "", _words()["hints"], labels)
    return f"{said} {hint}" if hint else said


def _match(text: str, table: list[tuple[str, str]], labels: Mapping[str, str] | None = None) -> str | None:
    words = {**_STATES, **(labels or {})}
    for pattern, dutch in table:
        found = re.fullmatch(pattern, text)
        if found:
            return dutch.format(*(words.get(part, part) for part in found.groups()))
    return None
