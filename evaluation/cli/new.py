"""The commands `regiodeal new`: correct starting points, without a line of code."""

from typing import Annotated

import typer

from evaluation.base.errors import UsageError
from evaluation.base.paths import DEFAULT_DEAL, shown
from evaluation.cli import options
from evaluation.cli.new_deal import deal

new = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Starting points: a deal, a notebook, an indicator."
)
new.command()(deal)

ThemeOption = Annotated[
    int,
    typer.Option(
        "--theme", help="Number of the theme in the deal.", prompt=True, autocompletion=options.complete_theme
    ),
]
UnitOption = Annotated[
    str,
    typer.Option(
        help="count, per_1000, EUR, pct, km, m3 or score.",
        prompt="Unit (count, per_1000, EUR, pct, km, m3, score)",
        autocompletion=options.complete_unit,
    ),
]
DirectionOption = Annotated[
    str,
    typer.Option(
        help="Which way is meant to be better: increase, decrease or ambiguous.",
        prompt="Meant to be better (increase, decrease, ambiguous)",
        autocompletion=options.complete_direction,
    ),
]
ResultOption = Annotated[
    list[str] | None, typer.Option(help="Result of Article 3 that it informs, such as 3.1; may be given again.")
]
TableOption = Annotated[
    str | None,
    typer.Option(
        help="Pinned table with its figures, SOURCE/TABLE; without it there are none yet.",
        autocompletion=options.complete_table,
    ),
]
_NOT_YET = "nog geen cijfers: de bron is nog niet opgenomen"
_DECIMALS = {"per_1000": 1, "pct": 1, "km": 1, "score": 1}


@new.command()
def notebook(
    title: Annotated[str, typer.Option(help="Of the chapter, in Dutch.", prompt="Title of the chapter")],
    theme: ThemeOption,
    kind: Annotated[
        str,
        typer.Option(help="annual or final: the report that gets the chapter.", autocompletion=options.complete_kind),
    ] = "annual",
    indicator: Annotated[
        str | None,
        typer.Option(
            help="For the first figure; by default the one that stands for the theme.",
            autocompletion=options.complete_indicator,
        ),
    ] = None,
    deal: options.DealOption = DEFAULT_DEAL,
) -> None:
    """Write a notebook that is a chapter of a report at once; what is not given is asked.

    It passes regiodeal check and runs; the texts that are still to be written stand between square brackets.

    Example: regiodeal new notebook --title "Woninginbraak nader bekeken" --theme 3
    """
    from evaluation.cli.starting_points import OPENED, new_notebook
    from evaluation.inputs.deal import load_deal

    if kind not in OPENED:
        raise UsageError(f"There is no kind {kind!r}; choose {' or '.join(OPENED)}.")
    path, profile = new_notebook(load_deal(deal), title=title, theme=theme, kind=kind, indicator=indicator)
    typer.echo(f"Notebook: {shown(path)}, a chapter by its line in {shown(profile)}")
    typer.echo(f"See it as you write: regiodeal preview {path.stem}")


@new.command()
def indicator(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Small letters, digits and hyphens.")],
    theme: ThemeOption,
    title: Annotated[str, typer.Option(help="In Dutch.", prompt="Title")],
    definition: Annotated[str, typer.Option(help="What is counted, of whom, when; in Dutch.", prompt="Definition")],
    wording: Annotated[str, typer.Option(help="As in a sentence: woninginbraken.", prompt="As in a sentence")],
    unit: UnitOption,
    direction: DirectionOption,
    result: ResultOption = None,
    table: TableOption = None,
    measure: Annotated[str | None, typer.Option(help="Code of the measure in that table.")] = None,
    publisher: Annotated[str, typer.Option(help="Of figures that are not there yet.")] = "onbekend",
    chain: Annotated[str, typer.Option(help="input, output, condition or outcome.")] = "outcome",
    level: Annotated[str, typer.Option(help="Lowest level of the figures.")] = "municipality",
    reference_date: Annotated[str, typer.Option(help="What day or period a figure is about.")] = "kalenderjaar",
    reason: Annotated[str, typer.Option(help="Why there are no figures yet, in Dutch.")] = _NOT_YET,
    deal: options.DealOption = DEFAULT_DEAL,
) -> None:
    """Write an indicator into the file of its theme; what is not given is asked.

    With --table it has figures at once: source and calculation follow from the table.

    Example: regiodeal new indicator verhuizingen --theme 2 --title Verhuizingen
    --definition "Verhuizingen in een jaar." --wording verhuizingen --unit count --direction ambiguous
    """
    from evaluation.cli.starting_points import figures_from, new_indicator, no_figures_yet
    from evaluation.inputs.deal import load_deal

    is_count = unit == "count"
    fields = {
        "id": identity,
        "results": result or [],
        "title": title,
        "definition": definition,
        "wording": wording,
        "unit_of_measure": unit,
        "decimals": _DECIMALS.get(unit, 0),
        "direction": direction,
        "chain": chain,
        "level": level,
        "reference_date": reference_date,
        "allowed_methods": ["describe"] if is_count else ["describe", "gap"],
        "gap": "none" if is_count else "absolute",
        **(figures_from(table, measure, unit) if table else no_figures_yet(publisher, title, reason)),
    }
    path = new_indicator(fields, theme=theme, deal=load_deal(deal))
    typer.echo(f"Indicator: {identity} in {shown(path)}")
    typer.echo(
        f'Show it in a notebook of theme {theme}: .indicator("{identity}", "{identity}")'
        if table
        else "It is listed under what is not measured yet. Figures: regiodeal data add, then its calculation."
    )
