"""What the cell that runs now says about itself: its label, its caption and its other options (the lines with ``#|``)."""

import yaml


def cell_options() -> dict[str, object]:
    """Return the options of the cell that runs now.

    Returns
    -------
    dict of str to object
        None outside a notebook, and none that are no YAML.
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
        options = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError:
        return {}
    return options if isinstance(options, dict) else {}
