"""The commands `regiodeal bundle`, `reproduce` and `diff`: a run for others, made again, beside another."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evaluation.base.paths import DEFAULT_DEAL
from evaluation.base.text import without_controls
from evaluation.cli.options import DealOption, complete_what

if TYPE_CHECKING:
    from evaluation.bundles.reproduce import Reproduction

EditionArgument = Annotated[
    str,
    typer.Argument(metavar="YEAR|final|portfolio", help="A year, final or portfolio.", autocompletion=complete_what),
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
    typer.echo(
        f"sha256: {written.sha256} (in SHA256SUMS beside it; regiodeal publish shows it on the report's account page)"
    )
    typer.echo(f"Check it with: regiodeal reproduce {to} --sha256 {written.sha256}")
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
    sha256: Annotated[
        str | None, typer.Option("--sha256", metavar="HEX", help="The published sum: on the report's account page.")
    ] = None,
    signature: Annotated[
        Path | None, typer.Option("--signature", help="Signature of minisign; BUNDLE.minisig when it is not named.")
    ] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="Public key of the office for minisign, or the file that holds it.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option("--verify", help="statement.json of the release, with the signatures beside it.")
    ] = None,
    signers: Annotated[
        Path | None, typer.Option("--signers", help="Who may sign; data/deal/<deal>-signers of the project here.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Who reproduces it: writes a certificate of reproduction.")
    ] = None,
    sign_with: Annotated[
        Path | None, typer.Option("--sign-with", help="Private key of SSH that signs the certificate.")
    ] = None,
) -> None:
    """Run a bundle again from scratch, in an environment made from its lock file, and compare every number.

    It runs the code in the bundle: use it for bundles of those you trust.  Exit codes: 0 every number of the published
    bundle is reproduced; 7 numbers differ; 8 it could not run, or not in full; 9 it is not as it was made or published;
    17 every number is reproduced, and without --sha256 or --key it is not known whose bundle it is.

    Examples: regiodeal reproduce 2021.zip --sha256 HEX, regiodeal reproduce 2021.zip --with-vintages .
    """
    from evaluation.bundles import reproduce as rerun
    from evaluation.bundles.verdict import PAGE
    from evaluation.release.reproduced import establish_release, verdict_and_certificate

    if verify is not None:
        sha256 = establish_release(bundle, verify, signers=signers, sha256=sha256, report=_say)
    given = {"sha256": sha256, "signature": signature, "key": key}
    write = verdict_and_certificate(bundle, by=by, key=sign_with)
    options = {"here": here, "with_vintages": with_vintages, "report": _say, "write": write}
    outcome = rerun.reproduce(bundle, to, **options, **given)
    _tell_outcome(outcome)
    typer.echo(f"Report: {to / PAGE}")
    if by is not None and outcome.comparison is not None:
        typer.echo(f"Certificate: {to / 'certificaat.json'}" + ("" if sign_with else "; not signed: no --sign-with"))
    if outcome.exit_code:
        raise typer.Exit(outcome.exit_code)


def _tell_outcome(outcome: Reproduction) -> None:
    """Say which versions and numbers differ, what failed, and what came of it in one sentence."""
    from evaluation.bundles.layout import RUN
    from evaluation.bundles.verdict import summarise

    versions = outcome.environment.differences if outcome.environment else ()
    _tell_differences([f"{item.name}: {item.change}" for item in versions], "Another version", "versions")
    if outcome.comparison is not None:
        _tell_differences(outcome.comparison.differences, "Differs", "numbers")
        for name, why in (outcome.failed or {}).items():
            _say(f"Failed: {name}: {why}")
    for change in outcome.changes:
        if change.name.startswith(RUN) and change.state == "unlike":
            _say(f"{change.name}: {change.words}")
    for line in summarise(outcome).splitlines():
        _say(line)


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="A",
            help="A year, final or portfolio of this project, a bundle, a run, a csv.",
            autocompletion=complete_what,
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
    from evaluation.bundles.compare import compare, count_by_cause, own_tolerances
    from evaluation.bundles.sides import open_side
    from evaluation.bundles.verdict import write_differences

    found = compare(Causes(open_side(before, deal), open_side(now, deal)), own_tolerances())
    _tell_differences(found.differences, "Differs", "numbers")
    for cause, count in count_by_cause(found.differences).items():
        _say(f"Cause: {cause} ({count} numbers)")
    within = len(found.within)
    told = f"{len(found.same) - within} numbers are equal exactly, {within} within their tolerance only"
    typer.echo(f"{told}, {len(found.differences)} differ.")
    if to is not None:
        typer.echo(f"Every changed number: {write_differences(found.differences, to)}")
    if found.differences:
        raise typer.Exit(7)


def _say(text: str) -> None:
    """Show a line with words of others: it stays one line, and moves no cursor."""
    typer.echo(without_controls(text))


def _tell_differences(items: Sequence, word: str, what: str) -> None:
    for item in items[:_SHOWN]:
        _say(f"{word}: {item}")
    if len(items) > _SHOWN:
        typer.echo(f"... and {len(items) - _SHOWN} more {what}; the report lists them all")
