"""Money in a chapter: budget, commitments and payments, by theme, source, track and year."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan

from evaluation.analysis.finance import payers_of
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_parts import Theme
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, bars_figure
from evaluation.present.results import Result

_SOURCE_WORDS = {
    "Rijk": "Rijk",
    "Provincie": "Provincie",
    "gemeenten": "gemeenten",
    "corporaties": "woningcorporaties",
    "private": "private partijen",
}


def source_words(deal: Deal) -> dict[str, str]:
    """Return who pays, as the records name them, to what a reader sees."""
    return _SOURCE_WORDS | {funder.id: funder.words for funder in deal.funders}


def other_words(context: Context) -> str:
    """Name who pays on top of the budget, in words; empty where nobody does."""
    words = source_words(context.deal)
    return dutch.listing([words[source] for source in payers_of(context.deal, context.programme)[1]])


def theme_money_sentence(context: Context, theme: Theme) -> str:
    """Say what was budgeted, committed and paid for a theme."""
    row = context.money.by_theme.loc[theme.id]
    cofinancing = row["cofinancing_committed_eur"]
    others = f"zegden daarnaast {dutch.million(cofinancing) if cofinancing else 'niets'} toe{context.example_mark}"
    if isnan(cofinancing):
        others = "zegden daarnaast een bedrag toe dat niet is vrijgegeven"
    by_others = f" {dutch.capital(other_words(context))} {others}." if other_words(context) else ""
    return (
        f"Voor {context.this_theme} is {dutch.million(row['budget_eur'])} begroot. Tot en met {context.until} is "
        f"{dutch.million(row['committed_eur'])} toegezegd ({dutch.percentage(row['committed_pct'], 0)}) en "
        f"{dutch.million(row['paid_eur'])} betaald ({dutch.percentage(row['paid_pct'], 0)}) uit de middelen van Rijk en Regio.{by_others}"
    )


def money_figure(
    text: FigureText,
    names: Sequence[str],
    amounts: Mapping[str, Iterable[float | None]],
    data: FigureTable,
    *,
    decimals: int = 1,
    results: Iterable[Result] = (),
) -> Display:
    """Draw amounts as bars in millions of euro; what is paid is filled, what was only agreed is an outline."""
    roles = {"betaald": "region", "toegezegd": "rest" if "begroot" in amounts else "outline", "begroot": "outline"}
    series = [
        (name, roles[name], [None if value is None or value != value else value / 1e6 for value in values])
        for name, values in amounts.items()
    ]
    return bars_figure(text, names, series, data, decimals=decimals, results=results)


def theme_results(context: Context, theme: int) -> list[Result]:
    """Record budget, commitments, payments and shares of one theme."""
    row = context.money.by_theme.loc[theme]
    subject, reference = (theme, "geld", "thema"), context.agreed.budget_reference
    return [
        context.agreement(*subject, "budget", row["budget_eur"], "EUR", reference, "input"),
        context.agreement(*subject, "budget_share_pct", row["budget_share_pct"], "pct", reference, "input"),
        *money_results(context, subject, row, row.index.drop(["budget_eur", "budget_share_pct"])),
    ]


def money_results(
    context: Context, subject: tuple[int | str, str, str], row: Mapping, columns: Iterable[str], **options
) -> list[Result]:
    """Record columns of the accounts: amounts (`paid_eur`, recorded as paid), and what is computed from them (`paid_pct`)."""
    numbers = []
    for column in columns:
        is_amount = column.endswith("_eur")
        measure, unit = (column.removesuffix("_eur"), "EUR") if is_amount else (column, column.rsplit("_", 1)[1])
        # of the records only a sum of private parties can be missing, with what is computed from it
        gone = isnan(row[column]) and (is_amount or isnan(row["committed_eur"]))
        number = (*subject, measure, row[column], unit, "input")
        numbers.append(context.record(*number, computed=not is_amount, withheld=gone, **options))
    return numbers


def total_results(context: Context) -> list[Result]:
    """Record the totals of the deal."""
    total, subject = context.money.total, ("programma", "geld", "totaal")
    amounts = ("committed_eur", "paid_eur", "cofinancing_committed_eur", "cofinancing_paid_eur")
    budget = context.agreement(*subject, "budget", total["budget_eur"], "EUR", context.agreed.budget_reference, "input")
    return [budget, *money_results(context, subject, total, (*amounts, "committed_pct", "paid_pct"))]
