"""A deal file in the making: its fields, what is open in it, and what keeps it from being made."""

from dataclasses import dataclass, field

from evaluation.base.errors import Fault

OPEN = "nog niet ingevuld"
"""Stands where a fact is not known yet; a report shows it."""


@dataclass(slots=True)
class Draft:
    """The fields of a deal file, what is open in it, and what keeps it from being made.

    Attributes
    ----------
    fields : dict    As `evaluation.inputs.deal_schema.Deal` reads them.
    open_points : list[str]    Dutch; each a thing that is not known, with the key where it belongs.
    faults : list[Fault]
    """

    fields: dict = field(default_factory=dict)
    open_points: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def unique(name: str, names: set[str]) -> str:
    """Return a name that none of `names` has, and add it to them.

    Parameters
    ----------
    name, names : str, set of str
        A second "woningen" becomes "woningen-2".

    Returns
    -------
    str
    """
    found = next(word for word in (name, *(f"{name}-{n}" for n in range(2, 1000))) if word not in names)
    names.add(found)
    return found
