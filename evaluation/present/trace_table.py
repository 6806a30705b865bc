"""What a plotly figure draws as a table: a row per point, whatever kind of figure it is."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from evaluation.base import dutch
from evaluation.present.drawing.scene import decoded
from evaluation.present.figures import FigureTable
from evaluation.present.reader_words import reader_word
from evaluation.present.tables import Column, numeric

_PARTS = ("hovertext", "x", "y", "z", "r", "theta", "labels", "parents", "locations", "values", "a", "b", "c", "text")
"""Attributes of traces that have a value for each point, in the order of the columns."""

_HEADS = {
    "hovertext": "naam", "r": "afstand", "theta": "richting", "labels": "onderdeel", "parents": "deel van",
    "locations": "gebied", "values": "waarde",
}  # fmt: skip


def traces_table(figure: Any, decimals: int = 1) -> FigureTable:
    """List what the traces of a figure draw: a row per point, with the name of its trace where there are several.

    Where a figure shows how values are spread, a row per group: how many they are, and where a quarter of them lies.
    """
    spread = [trace for trace in figure.data if _is_spread(trace)]
    if spread and all(trace in spread or trace.type == "bar" for trace in figure.data):
        return _spread_table(figure, spread, decimals)
    rows = [row for trace in figure.data for row in _points(trace)]
    parts = [part for part in (*_PARTS, "van", "naar", "waarde") if any(row.get(part) is not None for row in rows)]
    names = {str(row.get("name") or "") for row in rows}
    parts = (["name"] if len(names) > 1 or not parts else []) + parts
    heads = []
    for place, part in enumerate(parts):
        values = [row.get(part) for row in rows]
        is_number = all(value is None or _is_number(value) for value in values)
        heads.append(Column(_head(figure, part), numeric=is_number and place > 0))
    return FigureTable(heads, [[_written(row.get(part), decimals) for part in parts] for row in rows])


def _is_spread(trace: Any) -> bool:
    """Tell whether a trace draws the spread of its values."""
    counts = (
        trace.type == "histogram" and (trace.histfunc or "count") == "count" and (trace.x is None or trace.y is None)
    )
    return trace.type in ("box", "violin") or counts


def _spread_table(figure: Any, traces: list[Any], decimals: int) -> FigureTable:
    groups: dict[tuple[str, str], list[float]] = {}
    is_flat = all(_flat(trace) for trace in traces)
    seen = set()
    for trace in traces:
        values, places = (_get(trace, key) for key in ("xy" if _flat(trace) else "yx"))
        if trace.type == "histogram":
            values, places = _get(trace, "y" if trace.orientation == "h" else "x"), None
        name = str(trace.name or "")
        if places is None and name in seen:
            continue  # the box beside a histogram has the same values
        seen.add(name)
        for place, value in zip(["" for _ in values] if places is None else places, values, strict=False):
            if _is_number(value) and value == value:
                groups.setdefault((name, _written(place, 0) if place != "" else ""), []).append(float(value))
    if not groups:
        return FigureTable(["Reeks"], [])
    parts = [at for at in (0, 1) if len({key[at] for key in groups}) > 1 or (at == 1 and any(key[1] for key in groups))]
    heads = ["Reeks", _head(figure, "y" if is_flat else "x")]
    rows = []
    for key, numbers in groups.items():
        ends = np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1], method="hazen")
        rows.append(
            [*(key[at] for at in parts), dutch.number(len(numbers)), *(dutch.number(n, decimals) for n in ends)]
        )
    titles = numeric("Aantal", "Laagste", "Kwart onder", "Midden", "Kwart boven", "Hoogste")
    return FigureTable([*(heads[at] for at in parts), *titles], rows)


def _flat(trace: Any) -> bool:
    return trace.orientation == "h" or (trace.orientation is None and trace.y is None)


def _points(trace: Any) -> Iterator[dict[str, Any]]:
    name = trace.name
    if trace.type == "sankey":
        labels = list(trace.node.label if trace.node.label is not None else ())
        for source, target, value in zip(trace.link.source, trace.link.target, trace.link.value, strict=False):
            ends = [str(labels[end]) if end < len(labels) else str(end) for end in (source, target)]
            yield {"name": name, "van": ends[0], "naar": ends[1], "waarde": value}
        return
    found = {part: list(values) for part in _PARTS if _is_list(values := _get(trace, part))}
    if found.get("z") and _is_list(found["z"][0]):  # cells: a row each
        across = found.get("x") or list(range(1, len(found["z"][0]) + 1))
        up = found.get("y") or list(range(1, len(found["z"]) + 1))
        for one, values in zip(up, found["z"], strict=False):
            for other, value in zip(across, values, strict=False):
                yield {"name": name, "y": one, "x": other, "z": value}
        return
    if trace.type == "choropleth":
        found.pop("text", None)
    for place in range(max(map(len, found.values()), default=0)):
        yield {"name": name, **{part: values[place] for part, values in found.items() if place < len(values)}}


def _get(trace: Any, part: str) -> Any:
    try:
        return decoded(trace[part])  # a copied figure has its numbers packed
    except (KeyError, ValueError):
        return None


def _is_list(value: Any) -> bool:
    return value is not None and not isinstance(value, (str, bytes)) and hasattr(value, "__len__")


def _head(figure: Any, part: str) -> str:
    """Name a column as the figure names its axis."""
    if part == "name":
        return "Reeks"
    if part in ("x", "y"):
        title = figure.layout[f"{part}axis"].title.text
    else:
        title = figure.layout.coloraxis.colorbar.title.text if part == "z" else None
    return dutch.capital(reader_word(str(title or _HEADS.get(part, part))))


def _is_number(value: Any) -> bool:
    return (not isinstance(value, (bool, str)) and isinstance(value, (int, float))) or (
        hasattr(value, "dtype") and (getattr(value.dtype, "kind", "O") in "iuf")
    )


def _written(value: Any, decimals: int) -> str:
    if value is None or value != value:
        return "–"
    if not _is_number(value):
        return str(value)
    number = float(value)
    if number.is_integer():
        return str(int(number)) if 1900 <= number <= 2100 else dutch.number(number)
    return dutch.number(number, decimals)
