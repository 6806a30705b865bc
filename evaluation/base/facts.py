"""An object as it is shown by itself in a notebook: a short line, and a small table of what it holds."""

import html
from collections.abc import Mapping


def fact_table(title: str, facts: Mapping[str, object]) -> str:
    """Write a table of what something holds, or of what it can do.

    Parameters
    ----------
    title, facts : str, mapping of str to object
        What it is, and each thing by its name; what is None or empty is left out.

    Returns
    -------
    str
        HTML without a style of its own.

    >>> fact_table("a < b", {"x": 1, "y": None})
    '<table><caption>a &lt; b</caption><tbody><tr><th scope="row">x</th><td>1</td></tr></tbody></table>'
    """
    rows = "".join(
        f'<tr><th scope="row">{html.escape(str(name))}</th><td>{html.escape(_text(value))}</td></tr>'
        for name, value in facts.items()
        if value is not None and value != "" and value != ()
    )
    return f"<table><caption>{html.escape(title)}</caption><tbody>{rows}</tbody></table>"


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
