"""What both versions of OData have in common: pages that lead to the next, and whether what is asked is there."""

from collections.abc import Iterator

from evaluation.statistics.sources.answer import absent
from evaluation.statistics.sources.http import Client

MOST_PAGES = 2000


def read_pages(client: Client, address: str | None, *, link: str) -> Iterator[tuple[str, list[dict]]]:
    """Follow the next links; a link that comes back is a fault, so that this always ends.

    Parameters
    ----------
    client, address, link : Client, str | None, str
        Of the publisher; where the first page is; the name of the part that leads to the next.

    Yields
    ------
    str, list[dict]
        Address and rows of each page.
    """
    seen: set[str] = set()
    while address:
        if address in seen or len(seen) >= MOST_PAGES:
            raise client.fault(address, "a next page that was already read, or pages without end")
        seen.add(address)
        content = client.json(address)
        yield address, rows_of(client, address, content)
        following = content.get(link)
        if not isinstance(following, str | None):
            raise client.fault(address, f"{link} is not an address")
        address = following


def rows_of(client: Client, address: str, content: dict) -> list[dict]:
    """Return the rows of a page; raises SourceError when it has none.

    Parameters
    ----------
    client, address, content : Client, str, dict
        Of the publisher; where the page is; what it holds.

    Returns
    -------
    list[dict]
        As received.
    """
    if not isinstance(content.get("value"), list):
        raise client.fault(address, absent(["value"], list(content), "part") or "value is not a list")
    if not all(isinstance(row, dict) for row in content["value"]):
        raise client.fault(address, "a row that is not an object")
    return content["value"]


def check_rows(client: Client, address: str, rows: list[dict], wanted: list[str]) -> None:
    """Raise SourceError when a row lacks a column.

    Parameters
    ----------
    client, address, rows, wanted : Client, str, list[dict], list[str]
        Of the publisher; where the page is; its rows; the columns that are taken.
    """
    for row in rows:
        if any(name not in row for name in wanted):
            raise client.fault(address, absent(wanted, list(row), "column") or "a row without a column")


def dimension_fault(wanted: list[str], there: list[str]) -> str | None:
    """Tell which dimension is not there, or is there and nobody chose from.

    Parameters
    ----------
    wanted, there : list[str], list[str]
        The dimensions of the register and those of the table.

    Returns
    -------
    str | None
        None when they agree.
    """
    fault = absent(wanted, there, "dimension")
    if fault is None and len(there) > len(wanted):
        fault = f"a dimension that the register does not know: {', '.join(sorted(set(there) - set(wanted)))}"
    return fault
