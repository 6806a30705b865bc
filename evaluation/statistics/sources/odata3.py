"""OData v3, as on dataderden.cbs.nl: wide rows, codes padded with blanks, an empty value without a reason."""

from collections.abc import Iterator

import pandas as pd

from evaluation.statistics.sources.answer import COLUMNS, Answer, Progress, absent, condition, day
from evaluation.statistics.sources.http import Client
from evaluation.statistics.sources.odata import MOST_PAGES, check_rows, dimension_fault, read_pages, rows_of
from evaluation.statistics.sources.registry_schema import Table

PAGE_ROWS = 10_000
"""The most rows that the service gives at a time."""

_NEXT = "odata.nextLink"


def read(client: Client, table: Table, *, report: Progress) -> Answer:
    """Read one table: what it is, whether it still has what we take, its periods, and the rows, page by page.

    Parameters
    ----------
    client, table, report : Client, Table, Progress
        Of the publisher's address; as registered; told how many rows came.

    Returns
    -------
    Answer
    """
    number = table.number
    info, asked, stated = _ask(client, table)
    pages, received = [], 0
    for address, rows in _pages(client, table, asked):
        pages.append(_columns(client, table, address, rows))
        received += len(rows)
        report(received, stated)
    has_periods = table.year is None
    periods = _values(client, client.address(f"{number}/{table.period}", {"$format": "json"})) if has_periods else []
    return Answer(
        rows=pd.concat(pages, ignore_index=True) if pages else pd.DataFrame(columns=COLUMNS),
        periods={str(item.get("Key")).strip(): str(item.get("Status") or "").strip() for item in periods},
        title=str(info.get("Title") or table.title).strip(),
        modified=day(info.get("Modified")),
        received=received,
        stated=stated,
    )


def check(client: Client, table: Table) -> int | None:
    """Check that a table is there with everything that we take of it; its rows are not asked.

    Parameters
    ----------
    client, table : Client, Table
        Of the publisher's address; as registered.

    Returns
    -------
    int | None
        How many rows there are to take.
    """
    return _ask(client, table)[2]


def _ask(client: Client, table: Table) -> tuple[dict, str, int | None]:
    """Return what the service says of a table that is as registered, the question for its rows, and their number."""
    number = table.number
    place = client.address(f"{number}/TableInfos", {"$format": "json"})
    infos = _values(client, place)
    info = infos[0] if infos else {}
    if str(info.get("Identifier")).strip() != number:
        raise client.fault(place, f"table {info.get('Identifier')!r}; expected {number!r}")
    _check_columns(client, table)
    asked = condition(table, _chosen_keys(client, table))
    return info, asked, client.count(client.address(f"{number}/TypedDataSet/$count", {"$filter": asked}))


def describe(client: Client, number: str) -> dict[str, dict[str, str]]:
    """List what a table has.

    Parameters
    ----------
    client, number : Client, str
        Of the publisher's address, and the publisher's number of the table.

    Returns
    -------
    dict[str, dict[str, str]]
        "measures" and each dimension, with code to title.
    """
    found: dict[str, dict[str, str]] = {"measures": {}}
    for item in _properties(client, number):
        if _is_dimension(item):
            rows = _values(client, client.address(f"{number}/{item['Key']}", {"$format": "json"}))
            found[str(item["Key"])] = {str(row.get("Key")).strip(): str(row.get("Title")).strip() for row in rows}
        elif str(item.get("odata.type", "")).endswith(".Topic"):
            found["measures"][str(item["Key"])] = str(item.get("Title")).strip()
    return found


def _check_columns(client: Client, table: Table) -> None:
    properties = _properties(client, table.number)
    dimensions = [str(item["Key"]) for item in properties if _is_dimension(item)]
    topics = [str(item["Key"]) for item in properties if str(item.get("odata.type", "")).endswith(".Topic")]
    wanted = [table.region, *_period(table), *table.chosen_codes]
    fault = dimension_fault(wanted, dimensions) or absent([item.code for item in table.taken], topics, "column")
    if fault:
        raise client.fault(f"{client.base_url}/{table.number}/DataProperties", fault)


def _chosen_keys(client: Client, table: Table) -> dict[str, list[str]]:
    """Find the keys as the service writes them, with their blanks, for the codes that are taken."""
    found = {}
    for name, codes in table.chosen_codes.items():
        address = client.address(f"{table.number}/{name}", {"$format": "json"})
        keys = {str(item.get("Key")).strip(): str(item.get("Key")) for item in _values(client, address)}
        fault = absent(codes, list(keys), "code")
        if fault:
            raise client.fault(address, fault)
        found[name] = [keys[code] for code in codes]
    return found


def _columns(client: Client, table: Table, address: str, rows: list[dict]) -> pd.DataFrame:
    """Turn a page of wide rows into one row for each measure; in a column of words a dot says that there is none."""
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    kind = [] if table.classify is None else [table.classify.dimension]
    codes = [item.code for item in table.taken]
    wanted = [table.region, *_period(table), *kind, *codes]
    check_rows(client, address, rows, wanted)
    page = pd.DataFrame(rows)[wanted].rename(columns={table.region: "region", table.period: "period"})
    if table.year is not None:
        page["period"] = f"{table.year}{table.period_code}"
    if table.boundary_change is not None:
        words = page[table.boundary_change].astype("str").str.strip()
        page[table.boundary_change] = words.astype(object).where(words.notna() & (words != "."), None)
    if kind:
        result = page.rename(columns={kind[0]: "measure", codes[0]: "value"})
    else:
        result = page.melt(["region", "period"], codes, "measure", "value")
    result = result.assign(mark=None)[COLUMNS]
    return result.assign(**{name: result[name].astype(str).str.strip() for name in COLUMNS[:3]})


def _pages(client: Client, table: Table, asked: str) -> Iterator[tuple[str, list[dict]]]:
    """Take pages of rows: by the service's next link where it gives one, else until a page is not full."""
    skip = 0
    following: str | None = None
    for _ in range(MOST_PAGES):
        query = {"$format": "json", "$filter": asked, "$top": str(PAGE_ROWS), "$skip": str(skip)}
        address = following or client.address(f"{table.number}/TypedDataSet", query)
        content = client.json(address)
        rows = rows_of(client, address, content)
        yield address, rows
        skip += len(rows)
        following = content.get(_NEXT)
        if not following and len(rows) < PAGE_ROWS:
            return
    raise client.fault(f"{client.base_url}/{table.number}/TypedDataSet", "pages without end")


def _properties(client: Client, number: str) -> list[dict]:
    return _values(client, client.address(f"{number}/DataProperties", {"$format": "json"}))


def _is_dimension(item: dict) -> bool:
    """Tell a dimension; the one of neighbourhoods is a GeoDetail, which names itself otherwise."""
    return str(item.get("odata.type", "")).endswith(("Dimension", ".GeoDetail"))


def _period(table: Table) -> list[str]:
    """Return the dimension of periods, where the table has one."""
    return [] if table.year is not None else [table.period]


def _values(client: Client, address: str) -> list[dict]:
    return [item for _, page in read_pages(client, address, link=_NEXT) for item in page]
