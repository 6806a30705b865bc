"""A part of a municipality: a district and its neighbourhoods beside the whole, in the years for which there are figures."""

from typing import Any

from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context
from evaluation.inputs.deal_parts import Theme
from evaluation.present.display import Display, markdown
from evaluation.present.results import Chain
from evaluation.present.tables import numeric, table
from evaluation.statistics.panels import PRIVATE_NOTE
from evaluation.statistics.snapshots import Snapshot, open_snapshot

SOURCE, TABLE = "cbs", "84799NED"
"""Key figures of districts and neighbourhoods; its snapshot says of which year."""

_COLUMNS = (
    ("population", "inwoners-centrum", "Inwoners", "count", 0),
    ("persons_social_assistance", "bijstand-centrum", "Personen met bijstand", "count", 0),
    ("distance_supermarket_km", "supermarkt-centrum", "Afstand tot een grote supermarkt (km)", "km", 1),
)


def show_area(context: Context, theme: Theme, district: str) -> Display:
    """List a district (a CBS code: ``WK091733``), its neighbourhoods and municipality; UsageError for an unknown one."""
    snapshot = open_snapshot(SOURCE, TABLE)
    if snapshot.is_withheld:
        return _withheld(context, theme, snapshot, district)
    metadata = snapshot.metadata
    year = metadata.last_period
    units = _units(context, snapshot, district)
    if year > context.year:
        return markdown(
            f"Over {context.year} en eerder zijn er geen cijfers voor {units[district]}; de eerste zijn van {year}."
        )
    values = snapshot.frame.pivot(index="region", columns="measure", values="value")
    statuses = snapshot.frame.pivot(index="region", columns="measure", values="status")
    rows, numbers = [], []
    for code, name in units.items():
        rows.append([name, *(dutch.number(values.at[code, column], digits) for column, *_, digits in _COLUMNS)])
        for column, indicator, _, unit, _ in _COLUMNS:
            number = (theme.id, indicator, code, "value", values.at[code, column], unit, _chain(context, indicator))
            numbers.append(context.number(*number, status=statuses.at[code, column], **_origin(snapshot)))
    provisional = [title.lower() for column, _, title, *_ in _COLUMNS if (statuses[column] == "provisional").any()]
    return table(
        [f"Gebied, {year}", *numeric(*(title for _, _, title, *_ in _COLUMNS))],
        rows,
        results=numbers,
        source=(
            f"Bron: {metadata.publisher} {metadata.publisher_table}, stand {metadata.vintage} "
            f"({metadata.licence}). Inwoners van wijken en buurten zijn afgerond op vijftallen, personen met "
            f"bijstand op tientallen. Voorlopig: {', '.join(provisional)}."
        ),
    )


def _withheld(context: Context, theme: Theme, snapshot: Snapshot, district: str) -> Display:
    """Say that the figures are not public; each of them is recorded as withheld."""
    metadata, prefix = snapshot.metadata, f"BU{district[2:]}"
    if metadata.last_period > context.year:
        return markdown(f"Over {context.year} en eerder zijn er geen cijfers van dit gebied.")
    known = sorted(set(snapshot.frame["region"]))
    units = [district, *(code for code in known if code.startswith(prefix)), f"GM{district[2:6]}"]
    subjects = [
        (theme.id, item[1], code, "value", None, item[3], _chain(context, item[1]))
        for code in units
        for item in _COLUMNS
    ]
    return markdown(PRIVATE_NOTE, [context.number(*s, status="withheld", **_origin(snapshot)) for s in subjects])


def _chain(context: Context, indicator: str) -> Chain:
    """Return what a figure is in the results chain: as its indicator says, or a condition where it has none."""
    known = context.indicators.get(indicator)
    return "condition" if known is None else known.chain


def _origin(snapshot: Snapshot) -> dict[str, Any]:
    told = snapshot.metadata
    source = f"{told.publisher} {told.publisher_table}"
    return {"source": source, "vintage": told.vintage.isoformat(), "period": told.last_period}


def _units(context: Context, snapshot: Snapshot, district: str) -> dict[str, str]:
    """Give the district, its neighbourhoods and its municipality their names, in that order."""
    names = next(column.codes for column in snapshot.metadata.columns if column.role == "region")
    if district not in names or not district.startswith("WK"):
        raise UsageError(f"{SOURCE}/{TABLE} has no district {district!r} of {context.region_name}.")
    parts = {code: names[code] for code in sorted(names) if code.startswith(f"BU{district[2:]}")}
    code = f"GM{district[2:6]}"
    whole = next(item.name for item in context.deal.region.municipalities if item.code == code)
    return {district: names[district], **parts, code: f"gemeente {whole}"}
