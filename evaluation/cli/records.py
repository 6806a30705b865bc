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
    from evaluation.inputs.deal import Deal
    from evaluation.inputs.records.kept_imports import Change
    from evaluation.inputs.records.programme import Programme

_SHOWN = 40
_SIGNS = {"added": "+", "changed": "~", "removed": "-"}
_WORDS = {"added": "erbij", "changed": "veranderd", "removed": "weg"}


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
        raise UsageError(f"{to} is geen .xlsx; noem er een, zoals programmacijfers.xlsx.")
    if to.exists():
        raise UsageError(f"{to} is er al; er is niets geschreven. Noem een ander bestand.")
    agreed = load_deal(deal)
    current = None if filled is False else _current(deal)
    if filled and current is None:
        raise UsageError(
            f"Van {agreed.name} is er geen registratie die te lezen is; maak een leeg sjabloon met --empty."
        )
    with_records = current is not None and (filled or not current.is_example)
    write_bytes(to, make_template(agreed, programme=current if with_records else None))
    words = "met de registratie die er is" if with_records else "leeg"
    typer.echo(f"Sjabloon van {agreed.name} ({words}): {to}")


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
        raise UsageError("Noem de werkmap om in te lezen, of --undo om terug te gaan; niet allebei.")
    agreed = load_deal(deal)
    if undo:
        number, told = kept_imports.last_import(deal)
        if _ask(f"Inlezen {number} van {agreed.name} ({told}) ongedaan maken?", yes=yes, dry_run=dry_run):
            folder = kept_imports.undo(deal, number, day=date.today())
            typer.echo(f"Inlezen {number} van {agreed.name} is ongedaan gemaakt; wat er stond: {shown(folder)}.")
        return
    if not file.is_file():
        raise UsageError(f"Er is geen bestand {file}.")
    is_shown_anew = False
    while True:
        state, current = kept_imports.state_of(deal), _current(deal)
        programme = _checked(agreed, file, current)
        changes = kept_imports.compare(current, programme)
        if current is not None and not changes:
            typer.echo(f"Dit is de registratie van {agreed.name} die er al staat; er is niets ingelezen.")
            return
        _tell(agreed, current, programme, changes)
        if is_shown_anew and yes:
            raise UsageError(
                "Er is niets ingelezen: dit is een ander verschil dan daarnet. Bekijk het, en doe het opnieuw."
            )
        if not _ask(f"Deze registratie van {agreed.name} inlezen?", yes=yes, dry_run=dry_run):
            return
        try:
            folder = kept_imports.put_in_place(deal, programme, file, changes, day=date.today(), since=state)
            break
        except kept_imports.ChangedMeanwhile as error:
            is_shown_anew = True
            typer.echo(f"{error} Wat het inlezen nu zou veranderen:")
    of = "" if deal == DEFAULT_DEAL else f" --deal {deal}"
    typer.echo(
        f"Ingelezen in de registratie van {agreed.name} en bewaard: {shown(folder)}. Terug: regiodeal import --undo{of}"
    )
    for finding in programme.findings[:_SHOWN]:
        typer.echo(f"Kijk na: {finding}")


def _current(deal: str) -> Programme | None:
    """Read the records that stand there; None where there are none that can be read."""
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.records.programme import load_programme

    try:
        return load_programme(load_deal(deal))
    except InputError:
        return None


def _checked(agreed: Deal, file: Path, current: Programme | None) -> Programme:
    """Check the workbook; with a fault, write the marked copy and stop."""
    from evaluation.inputs.workbook.check import check_workbook
    from evaluation.inputs.workbook.marked import free_path, write_marked_copy

    checked = check_workbook(agreed, file, over_real=current is not None and not current.is_example)
    for remark in checked.remarks:
        typer.echo(f"Kijk na: {remark.dutch}")
    for asked in checked.questions[:_SHOWN]:
        typer.echo(f"Kijk na: {asked.sheet}!{asked.cell}: {asked.found}")
    if len(checked.questions) > _SHOWN:
        typer.echo(f"Kijk na: ... en nog {len(checked.questions) - _SHOWN} van deze vragen.")
    if checked.programme is None:
        copy = free_path(file)
        is_copy = write_marked_copy(file, (*checked.marks, *checked.questions), copy, cells=checked.cells)
        count = "1 fout" if len(checked.marks) == 1 else f"{len(checked.marks)} fouten"
        told = f"Elke fout is gekleurd en uitgelegd in {copy}." if is_copy else f"Zij staan uitgelegd in {copy}."
        raise UsageError(f"{count} in {file.name}; er is niets ingelezen. {told}")
    return checked.programme


def _tell(agreed: Deal, current: Programme | None, programme: Programme, changes: tuple[Change, ...]) -> None:
    """Say what changes, in the words of the sheets and headings of the workbook."""
    from evaluation.inputs.records.totals import compare_totals
    from evaluation.inputs.workbook.layout import SET_SHEET, TITLES, headings_of

    if current is None:
        typer.echo("Er is nog geen registratie die te lezen is; elke rij is nieuw.")
    elif current.is_example and not programme.is_example:
        typer.echo("De voorbeeldcijfers maken plaats voor echte.")
    left_out, headings, sheets = 0, headings_of(agreed), {**TITLES, "dataset": SET_SHEET}
    for number, change in enumerate(changes):
        if number >= _SHOWN and not change.is_amount:
            left_out += 1
            continue
        words = headings.get(change.table, {})
        cells = "".join(
            f"; {words.get(column, column)}: {old or '(leeg)'} -> {new or '(leeg)'}"
            for column, old, new in change.cells
        )
        typer.echo(f"  {_SIGNS[change.what]} {sheets.get(change.table, change.table)} {change.identity}{cells}")
    if left_out:
        typer.echo(f"  ... en nog {left_out}, zonder bedragen")
    typer.echo("Totalen per blad en jaar (was -> wordt):")
    for table, line in compare_totals(current, programme):
        typer.echo(f"  {TITLES.get(table, table)} {line}")
    counts = [f"{sum(change.what == what for change in changes)} {words}" for what, words in _WORDS.items()]
    typer.echo(f"Status {programme.dataset.status}, versie {programme.dataset.version}: {', '.join(counts)}.")


def _ask(question: str, *, yes: bool, dry_run: bool) -> bool:
    """Ask before anything changes; False where nothing is to change."""
    if dry_run:
        typer.echo("Er is niets veranderd (--dry-run).")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("Er is niets veranderd. Zet --yes erbij waar niemand kan antwoorden.")
    return typer.confirm(question, abort=True)
