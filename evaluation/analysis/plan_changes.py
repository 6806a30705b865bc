"""What a revision of the analysis plan changed, design by design and field by field, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.inputs.plan_revisions import Revised


@dataclass(frozen=True, slots=True)
class PlanChange:
    """One difference between two plans.

    Attributes
    ----------
    design, field : str, str | None    Of a whole design no field.
    before, after : object    As written; None where the plan did not say it, or has no such design.
    why : str    In Dutch, from the revision.
    """

    design: str
    field: str | None
    before: Any
    after: Any
    why: str

    @property
    def kind(self) -> str:
        """Tell whether a design is new, was dropped, or has another value in a field."""
        if self.field is not None:
            return "changed"
        return "new" if self.before is None else "dropped"


def plan_changes(revised: Revised) -> tuple[PlanChange, ...]:
    """List what a revision changed, in the order of the plan that came of it; dropped designs last.

    What is compared is what was written: a field that an earlier plan did not have was not declared then, whatever it
    is taken for now.

    Parameters
    ----------
    revised : Revised
        Of `plan_revisions.load_revisions`.

    Returns
    -------
    tuple[PlanChange, ...]
        Empty where both plans declare the same.
    """
    found = []
    for design in dict.fromkeys([*revised.after, *revised.before]):
        before, after = revised.before.get(design), revised.after.get(design)
        if before is None or after is None:
            found.append(PlanChange(design, None, before, after, _why(revised, design, None)))
            continue
        for field in dict.fromkeys([*after, *before]):
            pair = _value(before, field), _value(after, field)
            if pair[0] != pair[1]:
                found.append(PlanChange(design, field, *pair, _why(revised, design, field)))
    return tuple(found)


def _value(fields: Mapping[str, Any], field: str) -> Any:
    """Take a value as written; texts that differ in their line ends only are equal."""
    value = fields.get(field)
    return " ".join(value.split()) if isinstance(value, str) else value


def _why(revised: Revised, design: str, field: str | None) -> str:
    because = revised.revision.because
    return because.get(design) or because.get(field or "") or revised.revision.reason
