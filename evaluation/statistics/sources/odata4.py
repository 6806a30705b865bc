"""CBS open data, OData v4: long observations with a measure code and a mark for each value that is empty."""

import pandas as pd

from evaluation.statistics.sources.answer import COLUMNS, Answer, Progress, absent, condition, day
from evaluation.statistics.sources.http import Client
from evaluation.statistics.sources.odata import check_rows, dimension_fault, read_pages
from evaluation.statistics.sources.registry_schema import Table

_NEXT = "@odata.nextLink"
_OBSERVATION = ["Measure", "Value", "ValueAttribute"]


def read(client: Client, table: Table, *, report: Progress) -> Answer:
    """Read one table: what it is, whether it still has what we take, its periods, and the observations, page by page.

    Parameters
    ----------
    client, table, report : Client, Table, Progress
        Of the publisher's address; as registered; told how many rows came.

    Returns
    -------
    Answer
    """
    properties, periods, query, stated = _ask(client, table)
    pages, received = [], 0
    for address, rows in read_pages(client, client.address(f"{table.number}/Observations", query), link=_NEXT):
        pages.append(_columns(client, table, address, rows))
        received += len(rows)
        report(received, stated)
    status = properties.get("Status")
    return Answer(
        rows=pd.concat(pages, ignore_index=True) if pages else pd.DataFrame(columns=COLUMNS),
        periods=periods,
        title=str(properties.get("Title") or table.title).strip(),
        modified=day(properties.get("Modified")),
        received=received,
        stated=stated,
        remarks=() if status in (None, "Regulier") else (f"De uitgever noemt deze tabel: {status}.",),
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
    return _ask(client, table)[3]


def _ask(client: Client, table: Table) -> tuple[dict, dict[str, str], dict[str, str], int | None]:
    """Return what the service says of a table that is as registered, its periods, the question, and how many rows."""
    base = f"{client.base_url}/{table.number}"
    properties = client.json(f"{base}/Properties")
    if properties.get("Identifier") != table.number:
        raise client.fault(f"{base}/Properties", f"table {properties.get('Identifier')!r}; expected {table.number!r}")
    periods = _check_codes(client, table, base)
    query = {"$filter": condition(table, {**table.chosen_codes, "Measure": [item.code for item in table.measures]})}
    return properties, periods, query, client.count(client.address(f"{table.number}/Observations/$count", query))


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
    base = f"{client.base_url}/{number}"
    found = {"measures": _titles(client, f"{base}/MeasureCodes")}
    for item in _values(client, f"{base}/Dimensions"):
        found[str(item.get("Identifier"))] = _titles(client, f"{base}/{item.get('Identifier')}Codes")
    return found


def _check_codes(client: Client, table: Table, base: str) -> dict[str, str]:
    """Check dimensions, measures and chosen codes, and return the periods with their status."""
    dimensions = [str(item.get("Identifier")) for item in _values(client, f"{base}/Dimensions")]
    chosen = table.chosen_codes
    wanted = [table.region, table.period, *chosen]
    if fault := dimension_fault(wanted, dimensions):
        raise client.fault(f"{base}/Dimensions", fault)
    fault = absent([item.code for item in table.measures], list(_titles(client, f"{base}/MeasureCodes")), "measure")
    if fault:
        raise client.fault(f"{base}/MeasureCodes", fault)
    for name, codes in chosen.items():
        fault = absent(codes, list(_titles(client, f"{base}/{name}Codes")), "code")
        if fault:
            raise client.fault(f"{base}/{name}Codes", fault)
    periods = _values(client, f"{base}/{table.period}Codes")
    return {str(item.get("Identifier")).strip(): str(item.get("Status") or "") for item in periods}


def _columns(client: Client, table: Table, address: str, rows: list[dict]) -> pd.DataFrame:
    """Take our columns from a page of observations."""
    if not rows:
        return pd.DataFrame(columns=COLUMNS)
    kind = table.classify.dimension if table.classify is not None else "Measure"
    wanted = list(dict.fromkeys([table.region, table.period, kind, *_OBSERVATION]))
    check_rows(client, address, rows, wanted)
    taken = pd.DataFrame(rows)[[table.region, table.period, kind, "Value", "ValueAttribute"]]
    result = taken.set_axis(COLUMNS, axis=1)
    return result.assign(**{name: result[name].astype(str).str.strip() for name in COLUMNS[:3]})


def _titles(client: Client, address: str) -> dict[str, str]:
    return {str(item.get("Identifier")).strip(): str(item.get("Title")).strip() for item in _values(client, address)}


def _values(client: Client, address: str) -> list[dict]:
    return [item for _, page in read_pages(client, address, link=_NEXT) for item in page]
