"""Money in a chapter: budget, commitments and payments, by theme, source, track and year (Art. 7.2 a and c)."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan

import pandas as pd

from evaluation.analysis.finance import COFINANCING_SOURCES, DEAL_SOURCES
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.wording import WITHHELD, euro
from evaluation.inputs.deal_parts import Theme
from evaluation.present.display import Display
from evaluation.present.figures import FigureTable, FigureText, bars_figure
from evaluation.present.results import Result
from evaluation.present.tables import numeric, share_bar, table

SOURCE_WORDS = {
    "Rijk": "Rijk",
    "Provincie": "Provincie",
    "gemeenten": "gemeenten",
    "corporaties": "woningcorporaties",
    "private": "private partijen",
}


def theme_money_sentence(context: Context, theme: Theme) -> str:
    """Say what was budgeted, committed and paid for a theme."""
    row = context.money.by_theme.loc[theme.id]
    cofinancing = row["cofinancing_committed_eur"]
    others = f"zegden daarnaast {dutch.million(cofinancing) if cofinancing else 'niets'} toe{context.example_mark}"
    if isnan(cofinancing):
        others = "zegden daarnaast een bedrag toe dat niet is vrijgegeven"
    return (
        f"Voor dit thema is {dutch.million(row['budget_eur'])} begroot. Tot en met {context.year} is "
        f"{dutch.million(row['committed_eur'])} toegezegd ({dutch.percentage(row['committed_pct'], 0)}) en "
        f"{dutch.million(row['paid_eur'])} betaald ({dutch.percentage(row['paid_pct'], 0)}) uit de middelen van Rijk en Regio. "
        f"Woningcorporaties en private partijen {others}."
    )


def show_theme_money(context: Context, theme: Theme, figure_id: str) -> Display:
    """Draw budget, commitments and payments of a theme, by source."""
    entries = _theme_entries(context, theme)
    names = [*DEAL_SOURCES, *COFINANCING_SOURCES]
    committed, paid = ([entries.get((kind, name), 0.0) for name in names] for kind in ("commitment", "payment"))
    row, private = context.money.by_theme.loc[theme.id], context.money.private.loc[theme.id]
    committed[-1], paid[-1] = private["committed_eur"], private["paid_eur"]
    lines = list(zip([SOURCE_WORDS[name] for name in names], committed, paid, strict=True))
    rows = [[word, euro(promise), euro(payment)] for word, promise, payment in lines]
    rows.append(["Rijk en Regio samen", dutch.euro(row["committed_eur"]), dutch.euro(row["paid_eur"])])
    told = " ".join(
        f"{word}: {WITHHELD if isnan(promise) else f'{dutch.million(promise)} toegezegd, {dutch.million(payment)} betaald'}."
        for word, promise, payment in lines
    )
    results = [
        context.record(theme.id, "bron", name, measure, value, "EUR", "input", withheld=isnan(value))
        for name, promise, payment in zip(names, committed, paid, strict=True)
        for measure, value in (("committed", promise), ("paid", payment))
    ]
    return money_figure(
        FigureText(
            figure_id=figure_id,
            title=f"Van de begrote {dutch.million(row['budget_eur'])} was {context.end_of_year} {dutch.million(row['paid_eur'])} betaald",
            measure=f"Toegezegd en betaald naar bron, tot en met {context.year}, in miljoenen euro",
            alt=f"Staafdiagram. {told}",
            source=context.money_note,
        ),
        [word for word, *_ in lines],
        {"toegezegd": committed, "betaald": paid},
        FigureTable(["Bron", *numeric("Toegezegd", "Betaald")], rows),
        decimals=2,
        results=[*results, *theme_results(context, theme.id)],
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
    roles = {"betaald": "parkstad", "toegezegd": "rest" if "begroot" in amounts else "outline", "begroot": "outline"}
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


def show_money_by_theme(context: Context) -> Display:
    """Set commitments and payments per theme beside the budget; the last row is the total."""
    titles = {theme.id: f"{theme.id} {theme.short_title}" for theme in context.deal.themes}
    lines = [(titles[theme], row) for theme, row in context.money.by_theme.iterrows()]
    lines.append(("Totaal", context.money.total))
    rows = [
        [
            title,
            *(dutch.euro(row[column]) for column in ("budget_eur", "committed_eur", "paid_eur")),
            share_bar(row["paid_pct"] / 100, dutch.percentage(row["paid_pct"], 0)),
            euro(row["cofinancing_committed_eur"]),
        ]
        for title, row in lines
    ]
    heads = ["Begroot (artikel 5)", "Toegezegd", "Betaald", "Uitputting (betaald van begroot)"]
    others = "Bijdragen van corporaties en private partijen (toegezegd)"
    columns = ["Thema", *numeric(*heads, others)]
    results = [number for theme in titles for number in theme_results(context, theme)] + total_results(context)
    return table(columns, rows, results=results, source=context.money_note, total_row=True)


def total_results(context: Context) -> list[Result]:
    """Record the totals of the deal."""
    total, subject = context.money.total, ("programma", "geld", "totaal")
    amounts = ("committed_eur", "paid_eur", "cofinancing_committed_eur", "cofinancing_paid_eur")
    budget = context.agreement(*subject, "budget", total["budget_eur"], "EUR", context.agreed.budget_reference, "input")
    return [budget, *money_results(context, subject, total, (*amounts, "committed_pct", "paid_pct"))]


def _theme_entries(context: Context, theme: Theme) -> pd.Series:
    projects = context.programme.projects
    mine = set(projects.loc[projects["theme"] == theme.id, "project_id"])
    payments = context.programme.payments
    return payments[payments["project_id"].isin(mine)].groupby(["kind", "source"])["amount_eur"].sum()
