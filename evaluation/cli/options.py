"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from evaluation.cli.completion import complete_deal

DealOption = Annotated[str, typer.Option("--deal", help="Name of the file in data/deal.", autocompletion=complete_deal)]
