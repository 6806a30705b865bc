"""The command `regiodeal bundle`: a run for others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from evaluation.completion import complete_deal, complete_year
from evaluation.paths import DEFAULT_DEAL

EditionArgument = Annotated[
    str, typer.Argument(metavar="YEAR|final", help="A year, or final.", autocompletion=complete_year)
]
DealOption = Annotated[str, typer.Option("--deal", help="Name of the file in data/deal.", autocompletion=complete_deal)]


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
    from evaluation.deal import load_deal
    from evaluation.editions import choose_edition

    written = write_bundle(deal, choose_edition(load_deal(deal), what, None), to)
    record = written.record
    typer.echo(f"Bundle: {to} ({record.title}, {record.numbers} numbers, {written.size / 1e6:.1f} MB)")
    typer.echo(f"sha256: {written.sha256}")
    for item in record.absent:
        typer.echo(f"Absent: {item.what}: {item.effect}.")
