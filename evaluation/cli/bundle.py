"""The commands `regiodeal bundle`, `reproduce` and `diff`: a run for others, made again, beside another."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from evaluation.base.paths import DEFAULT_DEAL, project_root
from evaluation.cli.options import DealOption, complete_what

EditionArgument = Annotated[
    str, typer.Argument(metavar="YEAR|final", help="A year, or final.", autocompletion=complete_what)
]
_SHOWN = 20


def bundle(
    what: EditionArgument,
    to: Annotated[Path, typer.Option("--to", help="The .zip to write.")],
    deal: DealOption = DEFAULT_DEAL,
) -> None:
    """Write the last whole run with all that others need to run it again; the same state gives the same bytes.

    Nothing of data/private goes into it, nor anything that leads to this machine or its user; what is absent is listed.

    Example: regiodeal bundle 2021 --to 2021.zip
    """
    from evaluation.bundles.archive import write_bundle
    from evaluation.inputs.deal import load_deal
    from evaluation.inputs.editions import choose_edition

    written = write_bundle(deal, choose_edition(load_deal(deal), what, None), to)
    record = written.record
    typer.echo(f"Bundle: {to} ({record.title}, {record.numbers} numbers, {written.size / 1e6:.1f} MB)")
    typer.echo(f"sha256: {written.sha256}")
    for item in record.absent:
        typer.echo(f"Absent: {item.what}: {item.effect}.")


def reproduce(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The .zip, or the folder in which it was unpacked.")],
    to: Annotated[Path, typer.Option("--to", help="Folder for the run and the report.")] = Path("reproduction"),
    here: Annotated[bool, typer.Option("--here", help="Use this environment and say which versions differ.")] = False,
    with_vintages: Annotated[
        Path | None,
        typer.Option("--with-vintages", help="A project whose newer statistics take the place of those of the bundle."),
    ] = None,
) -> None:
    """Run a bundle again from scratch, in an environment made from its lock file, and compare every number.

    It runs the code in the bundle: use it for bundles of those you trust.  Exit codes: 0 every number is reproduced; 7
    numbers differ; 8 it could not run, or not in full; 9 every number is the same, of a bundle that was altered.

    Examples: regiodeal reproduce 2021.zip, regiodeal reproduce 2021.zip --with-vintages .
    """
    from evaluation.bundles import reproduce as rerun
    from evaluation.bundles.verdict import summarise, write_verdict

    outcome = rerun.reproduce(bundle, to, here=here, with_vintages=with_vintages, report=typer.echo)
    page = write_verdict(outcome, to)
    versions = outcome.environment.differences if outcome.environment else ()
    _tell_differences([f"{item.name}: {item.change}" for item in versions], "Another version", "versions")
    if outcome.comparison is not None:
        _tell_differences(outcome.comparison.differences, "Differs", "numbers")
        for name, why in (outcome.failed or {}).items():
            typer.echo(f"Failed: {name}: {why}")
    typer.echo(summarise(outcome))
    typer.echo(f"Report: {page}")
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A", help="A year or final of this project, a bundle, a run, a csv.", autocompletion=complete_what
        ),
    ],
    now: Annotated[
        str, typer.Argument(metavar="B", help="The same, to compare with it.", autocompletion=complete_what)
    ],
    deal: DealOption = DEFAULT_DEAL,
    to: Annotated[Path | None, typer.Option("--to", help="A .csv for every changed number.")] = None,
) -> None:
    """List every number of B that is not that of A, with the input that differs: vintage, record, module, version.

    Exit codes: 0 all numbers are the same; 7 numbers differ.

    Example: regiodeal diff 2021.zip 2021
    """
    from evaluation.bundles.causes import Causes
    from evaluation.bundles.compare import TOLERANCES, compare, count_by_cause, read_tolerances
    from evaluation.bundles.sides import open_side
    from evaluation.bundles.verdict import write_differences

    tolerances = read_tolerances((project_root() / TOLERANCES).read_text(encoding="utf-8"))
    found = compare(Causes(open_side(before, deal), open_side(now, deal)), tolerances)
    _tell_differences(found.differences, "Differs", "numbers")
    for cause, count in count_by_cause(found.differences).items():
        typer.echo(f"Cause: {cause} ({count} numbers)")
    within = len(found.within)
    told = f"{len(found.same) - within} numbers are equal exactly, {within} within their tolerance only"
    typer.echo(f"{told}, {len(found.differences)} differ.")
    if to is not None:
        typer.echo(f"Every changed number: {write_differences(found.differences, to)}")
    if found.differences:
        raise typer.Exit(7)


def _tell_differences(items: Sequence, word: str, what: str) -> None:
    for item in items[:_SHOWN]:
        typer.echo(f"{word}: {item}")
    if len(items) > _SHOWN:
        typer.echo(f"... and {len(items) - _SHOWN} more {what}; the report lists them all")
