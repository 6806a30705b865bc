"""Subjects that a theme of a deal can be about (``data/subjects.yml``): their words, indicators and a design."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from evaluation.base.errors import Fault
from evaluation.base.paths import data_dir, shown
from evaluation.base.yaml_entries import build_entry, mapping_under, raise_faults, read_mapping
from evaluation.inputs.indicator_schema import Entry, PlaceboMethod

FILE = "subjects.yml"
_LONG = 5


class SubjectDesign(Entry):
    """A comparison with other regions on a subject; the years and regions follow from the deal.

    Attributes
    ----------
    first, last : int    First and last year of the figures.
    minimum_pre_years : int    With fewer years before the deal nothing is compared.
    is_before_after : bool    The annual report compares too: with the rest of the yardstick, before and after.
    method, scale, plausible_effect, effects, plausible_reason, reason
        As of `evaluation.inputs.plan_schema.Design`.
    """

    indicator: str
    method: PlaceboMethod
    scale: Literal["absolute", "relative"]
    first: int
    last: int
    minimum_pre_years: int = Field(ge=3)
    is_before_after: bool = False
    plausible_effect: float = Field(gt=0)
    effects: tuple[str, ...] = ()
    plausible_reason: str
    reason: str


class Subject(Entry):
    """A subject of themes.

    Attributes
    ----------
    words : tuple[str, ...]    What points to it: long ones anywhere in a word, short ones where a word begins.
    indicators : tuple[str, ...]    Of ``data/indicators``, with figures for all municipalities.
    design : SubjectDesign | None    None: its figures are described only.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    words: tuple[str, ...] = Field(min_length=1)
    indicators: tuple[str, ...] = Field(min_length=1)
    design: SubjectDesign | None = None

    def is_named_in(self, text: str) -> bool:
        """Tell whether a text has a word of the subject.

        Parameters
        ----------
        text : str
            Such as the title of a theme.

        Returns
        -------
        bool
        """
        anywhere = [re.escape(word) for word in self.words if len(word) >= _LONG]
        begins = [rf"(?<![^\W_]){re.escape(word)}" for word in self.words if len(word) < _LONG]
        return re.search("|".join([*anywhere, *begins]), text.lower()) is not None

    @model_validator(mode="after")
    def _knows_its_outcome(self) -> Self:
        if self.design is not None and self.design.indicator not in self.indicators:
            raise ValueError(f"a design on one of its indicators, not on {self.design.indicator}")
        return self


def load_subjects(*, folder: Path | None = None) -> dict[str, Subject]:
    """Read the subjects.

    Parameters
    ----------
    folder : Path | None
        ``data`` by default.

    Returns
    -------
    dict[str, Subject]
        By id, in the order of the file: an earlier subject takes an indicator first.

    Raises
    ------
    InputError
        With every fault; also for an indicator that stands at two subjects.
    """
    path = (folder or data_dir()) / FILE
    faults: list[Fault] = []
    content = read_mapping(path, {"subjects"}, faults)
    entries: Mapping[str, object] = mapping_under(content, "subjects", path, faults)
    built = {
        key: build_entry(Subject, fields, {"id": key}, path, f"subjects.{key}", faults)
        for key, fields in entries.items()
    }
    found = {key: item for key, item in built.items() if item is not None}
    owners: dict[str, str] = {}
    for item in found.values():
        for name in item.indicators:
            if owners.setdefault(name, item.id) != item.id:
                faults.append(
                    Fault(
                        shown(path), f"{name} again", f"each once; it is of {owners[name]}", key=f"subjects.{item.id}"
                    )
                )
    raise_faults(faults)
    return found
