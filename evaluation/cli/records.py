"""The commands `regiodeal template` and `regiodeal import`: the programme's records in Excel, out and in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.base.errors import InputError, UsageError
from evaluation.base.paths import DEFAULT_DEAL, shown
from evaluation.cli.options import DealOption

if TYPE_CHECKING:
    from evaluation.inputs.records.kept_imports import Change
    from evaluation.inputs.records.programme import Programme

_SHOWN = 40
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}


def template(
    to: Annotated[Path, typer.Option("--to", help="The .xlsx to write.")],
    deal: DealOption = DEFAULT_DEAL,
    filled: Annotated[
        bool | None,
        typer.Option("--filled/--empty", help="With the records that are there; by default where they are no example."),
    ] = None,
) -> None:
    """Write the workbook that the programme office fills in: choices, explanations and examples, in Dutch.

    Example: regiodeal template --to programmacijfers.xlsx
    """
    from evaluation.base.paths import write_bytes
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.workbook.template import make_template

    if to.suffix.lower() != ".xlsx":
        raise UsageError(f"{to} is no .xlsx file; name one, such as programmacijfers.xlsx.")
    if to.exists():
        raise UsageError(f"{to} is there already; nothing was written. Name another file.")
    agreed = load_deal(deal)
    current = None if filled is False else _current(deal)
    if filled and current is None:
        raise UsageError(f"There are no records of {deal} that can be read; make an empty template with --empty.")
    with_records = current is not None and (filled or not current.is_example)
    write_bytes(to, make_template(agreed, programme=current if with_records else None))
    words = "with the records that are there" if with_records else "empty"
    typer.echo(f"Template of {agreed.name} ({words}): {to}")


def import_records(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="The filled workbook.", show_default=False)
    ] = None,
    deal: DealOption = DEFAULT_DEAL,
    yes: Annotated[bool, typer.Option("--yes", help="Import without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to what was there before the last import.")] = False,
) -> None:
    """Check a filled workbook, show what it changes, and put it in the place of the records.

    With a fault nothing is imported: a copy beside the file has every fault marked, in Dutch.  Every import is kept in
    data/programme/DEAL/imports.

    Examples: regiodeal import programmacijfers.xlsx --dry-run, regiodeal import --undo
    """
    from datetime import date

    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.records import kept_imports

    if undo == (file is not None):
        raise UsageError("Name the workbook to import, or --undo to go back; not both.")
    agreed = load_deal(deal)
    if undo:
        number, told = kept_imports.last_import(deal)
        if _ask(f"Undo import {number} of {deal} ({told})?", yes=yes, dry_run=dry_run):
            folder = kept_imports.undo(deal, number, day=date.today())
            typer.echo(f"Import {number} of {agreed.name} is undone; what stood there is kept in {shown(folder)}.")
        return
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    is_shown_anew = False
    while True:
        state, current = kept_imports.state_of(deal), _current(deal)
        programme = _checked(agreed, file, current)
        changes = kept_imports.compare(current, programme)
        if current is not None and not changes:
            typer.echo(f"These are the records of {agreed.name} that are there already; nothing was imported.")
            return
        _tell(current, programme, changes)
        if is_shown_anew and yes:
            raise UsageError(
                "Nothing was imported: this is another difference than before. Look at it, and run it again."
            )
        if not _ask(f"Import these records of {deal}?", yes=yes, dry_run=dry_run):
            return
        try:
            folder = kept_imports.put_in_place(deal, programme, file, changes, day=date.today(), since=state)
            break
        except kept_imports.ChangedMeanwhile as error:
            is_shown_anew = True
            typer.echo(f"{error} What this import would change now:")
    of = "" if deal == DEFAULT_DEAL else f" --deal {deal}"
    typer.echo(
        f"Imported in the records of {agreed.name} and kept: {shown(folder)}. Undo it with: regiodeal import --undo{of}"
    )
    for finding in programme.findings[:_SHOWN]:
        typer.echo(f"To look at: {finding}")


def _current(deal: str) -> Programme | None:
    """Read the records that stand there; None where there are none that can be read."""
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.records.programme import load_programme

    try:
        return load_programme(load_deal(deal))
    except InputError:
        return None


def _checked(agreed, file: Path, current: Programme | None) -> Programme:
    """Check the workbook; with a fault, write the marked copy and stop."""
    from evaluation.inputs.workbook.check import check_workbook
    from evaluation.inputs.workbook.marked import free_path, write_marked_copy

    checked = check_workbook(agreed, file, over_real=current is not None and not current.is_example)
    for remark in checked.remarks:
        typer.echo(f"To look at: {remark}.")
    for asked in checked.questions[:_SHOWN]:
        typer.echo(f"To look at: {asked.sheet}!{asked.cell}: {asked.found}")
    if len(checked.questions) > _SHOWN:
        typer.echo(f"To look at: ... and {len(checked.questions) - _SHOWN} more of these questions.")
    if checked.programme is None:
        copy = free_path(file)
        is_copy = write_marked_copy(file, (*checked.marks, *checked.questions), copy, cells=checked.cells)
        count = "1 fault" if len(checked.marks) == 1 else f"{len(checked.marks)} faults"
        told = f"Each is marked, in Dutch, in {copy}." if is_copy else f"They are listed, in Dutch, in {copy}."
        raise UsageError(f"{count} in {file.name}; nothing was imported. {told}")
    return checked.programme


def _tell(current: Programme | None, programme: Programme, changes: tuple[Change, ...]) -> None:
    from evaluation.inputs.records.totals import compare_totals

    if current is None:
        typer.echo("There are no records yet that can be read; every row is new.")
    elif current.is_example and not programme.is_example:
        typer.echo("The example records make way for real ones.")
    left_out = 0
    for number, change in enumerate(changes):
        if number >= _SHOWN and not change.is_amount:
            left_out += 1
            continue
        cells = "".join(f"; {column}: {old or '(empty)'} -> {new or '(empty)'}" for column, old, new in change.cells)
        typer.echo(f"  {_SIGNS[change.what]} {change.table} {change.identity}{cells}")
    if left_out:
        typer.echo(f"  ... and {left_out} more, without amounts")
    typer.echo("Totals per table and year (before -> after):")
    for line in compare_totals(current, programme):
        typer.echo(f"  {line}")
    counts = [f"{sum(change.what == what for change in changes)} {what}" for what in _SIGNS]
    typer.echo(f"Status {programme.dataset.status}, version {programme.dataset.version}: {', '.join(counts)}.")


def _ask(question: str, *, yes: bool, dry_run: bool) -> bool:
    """Ask before anything changes; False where nothing is to change."""
    if dry_run:
        typer.echo("Nothing was changed (--dry-run).")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Nothing was changed. Add --yes where nobody can answer.")
    return typer.confirm(question, abort=True)
