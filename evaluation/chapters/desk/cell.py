"""What the cell that runs now rests on: its own options (the lines with ``#|``), and the year that was opened."""

from typing import TYPE_CHECKING

import yaml

from evaluation.base.yaml_entries import load_yaml

if TYPE_CHECKING:
    from evaluation.chapters.desk.year import Year


def cell_options() -> dict[str, object]:
    """Return the options of the cell that runs now; none outside a notebook, and none that are no YAML.

    Returns
    -------
    dict[str, object]
        As of the lines with ``#|``.
    """
    from IPython import get_ipython

    shell = get_ipython()
    try:
        source = shell.get_parent()["content"]["code"]
    except (AttributeError, KeyError, TypeError):
        return {}
    lines = []
    for line in source.splitlines():
        if not line.startswith("#|"):
            break
        lines.append(line.removeprefix("#|").removeprefix(" "))
    try:
        options = load_yaml("\n".join(lines))
    except yaml.YAMLError:
        return {}
    return options if isinstance(options, dict) else {}


def opened_year() -> "Year | None":
    """Return the year that the notebook opened last, for what it shows.

    Returns
    -------
    Year | None
        None before it opened one.
    """
    return _opened[-1] if _opened else None


def put_on_desk(year: "Year") -> "Year":
    """Let what the notebook shows from now on be of this year.

    Parameters
    ----------
    year : Year
        That it opened.

    Returns
    -------
    Year
        The same.
    """
    _opened.append(year)
    return year


_opened: list["Year"] = []
