"""What a plotly figure draws as a table: a row per point, whatever kind of figure it is."""

from collections.abc import Iterator
from typing import Any

from evaluation.base import dutch
from evaluation.present.figures import FigureTable
from evaluation.present.tables import Column

_PARTS = ("x", "y", "z", "r", "theta", "labels", "parents", "locations", "ids", "values", "a", "b", "c", "text")
_HEADS = {"r": "afstand", "theta": "richting", "labels": "onderdeel", "parents": "deel van", "locations": "gebied",
          "values": "waarde"}  # fmt: skip


def traces_table(figure: Any, decimals: int = 1) -> FigureTable:
    """List what the traces of a figure draw: a row per point, with the name of its trace where there are several."""
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
        return trace[part]
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
    return dutch.capital(str(title or _HEADS.get(part, part)))


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
