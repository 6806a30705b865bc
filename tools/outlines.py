"""Make the outlines of the municipalities of today for our own maps: ``python -m tools.outlines FILE``.

FILE is the generalised map of CBS and Kadaster (GeoJSON, longitude and latitude, ``statcode`` for each municipality).
Its points are set on a flat grid of 100 metres, and those that then say nothing more are left out.  What stands in
``data/regions/outlines.csv`` is made anew; ``outlines.yml`` names the sha256 of the file that it was made of.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from evaluation.base.errors import SnapshotError
from evaluation.base.paths import data_dir
from evaluation.base.text import csv_text
from evaluation.base.yaml_entries import load_yaml
from evaluation.statistics.areas.boundary_tables import municipalities_of_today

_METRES = 100
"""Of a step of the grid: a hundredth of what a province is wide on a phone."""

_WEST, _NORTH, _MIDDLE = 3.2, 53.7, 52.2
_PER_DEGREE = 111_320.0
_CLOSE = 0.9
"""Steps of the grid: a point that lies nearer to the line between its neighbours is left out."""

Point = tuple[int, int]


def main() -> None:
    """Write the table, held to the sum of the file that ``outlines.yml`` names."""
    parser = argparse.ArgumentParser(description="Make data/regions/outlines.csv")
    parser.add_argument("file", type=Path)
    content = parser.parse_args().file.read_bytes()
    told = load_yaml((data_dir() / "regions" / "outlines.yml").read_text(encoding="utf-8"))
    if (found := hashlib.sha256(content).hexdigest()) != told["original_sha256"]:
        raise SnapshotError(f"The file has the sha256 {found}; outlines.yml names {told['original_sha256']}.")
    rows = sorted(outline_rows(json.loads(content)))
    if absent := sorted(set(municipalities_of_today()) - {row[0] for row in rows}):
        raise SnapshotError(f"The file has no outline of {', '.join(absent)}.")
    text = csv_text([("code", "part", "points"), *rows])
    (data_dir() / "regions" / "outlines.csv").write_text(text, encoding="utf-8", newline="")


def outline_rows(collection: dict) -> Iterator[tuple[str, str, str]]:
    """Give a row for each part of a municipality: code, number of the part, points as ``x,y`` with spaces between."""
    for feature in collection["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
        rings = [thinned([_on_grid(*point[:2]) for point in ring]) for polygon in polygons for ring in polygon[:1]]
        for number, ring in enumerate((ring for ring in rings if len(ring) > 2), start=1):
            yield feature["properties"]["statcode"], str(number), " ".join(f"{x},{y}" for x, y in ring)


def _on_grid(longitude: float, latitude: float) -> Point:
    east = (longitude - _WEST) * math.cos(math.radians(_MIDDLE)) * _PER_DEGREE
    return round(east / _METRES), round((_NORTH - latitude) * _PER_DEGREE / _METRES)


def thinned(ring: Sequence[Point]) -> list[Point]:
    """Leave out the closing point, doubles, and points on the line between their neighbours.

    >>> thinned([(0, 0), (5, 0), (9, 0), (9, 9), (0, 9), (0, 0)])
    [(0, 0), (9, 0), (9, 9), (0, 9)]
    """
    points = [point for place, point in enumerate(ring[:-1]) if point != ring[place - 1] or place == 0]
    kept = list(points)
    for point in points:
        place = kept.index(point)
        before, after = kept[place - 1], kept[(place + 1) % len(kept)]
        if len(kept) > 3 and _distance(point, before, after) < _CLOSE:
            kept.pop(place)
    return kept


def _distance(point: Point, start: Point, end: Point) -> float:
    wide, high = end[0] - start[0], end[1] - start[1]
    length = math.hypot(wide, high)
    across = abs(wide * (start[1] - point[1]) - (start[0] - point[0]) * high)
    return across / length if length else math.dist(point, start)


if __name__ == "__main__":
    main()
