"""What an evaluator asks of the desk, read or refused with what there is: names, years, designs."""

from evaluation.base.errors import UsageError, did_you_mean
from evaluation.inputs.indicators import Design


class Plan(dict[str, Design]):
    """The designs by id; a name that there is not is told with what is like it."""

    def __missing__(self, name: object) -> Design:
        check_one("design", str(name), tuple(self))
        raise KeyError(name)


def design_id(design: Design | str) -> str:
    """Return the id of a design, which may be asked by that.

    Parameters
    ----------
    design : Design | str
        Itself, or its id.

    Returns
    -------
    str
    """
    return design.id if isinstance(design, Design) else design


def check_one(what: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a name that there is not, with what is like it.

    Parameters
    ----------
    what, value, known : str, str, tuple of str
        What it is a name of, the name, and the names that there are.

    Raises
    ------
    UsageError
        For a name that there is not.
    """
    if value not in known:
        hint = did_you_mean(str(value), list(known)) or f"There are: {', '.join(known) or 'none'}."
        raise UsageError(f"There is no {what} {value!r}. {hint}")
