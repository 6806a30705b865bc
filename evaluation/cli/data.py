"""The commands `regiodeal data`: the only way in for statistics, and the only commands that use the network."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from evaluation.base.errors import RegioDealError, UnreachableError, UsageError
from evaluation.base.paths import DEFAULT_DEAL, shown, write_text
from evaluation.base.text import csv_text
from evaluation.cli.options import (
    DealOption,
    complete_direction,
    complete_table,
    complete_theme,
    complete_unit,
    complete_vintage,
)

data = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Statistics: fetch, add, verify, status, diff.")

BaseUrls = Annotated[
    list[str] | None,
    typer.Option("--base-url", help="SERVICE=ADDRESS instead of the publisher's (only ADDRESS for one service)."),
]
Accept = Annotated[
    list[str] | None, typer.Option(help="A check against the last vintage that may fail: coverage, magnitude.")
]
PublisherOption = Annotated[
    str | None, typer.Option("--source", "--publisher", help="Who made the figures, where it is not known.")
]
UnitOption = Annotated[
    str | None,
    typer.Option(help="count, per_1000, EUR, pct, km or score; with --as in Dutch.", autocompletion=complete_unit),
]
ThemeOption = Annotated[
    int | None, typer.Option(help="Theme of the deal, for the indicator.", autocompletion=complete_theme)
]
DirectionOption = Annotated[
    str | None,
    typer.Option(help="Meant to be better: increase, decrease or ambiguous.", autocompletion=complete_direction),
]
IndicatorOption = Annotated[
    str | None, typer.Option(help="Its id: by default from the title; one that is there gets newer figures.")
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="In the place of what was added today and is not in git.")
]
_CODES_SHOWN = 40
_FILE = "a file tells nothing of itself"


@data.command()
def fetch(
    wanted: Annotated[
        str | None,
        typer.Argument(metavar="[SOURCE[/TABLE]]", help="Everything by default.", autocompletion=complete_table),
    ] = None,
    base_url: BaseUrls = None,
    accept: Accept = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for an answer.", min=0.05)] = 60.0,
    attempts: Annotated[int, typer.Option(help="Attempts for each question.", min=1, max=20)] = 5,
    everything: Annotated[bool, typer.Option("--all", help="Every table, with --check-only also closed ones.")] = False,
    check_only: Annotated[
        bool, typer.Option("--check-only", help="Ask only whether tables are still as registered; write nothing.")
    ] = False,
) -> None:
    """Fetch tables from their publishers, check them, and pin them as a new vintage.

    Example: regiodeal data fetch cbs/83625NED
    """
    if everything and wanted is not None:
        raise UsageError(f"Either {wanted} or --all.")
    if check_only:
        _check_tables(wanted, base_url, everything=everything, timeout=timeout, attempts=attempts)
        return
    from evaluation.statistics.sources.fetch import fetch_table
    from evaluation.statistics.sources.http import Patience
    from evaluation.statistics.sources.registry import load_registry

    options = {"accept": _accepted(accept), "patience": Patience(timeout_s=timeout, attempts=attempts)}
    registry = load_registry()
    tables = registry.choose(wanted)
    addresses = _addresses(base_url or [], {item.service for item in tables if item.service}, registry.services)
    unreachable: dict[str, UnreachableError] = {}
    codes: list[int] = []
    for table in tables:
        if table.service in unreachable:
            continue
        try:
            with _progress(table.name) as report:
                base = addresses.get(table.service or "")
                found = fetch_table(table, registry, base_url=base, report=report, **options)
        except UnreachableError as error:
            unreachable[table.service or ""] = error
            continue
        except RegioDealError as error:
            typer.echo(str(error), err=True)
            codes.append(error.exit_code)
            continue
        typer.echo(_told(found))
    if unreachable:
        reasons = "; ".join(error.found for error in unreachable.values())
        typer.echo(f"No network, or the publisher is down: {reasons}. What is pinned stays in use.", err=True)
        codes.append(UnreachableError.exit_code)
    if codes:
        raise typer.Exit(codes[0])


def _check_tables(
    wanted: str | None, base_url: list[str] | None, *, everything: bool, timeout: float, attempts: int
) -> None:
    """Print a line for each table: how its entry came about, and whether the service still answers as it says."""
    from evaluation.statistics.sources.fetch import check_table
    from evaluation.statistics.sources.http import Patience
    from evaluation.statistics.sources.registry import load_registry

    registry = load_registry()
    tables = list(registry.tables.values()) if everything else registry.choose(wanted)
    addresses = _addresses(base_url or [], {item.service for item in tables if item.service}, registry.services)
    patience, width = Patience(timeout_s=timeout, attempts=attempts), max(len(item.name) for item in tables)
    silent: dict[str | None, UnreachableError] = {}
    codes, counts = set(), dict.fromkeys(("as registered", "otherwise", "not reached", "not asked"), 0)
    typer.echo(f"{'table':<{width}}  {'entry':<10}  answer")
    for table in tables:
        told = table.reason
        if table.closed is not None:
            answer = "not asked"
        else:
            try:
                if table.service in silent:
                    raise silent[table.service]
                rows = check_table(table, registry, base_url=addresses.get(table.service), patience=patience)
                answer, told = ("as registered", f"{rows} rows") if rows is not None else ("not asked", _FILE)
            except UnreachableError as error:
                silent[table.service] = error
                answer, told = "not reached", error.found.removeprefix("cannot reach ")
                codes.add(error.exit_code)
            except RegioDealError as error:
                answer, told = "otherwise", str(error)
                codes.add(error.exit_code)
        counts[answer] += 1
        entry = table.tried or ("closed" if table.closed else "open")
        typer.echo(f"{table.name:<{width}}  {entry:<10}  {answer}: {told}")
    summary = ", ".join(f"{count} {answer}" for answer, count in counts.items())
    typer.echo(f"{len(tables)} tables: {summary}. Nothing was written.")
    if codes:  # what a service answers otherwise says more than that another is silent
        raise typer.Exit(min(codes))


@data.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="CSV or .xlsx with columns region, period, value (measure, status); in Dutch too.")
    ],
    name: Annotated[
        str | None, typer.Option("--as", help="SOURCE/TABLE: pin a table only, without an indicator of its own.")
    ] = None,
    licence: Annotated[str | None, typer.Option(help="Terms of use, such as 'CC BY 4.0'.")] = None,
    private: Annotated[bool, typer.Option("--private", help="Into data/private: out of git and bundles.")] = False,
    title: Annotated[str | None, typer.Option(help="Dutch; where data/sources.yml does not say it.")] = None,
    publisher: PublisherOption = None,
    url: Annotated[str | None, typer.Option(help="Where a reader finds the figures, if anywhere.")] = None,
    meaning: Annotated[str | None, typer.Option(help="What the value is, in Dutch.")] = None,
    unit: UnitOption = None,
    boundaries: Annotated[str | None, typer.Option(help="each_year, or the year of all boundaries.")] = None,
    theme: ThemeOption = None,
    direction: DirectionOption = None,
    together: Annotated[str | None, typer.Option(help="Of EUR: sum or mean of municipalities.")] = None,
    indicator: IndicatorOption = None,
    measure: Annotated[str | None, typer.Option(help="Of a file with several: the one that it shows.")] = None,
    result: Annotated[list[str] | None, typer.Option(help="Result of Article 3 that it informs, such as 3.1.")] = None,
    replace: ReplaceOption = False,
    accept: Accept = None,
    deal: DealOption = DEFAULT_DEAL,
) -> None:
    """Check a file of your own, pin it, and make it an indicator; what is not said is asked.

    A row for each area and year: columns region (name or code of a municipality, province or COROP area), period
    (year) and value, or gemeente, jaar and waarde; measure and status if there are any. The indicator is written into
    the file of its theme, and regiodeal check passes at once.

    With --as it is a table only: licensed, local, or without an address; checked as what is fetched.

    Examples: regiodeal data add fietsen.csv --title Fietsen --source "Gemeente Heerlen" --licence "CC BY 4.0"
    --unit count --theme 3 --direction ambiguous --boundaries each_year, regiodeal data add winkels.csv
    --as locatus/winkels --licence "contract 2025" --private
    """
    from evaluation.cli.own_figures import Said, add_own_figures
    from evaluation.inputs.deal import load_deal

    if boundaries not in (None, "each_year") and not boundaries.isdigit():
        raise UsageError(f"Boundaries {boundaries!r}; expected each_year or a year.")
    if name is not None:
        _add_table(file, name, (licence, private, title, publisher, meaning, unit), url, boundaries, replace, accept)
        return
    said = Said(
        title=title, publisher=publisher, url=url, licence=licence, unit=unit, theme=theme, direction=direction,
        together=together, boundaries=boundaries, indicator=indicator, measure=measure, meaning=meaning,
        results=tuple(result or ()), private=private, replace=replace,
    )  # fmt: skip
    add_own_figures(file, said, load_deal(deal), accept=_accepted(accept))


def _add_table(
    file: Path,
    name: str,
    words: tuple,
    url: str | None,
    boundaries: str | None,
    replace: bool,
    accept: list[str] | None,
) -> None:
    """Pin a table without an indicator."""
    from evaluation.statistics.sources.own_file import Description, add_file
    from evaluation.statistics.sources.registry import load_registry

    licence, private, *rest = words
    kind = int(boundaries) if boundaries and boundaries.isdigit() else boundaries or "each_year"
    said = Description(licence or "", private, *rest, kind, url, replace)
    found = add_file(file, name, said, load_registry(), accept=_accepted(accept))
    typer.echo(_told(found) + (" (private: not in git, not in a bundle)" if private and found.path else ""))


@data.command()
def verify(
    mend: Annotated[
        bool, typer.Option("--mend", help="Write row_counts.csv anew, when every snapshot is in order itself.")
    ] = False,
) -> None:
    """Check that every snapshot is what its metadata say.

    Example: regiodeal data verify
    """
    from evaluation.statistics.row_counts import mend_row_counts, verify_snapshots

    if mend and mend_row_counts():
        typer.echo("Mended: data/snapshots/row_counts.csv was written anew.")
    found = verify_snapshots()
    private = sum(item.private for item in found)
    typer.echo(f"In order: {len(found)} snapshots" + (f", of which {private} private." if private else "."))


@data.command()
def status(deal: DealOption = DEFAULT_DEAL) -> None:
    """Tell for each indicator which vintage a run would use, how old it is, and what is missing.

    Example: regiodeal data status
    """
    from evaluation.inputs.indicators import load_indicators, register_dir
    from evaluation.statistics.sources.registry import load_registry
    from evaluation.statistics.sources.vintages import list_status

    items = list_status(load_indicators(folder=register_dir(deal)), load_registry(), today=date.today())
    width = max(len(item.indicator) for item in items)
    for item in items:
        parts = [
            f"{used.table} {used.vintage} ({used.age_days} days, until {used.last_period}"
            + (", private)" if used.private else ")")
            for used in item.used
            if used.vintage is not None
        ]
        if item.missing:
            parts.append(f"missing: {item.missing}")
        typer.echo(f"{item.indicator:<{width}}  {'; '.join(parts)}")
    complete = sum(item.missing is None for item in items)
    typer.echo(f"{complete} of {len(items)} indicators have their figures.")


@data.command()
def diff(
    old: Annotated[str, typer.Argument(help="cbs/2025-07-17/83625NED.", autocompletion=complete_vintage)],
    new: Annotated[
        str,
        typer.Argument(
            help="Another vintage: 2026-07-17, cbs/2026-07-17/83625NED, or cbs/83625NED.",
            autocompletion=complete_vintage,
        ),
    ],
    csv: Annotated[Path | None, typer.Option(help="Write the list to this file too.")] = None,
) -> None:
    """List every figure that was revised, came or went between two vintages.

    Example: regiodeal data diff cbs/2025-07-17/83625NED 2026-07-17
    """
    from evaluation.statistics.sources.vintages import compare_snapshots, find_snapshot

    before = find_snapshot(old)
    after = find_snapshot(new, like=before)
    found = compare_snapshots(before, after)
    for row in found.itertuples():
        place = " ".join(part for part in (row.region, str(row.period), row.measure) if part)
        typer.echo(f"{row.kind:<8}  {place}  {_figure(row.old, row.old_status)} -> {_figure(row.new, row.new_status)}")
    counts = found["kind"].value_counts()
    told = ", ".join(f"{counts.get(kind, 0)} {kind}" for kind in ("revised", "status", "new", "vanished"))
    typer.echo(f"{told} (status: the same value, with another status).")
    if csv is not None:
        write_text(csv, csv_text([found.columns, *found.astype(object).where(found.notna(), None).to_numpy()]))


@data.command()
def describe(
    wanted: Annotated[str, typer.Argument(metavar="SOURCE/TABLE", autocompletion=complete_table)],
    base_url: BaseUrls = None,
    dimension: Annotated[str | None, typer.Option(help="All codes of this dimension, or of 'measures'.")] = None,
) -> None:
    """List the measures, dimensions and codes of a publisher's table, for data/sources.yml.

    Example: regiodeal data describe cbs/82015NED
    """
    from evaluation.statistics.sources.http import Client
    from evaluation.statistics.sources.protocols import PROTOCOLS
    from evaluation.statistics.sources.registry import load_registry

    registry = load_registry()
    table = registry.tables.get(wanted)
    service = registry.services.get(table.service or "") if table else None
    protocol = PROTOCOLS[service.protocol].load() if service else None
    if service is None or not hasattr(protocol, "describe"):
        raise UsageError(f"{wanted!r} is no table with a known open-data service in data/sources.yml.")
    address = service.address(_addresses(base_url or [], {service.id}, registry.services).get(service.id))
    with Client(wanted, address) as client:
        found = protocol.describe(client, table.number)
    if dimension is not None and dimension not in found:
        raise UsageError(f"{wanted} has no {dimension!r}; there are: {', '.join(found)}.")
    for name, codes in found.items():
        if dimension not in (None, name):
            continue
        typer.echo(f"{name}: {len(codes)}")
        shown = list(codes.items()) if dimension else list(codes.items())[:_CODES_SHOWN]
        for code, text in shown:
            typer.echo(f"  {code}  {text}")
        if len(shown) < len(codes):
            typer.echo(f"  ... all of them with: --dimension {name}")


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """Give what shows how many rows came, of how many; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda received, stated: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn(name), BarColumn(), MofNCompleteColumn(), TextColumn("rows"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task(name, total=None)
        yield lambda received, stated: bar.update(line, completed=received, total=stated)


def _addresses(given: list[str], asked: set[str], services: dict) -> dict[str, str]:
    """Read the addresses that replace those of the services."""
    found = {}
    for text in given:
        name, sign, address = text.partition("=")
        if sign and name in services:
            found[name] = address
        elif "://" in name and len(asked) == 1:
            found[next(iter(asked))] = text
        else:
            raise UsageError(f"--base-url {text!r}: expected SERVICE=ADDRESS with a service of {', '.join(services)}.")
    return found


def _accepted(names: list[str] | None) -> tuple[str, ...]:
    from evaluation.statistics.sources.arrival import ACCEPTABLE

    if unknown := [name for name in names or () if name not in ACCEPTABLE]:
        raise UsageError(f"There is no check {unknown[0]!r} to accept; choose {' or '.join(ACCEPTABLE)}.")
    return tuple(names or ())


def _told(found) -> str:
    for text in found.looked_at:
        typer.echo(f"To look at: {text}.")
    if found.path is None:
        return f"{found.table}: the same {found.rows} figures as vintage {found.vintage}; nothing was written."
    overruled = f", accepted: {', '.join(found.overruled)}" if found.overruled else ""
    return f"{found.table}: {found.rows} figures, vintage {found.vintage}{overruled}: {shown(found.path)}"


def _figure(value: float, status: str) -> str:
    if not status:
        return "none"
    return f"{value:.12g} ({status})" if value == value else status
