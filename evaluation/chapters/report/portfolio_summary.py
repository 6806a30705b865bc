"""The first page of the report over all Regio Deals: per theme what they show together, and what is agreed and spent."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evaluation.base import dutch
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.summary import chapter_results
from evaluation.inputs.editions import portfolio_edition
from evaluation.inputs.portfolio_plan import load_portfolio_plan
from evaluation.present.display import Display, lead, link, listed, markdown, strong
from evaluation.present.pooled_words import (
    ALL_DEALS,
    Pooled,
    excluded_sentence,
    found_sentence,
    is_shown,
    read_pooled,
    shown_sentence,
)
from evaluation.present.tables import numeric, table
from evaluation.statistics.areas.treatments import load_register

_EFFECTS = "p3-effecten.html"
_NO_FIGURES = "Er zijn nog geen cijfers waarmee alle deals samen zijn te vergelijken."


@on_desk
@dataclass(frozen=True, slots=True)
class PortfolioSummary:
    """The steps of the summary of all deals; its numbers are those of the other chapters."""

    context: Context
    results: pd.DataFrame  # results.csv of the chapters that ran

    def finding(self) -> Display:
        """Say on how many of the main questions a difference is shown, and per theme in one sentence what was found."""
        asked = self._headlines()
        if not asked:
            return lead(_NO_FIGURES)
        shown, first = sum(is_shown(item) for item in asked), {item.outcome.theme: item for item in reversed(asked)}
        count = f"{dutch.count_word(shown)} van de" if shown else "geen van de"
        news = f"Alle deals samen laten bij {count} {dutch.count_word(len(asked))} hoofdvragen een verschil zien."
        return lead(" ".join([news, *(found_sentence(first[theme]) for theme in self._themes() if theme in first)]))

    def by_theme(self) -> Display:
        """Say per theme what was found, what the figures exclude, and from which size they would show a difference."""
        names, blocks = load_register().themes, []
        for theme, items in self._by_theme():
            told = [" ".join([found_sentence(item), excluded_sentence(item), shown_sentence(item)]) for item in items]
            blocks.append(f"{strong(link(names[theme].name, _EFFECTS))}\n\n{listed(told)}")
        return markdown("\n\n".join(blocks) or _NO_FIGURES)

    def agreed(self) -> Display:
        """Say how many deals there are, what the State brings, and what is paid where the records are here."""
        known, deals, chosen = (
            self._value(name) for name in ("deals-met-rijksbijdrage", "deals", "deals-gepubliceerd")
        )
        state, money = self._value("rijksbijdrage"), self.results[self.results["indicator"] == "geld"]
        budget, paid = (float(money.loc[money["measure"] == name, "value"].sum()) for name in ("budget", "paid"))
        count, is_example = money["unit"].nunique(), (money["status"] == "example").any()
        mark = " (daarbij zijn voorbeeldcijfers)" if is_example else ""
        return markdown(
            f"Het Rijk koos {dutch.number(chosen)} Regio Deals; {dutch.number(deals)} daarvan staan in het "
            f"{link('register', 'p1-welke-deals.html')}. Van {dutch.number(known)} deals is gezien wat het Rijk betaalt: "
            f"samen {dutch.million(state)}. Van {dutch.count_word(count)} {'deal' if count == 1 else 'deals'} staat de "
            f"{link('administratie', 'p2-voortgang.html')} hier: Rijk en Regio betaalden daarin {dutch.million(paid)} van "
            f"de begrote {dutch.million(budget)}{mark}."
        )

    def outcomes(self) -> Display:
        """List every outcome with its difference, interval and the smallest difference that would be seen."""
        names = load_register().themes
        rows = [
            [
                dutch.capital(item.outcome.wording) + " (hoofdvraag)" * item.outcome.headline,
                item.difference,
                item.interval,
                item.size(item.mde),
                names[item.outcome.theme].name,
            ]
            for item in self._pooled()
        ]
        columns = ["Cijfer", *numeric("Verschil", "95%-interval", "Zichtbaar vanaf"), "Thema"]
        return table(columns, rows, source="Bron: hoofdstuk 3 van dit verslag.")

    def _value(self, indicator: str) -> float:
        """Look up a number about the register as a whole."""
        rows = self.results[(self.results["indicator"] == indicator) & (self.results["unit"] == ALL_DEALS)]
        return float(rows["value"].iloc[0]) if len(rows) else float("nan")

    def _pooled(self) -> list[Pooled]:
        return read_pooled(self.results, load_portfolio_plan())

    def _headlines(self) -> list[Pooled]:
        return [item for item in self._pooled() if item.outcome.headline]

    def _themes(self) -> list[str]:
        """Name the themes of the plan, in its order."""
        return list(dict.fromkeys(outcome.theme for outcome in load_portfolio_plan().outcomes.values()))

    def _by_theme(self) -> Iterator[tuple[str, list[Pooled]]]:
        for theme in self._themes():
            if mine := [item for item in self._headlines() if item.outcome.theme == theme]:
                yield theme, mine


def open_portfolio_summary(*, deal: str, year: int) -> PortfolioSummary:
    """Open the summary of all deals; errors as of `chapter_results`."""
    context = open_context(deal, year, is_final=True, edition="portfolio")
    return PortfolioSummary(context, chapter_results(context.deal.id, portfolio_edition(context.deal)))
