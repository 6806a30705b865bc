"""Money in a chapter: budget, commitments and payments, by theme, source, track and year (Art. 7.2 a and c)."""

from __future__ import annotations

import pandas as pd

from evaluation.analysis.finance import COFINANCING_SOURCES, DEAL_SOURCES
from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.inputs.deal import Theme
from evaluation.present.display import Display, markdown
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
    others = dutch.million(row["cofinancing_committed_eur"]) if row["cofinancing_committed_eur"] else "niets"
    return (
        f"Voor dit thema is {dutch.million(row['budget_eur'])} begroot. Tot en met {context.year} is "
        f"{dutch.million(row['committed_eur'])} toegezegd ({dutch.percentage(row['committed_pct'], 0)}) en "
        f"{dutch.million(row['paid_eur'])} betaald ({dutch.percentage(row['paid_pct'], 0)}) uit de middelen van Rijk en Regio. "
        f"Woningcorporaties en private partijen zegden daarnaast {others} toe{context.example_mark}."
    )


def show_theme_money(context: Context, theme: Theme, figure_id: str) -> Display:
    """Draw budget, commitments and payments of a theme, by source."""
    entries = _theme_entries(context, theme)
    names = [*DEAL_SOURCES, *COFINANCING_SOURCES]
    committed = [entries.get(("commitment", name), 0.0) for name in names]
    paid = [entries.get(("payment", name), 0.0) for name in names]
    row = context.money.by_theme.loc[theme.id]
    words = [SOURCE_WORDS[name] for name in names]
    rows = [
        [word, dutch.euro(promise), dutch.euro(payment)]
        for word, promise, payment in zip(words, committed, paid, strict=True)
    ]
    rows.append(["Rijk en Regio samen", dutch.euro(row["committed_eur"]), dutch.euro(row["paid_eur"])])
    results = [
        context.record(theme.id, "bron", name, measure, value, "EUR", "input")
        for name, promise, payment in zip(names, committed, paid, strict=True)
        for measure, value in (("committed", promise), ("paid", payment))
    ]
    return bars_figure(
        FigureText(
            figure_id=figure_id,
            title=(
                f"Van de begrote {dutch.million(row['budget_eur'])} was {context.end_of_year} "
                f"{dutch.million(row['paid_eur'])} betaald"
            ),
            measure=f"Toegezegd en betaald naar bron, tot en met {context.year}, in miljoenen euro",
            alt="Staafdiagram. "
            + " ".join(
                f"{word}: {dutch.million(promise)} toegezegd, {dutch.million(payment)} betaald."
                for word, promise, payment in zip(words, committed, paid, strict=True)
            ),
            source=context.record_note,
        ),
        words,
        [
            ("toegezegd", "outline", [value / 1e6 for value in committed]),
            ("betaald", "parkstad", [value / 1e6 for value in paid]),
        ],
        FigureTable(["Bron", *numeric("Toegezegd", "Betaald")], rows),
        decimals=2,
        results=[*results, *theme_results(context, theme.id)],
    )


def theme_results(context: Context, theme: int) -> list[Result]:
    """Record budget, commitments, payments and shares of one theme."""
    row = context.money.by_theme.loc[theme]
    subject, reference = (theme, "geld", "thema"), context.agreed.budget_reference
    numbers = [
        context.agreement(*subject, "budget", row["budget_eur"], "EUR", reference, "input"),
        context.agreement(*subject, "budget_share_pct", row["budget_share_pct"], "pct", reference, "input"),
    ]
    for name in row.index.drop(["budget_eur", "budget_share_pct"]):
        amount = name.endswith("_eur")
        unit = "EUR" if amount else name.rsplit("_", 1)[1]
        measure = name.removesuffix("_eur")
        numbers.append(context.record(*subject, measure, row[name], unit, "input", computed=not amount))
    return numbers


def show_money_by_theme(context: Context) -> Display:
    """Set commitments and payments per theme beside the budget; the last row is the total."""
    money = context.money
    titles = {theme.id: theme.short_title for theme in context.deal.themes}
    rows = [
        [
            f"{theme} {titles[theme]}",
            dutch.euro(row["budget_eur"]),
            dutch.euro(row["committed_eur"]),
            dutch.euro(row["paid_eur"]),
            share_bar(row["paid_pct"] / 100, dutch.percentage(row["paid_pct"], 0)),
            dutch.euro(row["cofinancing_committed_eur"]),
        ]
        for theme, row in money.by_theme.iterrows()
    ]
    total = money.total
    rows.append(
        [
            "Totaal",
            dutch.euro(total["budget_eur"]),
            dutch.euro(total["committed_eur"]),
            dutch.euro(total["paid_eur"]),
            share_bar(total["paid_pct"] / 100, dutch.percentage(total["paid_pct"], 0)),
            dutch.euro(total["cofinancing_committed_eur"]),
        ]
    )
    columns = [
        "Thema",
        *numeric(
            "Begroot (artikel 5)",
            "Toegezegd",
            "Betaald",
            "Uitputting (betaald van begroot)",
            "Bijdragen van corporaties en private partijen (toegezegd)",
        ),
    ]
    results = [number for theme in titles for number in theme_results(context, theme)] + total_results(context)
    return table(columns, rows, results=results, source=context.record_note, total_row=True)


def total_results(context: Context) -> list[Result]:
    """Record the totals of the deal."""
    total = context.money.total
    numbers = [
        context.agreement(
            "programma",
            "geld",
            "totaal",
            "budget",
            total["budget_eur"],
            "EUR",
            context.agreed.budget_reference,
            "input",
        )
    ]
    for name, measure, unit in (
        ("committed_eur", "committed", "EUR"),
        ("paid_eur", "paid", "EUR"),
        ("cofinancing_committed_eur", "cofinancing_committed", "EUR"),
        ("cofinancing_paid_eur", "cofinancing_paid", "EUR"),
        ("committed_pct", "committed_pct", "pct"),
        ("paid_pct", "paid_pct", "pct"),
    ):
        computed = unit == "pct"
        numbers.append(
            context.record("programma", "geld", "totaal", measure, total[name], unit, "input", computed=computed)
        )
    return numbers


def _theme_entries(context: Context, theme: Theme) -> pd.Series:
    projects = context.programme.projects
    mine = set(projects.loc[projects["theme"] == theme.id, "project_id"])
    payments = context.programme.payments
    return payments[payments["project_id"].isin(mine)].groupby(["kind", "source"])["amount_eur"].sum()


def no_money_text() -> Display:
    """Say that nothing was recorded."""
    return markdown("Er zijn nog geen toezeggingen of betalingen geregistreerd.")
