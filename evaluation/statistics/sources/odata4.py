"""CBS open data, OData v4: long observations with a measure code and a mark for each value that is empty."""

from collections.abc import Iterator

import pandas as pd

from evaluation.statistics.sources.answer import COLUMNS, Answer, Progress, absent, condition, day
from evaluation.statistics.sources.http import Client
from evaluation.statistics.sources.registry_schema import Table

_MOST_PAGES = 2000
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
    base = f"{client.base_url}/{table.number}"
    properties = client.json(f"{base}/Properties")
    if properties.get("Identifier") != table.number:
        raise client.fault(f"{base}/Properties", f"table {properties.get('Identifier')!r}; expected {table.number!r}")
    periods = _check_codes(client, table, base)
    query = {"$filter": condition(table, {**table.chosen_codes, "Measure": [item.code for item in table.measures]})}
    stated = client.count(client.address(f"{table.number}/Observations/$count", query))
    pages, received = [], 0
    for address, rows in _pages(client, client.address(f"{table.number}/Observations", query)):
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
    fault = absent(wanted, dimensions, "dimension")
    if fault is None and len(dimensions) > len(wanted):
        fault = f"a dimension that the register does not know: {', '.join(sorted(set(dimensions) - set(wanted)))}"
    if fault:
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
    for row in rows:
        if not isinstance(row, dict) or any(name not in row for name in wanted):
            there = list(row) if isinstance(row, dict) else [repr(row)]
            raise client.fault(address, absent(wanted, there, "column") or "a row that is not an object")
    taken = pd.DataFrame(rows)[[table.region, table.period, kind, "Value", "ValueAttribute"]]
    result = taken.set_axis(COLUMNS, axis=1)
    return result.assign(**{name: result[name].astype(str).str.strip() for name in COLUMNS[:3]})


def _titles(client: Client, address: str) -> dict[str, str]:
    return {str(item.get("Identifier")).strip(): str(item.get("Title")).strip() for item in _values(client, address)}


def _values(client: Client, address: str) -> list[dict]:
    return [item for _, page in _pages(client, address) for item in page]


def _pages(client: Client, address: str | None) -> Iterator[tuple[str, list[dict]]]:
    """Follow the next links; a link that comes back is a fault, so that this always ends."""
    seen: set[str] = set()
    while address:
        if address in seen or len(seen) >= _MOST_PAGES:
            raise client.fault(address, "a next page that was already read, or pages without end")
        seen.add(address)
        content = client.json(address)
        if not isinstance(content.get("value"), list):
            raise client.fault(address, absent(["value"], list(content), "part") or "value is not a list")
        yield address, content["value"]
        address = content.get("@odata.nextLink")
