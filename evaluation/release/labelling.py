"""No harm by labelling: what a release may not show of neighbourhoods, read from its figures, tables and words.

Where neighbourhoods were publicly named as deprived, houses sold for about 3 to 5% less than just across the border.

References
----------
Koster, H. and Van Ommeren, J. (2023). Neighbourhood stigma and place-based policies. Economic Policy 38, 289-339,
doi:10.1093/epolic/eiac039 (a price reduction of about 3-5% in targeted neighbourhoods).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from lxml.html import HtmlElement

from evaluation.base.errors import PublishError
from evaluation.present.packed import unpack_spec
from evaluation.publish.pages.html import parse_page, with_class
from evaluation.publish.pages.pictures import read_data
from evaluation.release.numbered import numbers_on
from evaluation.release.reuse.figures import read_results

_BELOW = re.compile(r"(BU|WK)\d+")
"""A neighbourhood or district, by its code of CBS."""

_RANKS = {"rank", "rank_of", "position", "quintile", "decile"}
_RANK_HEADS = re.compile(r"(rang|plaats|positie|ranglijst|nr\.?|kwintiel|deciel)", re.IGNORECASE)
_LABELS = re.compile(
    r"\b(?:achterstands|probleem|kracht|pracht|vogelaar|aandachts|kans(?:en)?arme\s|slechtste\s|slechte\s|zwakke\s)"
    r"(?:wijk|buurt)(?:en)?\b|\bgetto'?s?\b",
    re.IGNORECASE,
)
_OF_OTHERS = {"e9-methoden.html", "cijfers-e9-methoden.html"}
"""Pages that list studies by others, with the names that those gave."""

_FEWEST = 5
"""Rows in order of a value: of fewer, that is chance."""

_COLOURED = {"choropleth", "choroplethmap", "choroplethmapbox", "heatmap"}


def find_labelling(site: Path) -> list[str]:
    """List what labels neighbourhoods in a report: page and what was found.

    A number that ranks a neighbourhood; a table or figure of neighbourhoods in order of a value, with a column of
    ranks, or with a colour for each value; a name for a neighbourhood that judges it.
    """
    faults = [
        f"results.csv: {identity} ranks a neighbourhood"
        for identity, row in read_results(site).items()
        if _BELOW.fullmatch(row["unit"]) and row["measure"] in _RANKS
    ]
    below = _exhibits(site)
    for path in sorted(site.glob("*.html")):
        page, drawn = parse_page(path), read_data(site, path.name)
        if path.name not in _OF_OTHERS:
            faults += [f"{path.name}: “{word}” judges a neighbourhood" for word in _words(page)]
        for tag in page.xpath("//figure[@id]"):
            if str(tag.get("id")) in below:
                faults += [f"{path.name}: {tag.get('id')} {told}" for told in _look_at(tag, drawn)]
    return faults


def check_labelling(site: Path) -> None:
    """Refuse a report that labels neighbourhoods.  Raises PublishError with everything that was found."""
    if faults := find_labelling(site):
        raise PublishError(
            "The report labels neighbourhoods, so it is not released (docs/uitgeven.md):\n  " + "\n  ".join(faults)
        )


def _exhibits(site: Path) -> set[str]:
    """Name the figures and tables with numbers of at least two neighbourhoods."""
    units = {identity: row["unit"] for identity, row in read_results(site).items()}
    found: dict[str, set[str]] = {}
    for path in site.glob("cijfers-*.html"):
        for label, identity, _ in numbers_on(path.read_text(encoding="utf-8")):
            if _BELOW.fullmatch(units.get(identity, "")):
                found.setdefault(label, set()).add(units[identity])
    return {label for label, own in found.items() if len(own) > 1}


def _words(page: HtmlElement) -> list[str]:
    main = page.find(".//main")
    parts = [] if main is None else main.xpath(".//text()[not(ancestor::script or ancestor::pre)]")
    return sorted({" ".join(found[0].split()).lower() for found in _LABELS.finditer(" ".join(parts))})


def _look_at(figure: HtmlElement, drawn: Mapping[str, Mapping]) -> Iterator[str]:
    for table in figure.iter("table"):
        rows = [[_text(cell) for cell in row] for row in table.iter("tr")]
        if not rows:
            continue
        if any(_RANK_HEADS.fullmatch(cell) for cell in rows[0]):
            yield "has a column of ranks"
        for column in range(1, len(rows[0])):
            values = [_number(row[column]) for row in rows[1:] if len(row) == len(rows[0])]
            known = [value for value in values if value is not None]
            if _is_in_order(known) and len(known) == len(values):
                yield f"has its neighbourhoods in order of “{rows[0][column]}”"
    for area in with_class(figure, "figuur-vlak"):
        if (spec := drawn.get(str(area.get("data-figuur")))) is None:
            yield "has a drawing of which it cannot be read what it shows"
        else:
            yield from _drawn(unpack_spec(spec))


def _drawn(spec: Mapping) -> Iterator[str]:
    fills = {str(shape["fillcolor"]) for shape in spec["layout"].get("shapes", ()) if "fillcolor" in shape}
    if len(fills) > 2:
        yield "has a colour for each neighbourhood"
    for trace in spec["data"]:
        marker = trace.get("marker") or {}
        colours = marker.get("color")
        is_shaded = trace.get("type") in _COLOURED and not _is_even(trace.get("z"))
        if is_shaded or "colorscale" in marker or "coloraxis" in marker:
            yield "colours its neighbourhoods by a value"
        elif isinstance(colours, list) and len({str(colour) for colour in colours}) > 2:
            yield "has a colour for each neighbourhood"
        if trace.get("type") == "bar":
            values = trace.get("x" if trace.get("orientation") == "h" else "y") or ()
            numbers = [value for value in values if isinstance(value, int | float)]
            if _is_in_order(numbers):
                yield "has its neighbourhoods in order of their values"


def _is_even(shades: object) -> bool:
    """Tell whether squares or areas all have one shade, so that colour says nothing of any."""
    rows = shades if isinstance(shades, list) else [shades]
    known = {str(cell) for row in rows for cell in (row if isinstance(row, list) else [row]) if cell is not None}
    return isinstance(shades, list) and len(known) <= 1


def _is_in_order(values: Sequence[float]) -> bool:
    """Tell whether values only rise or only fall, which for so many is no chance."""
    if len(values) < _FEWEST or len(set(values)) < _FEWEST:
        return False
    steps = [after - before for before, after in pairwise(values)]
    return all(step >= 0 for step in steps) or all(step <= 0 for step in steps)


def _text(cell: HtmlElement) -> str:
    return " ".join("".join(cell.itertext()).split())


def _number(text: str) -> float | None:
    """Read a number as Dutch readers write it; None where a cell holds anything else."""
    plain = text.replace(".", "").replace(",", ".").replace("−", "-").strip("% €")
    try:
        return float(plain)
    except ValueError:
        return None
