"""The specification of a figure as a page carries it: what all its traces or axes have alike stands there once.

``reports/style/figuren.js`` unpacks it in the same way.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

_AXIS = re.compile(r"([xy]axis)\d*")
_LISTS = ("annotations", "shapes")


def pack_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Take out of a specification what its parts of one kind share, and put that beside them, by kind.

    Examples
    --------
    >>> pack_spec({"data": [{"mode": "lines", "y": [1]}, {"mode": "lines", "y": [2]}], "layout": {}})
    {'data': [{'y': [1]}, {'y': [2]}], 'layout': {}, 'alike': {'data': {'mode': 'lines'}}}
    """
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    _each_part(spec, lambda kind, part: kinds.setdefault(kind, []).append(part))
    alike = {}
    for kind, parts in kinds.items():
        first, *others = parts
        same = {key: value for key, value in first.items() if all(key in one and one[key] == value for one in others)}
        if others and same:
            alike[kind] = same
    packed = _each_part(
        spec, lambda kind, part: {key: value for key, value in part.items() if key not in alike.get(kind, ())}
    )
    return {**packed, "alike": alike} if alike else packed


def unpack_spec(packed: Mapping[str, Any]) -> dict[str, Any]:
    """Give every part of a specification again what it shares with those of its kind."""
    alike = packed.get("alike", {})
    whole = {key: value for key, value in packed.items() if key != "alike"}
    return _each_part(whole, lambda kind, part: {**alike.get(kind, {}), **part})


def _each_part(spec: Mapping[str, Any], change: Callable[[str, Mapping[str, Any]], Any]) -> dict[str, Any]:
    """Return a specification with each trace, axis, label and shape changed."""
    layout = dict(spec["layout"])
    for key, value in layout.items():
        if found := _AXIS.fullmatch(key):
            layout[key] = change(found[1], value)
        elif key in _LISTS:
            layout[key] = [change(key, part) for part in value]
    return {**spec, "data": [change("data", trace) for trace in spec["data"]], "layout": layout}
