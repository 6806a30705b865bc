"""The chapter on money: depletion, sources, tranches, deviation from the indicative split, and leverage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isnan

from evaluation.analysis.finance import COFINANCING_SOURCES
from evaluation.base import dutch
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps import money as parts
from evaluation.chapters.wording import WITHHELD, euro
from evaluation.present.display import Display, lead, listed, markdown
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.results import Result
from evaluation.present.tables import numeric, table


@on_desk
@dataclass(frozen=True, slots=True)
class FinanceChapter:
    """The steps of the chapter on money; each shows one thing."""

    context: Context

    def finding(self) -> Display:
        """Say in a few sentences where the money stands."""
        total = self.context.money.total
        text = (
            f"Van de {dutch.million(total['budget_eur'])} die Rijk en Regio voor de deal bestemden, was "
            f"{self.context.end_of_year} {dutch.million(total['committed_eur'])} toegezegd aan projecten "
            f"({dutch.percentage(total['committed_pct'], 0)}) en {dutch.million(total['paid_eur'])} betaald "
            f"({dutch.percentage(total['paid_pct'], 0)})."
        )
        return lead(text, parts.total_results(self.context))

    def by_theme(self) -> Display:
        """List commitments and payments per theme beside the budget."""
        return parts.show_money_by_theme(self.context)

    def themes_figure(self, figure_id: str) -> Display:
        """Draw budget, commitments and payments per theme."""
        money = self.context.money
        titles = [theme.short_title for theme in self.context.deal.themes]
        frame = money.by_theme
        series = {"begroot": "budget_eur", "toegezegd": "committed_eur", "betaald": "paid_eur"}
        amounts = frame[list(series.values())].itertuples(index=False)
        rows = [[title, *map(dutch.euro, row)] for title, row in zip(titles, amounts, strict=True)]
        return parts.money_figure(
            FigureText(
                figure_id=figure_id,
                title=f"{dutch.capital(self.context.end_of_year)} was {dutch.percentage(money.total['committed_pct'], 0)} "
                f"toegezegd en {dutch.percentage(money.total['paid_pct'], 0)} betaald",
                measure=f"Begroot, toegezegd en betaald door Rijk en Regio, tot en met {self.context.year}, in miljoenen euro",
                alt="Staafdiagram per thema. "
                + " ".join(f"{row[0]}: begroot {row[1]}, toegezegd {row[2]}, betaald {row[3]}." for row in rows),
                source=self.context.record_note,
            ),
            titles,
            {name: frame[column] for name, column in series.items()},
            FigureTable(["Thema", *numeric(*map(dutch.capital, series))], rows),
        )

    def split(self) -> Display:
        """Compare the split of the commitments with the indicative split of Art. 5.1."""
        frame = self.context.money.by_theme
        shares = ("budget_share_pct", "committed_share_pct")
        rows = []
        for theme, row in frame.iterrows():
            deviation = dutch.number(row["deviation_pp"], 1, signed=True)
            title = f"{theme} {self.context.deal.theme(theme).short_title}"
            rows.append([title, *(dutch.percentage(row[share]) for share in shares), deviation])
        columns = ["Thema", *numeric("Aandeel in de begroting", "Aandeel in de toezeggingen", "Verschil (procentpunt)")]
        return table(columns, rows, source=self.context.record_note)

    def by_source(self) -> Display:
        """List commitments and payments per source, with the contributions of Rijk and Regio that were agreed."""
        money, agreed = self.context.money, self.context.agreed.budget_by_party
        lines = [(name, parts.SOURCE_WORDS[name], agreed.get(name), row) for name, row in money.by_source.iterrows()]
        lines.insert(3, ("Regio", "Regio samen (Provincie en gemeenten)", agreed["Regio"], money.region))
        rows, results = [], []
        for source, words, promise, row in lines:
            share = WITHHELD if isnan(row["committed_eur"]) else dutch.percentage(row["paid_pct"], 0)
            rows.append([words, dutch.euro(promise), euro(row["committed_eur"]), euro(row["paid_eur"]), share])
            results += self._numbers("bron", source, row, ("committed_eur", "paid_eur", "paid_pct"))
        reference = self.context.agreed.budget_reference
        results += [
            self.context.agreement("programma", "bron", party, "budget", amount, "EUR", reference, "input")
            for party, amount in agreed.items()
        ]
        columns = ["Bron", *numeric("Afgesproken bijdrage", "Toegezegd", "Betaald", "Betaald van toegezegd")]
        return table(columns, rows, results=results, source=self.context.money_note)

    def by_track(self) -> Display:
        """List commitments and payments per track; the deal gives no budget per track."""
        frame = self.context.money.by_track
        titles = {track.id: track.title for track in self.context.deal.tracks}
        rows, results = [], []
        for track, row in frame.iterrows():
            rows.append([f"{track} {titles[track]}", dutch.euro(row["committed_eur"]), dutch.euro(row["paid_eur"])])
            results += self._numbers("spoor", f"spoor-{track}", row)
        columns = ["Spoor (artikel 2)", *numeric("Toegezegd", "Betaald")]
        return table(columns, rows, results=results, source=self.context.record_note)

    def by_year(self, figure_id: str) -> Display:
        """Draw how much was committed and paid in each year."""
        frame = self.context.money.by_year
        if frame.empty:
            return parts.no_money_text()
        rows, results = [], []
        for year, row in frame.iterrows():
            rows.append([str(year), dutch.euro(row["committed_eur"]), dutch.euro(row["paid_eur"])])
            results += self._numbers("geld-in-jaar", "totaal", row, period=year)
        peak = frame["paid_eur"].idxmax()
        return parts.money_figure(
            FigureText(
                figure_id=figure_id,
                title=f"Tot nu toe is in {peak} het meest betaald: {dutch.million(frame.at[peak, 'paid_eur'])}",
                measure="Toegezegd en betaald door Rijk en Regio per jaar, in miljoenen euro",
                alt="Staafdiagram per jaar. "
                + " ".join(f"{row[0]}: toegezegd {row[1]}, betaald {row[2]}." for row in rows),
                source=self.context.record_note,
            ),
            [row[0] for row in rows],
            {"toegezegd": frame["committed_eur"], "betaald": frame["paid_eur"]},
            FigureTable(["Jaar", *numeric("Toegezegd", "Betaald")], rows),
            results=results,
        )

    def tranches(self) -> Display:
        """Set what Rijk made available to the province beside what Art. 5.6 says."""
        frame = self.context.money.tranches
        frame = frame[frame["year"] <= self.context.year]
        rows, results = [], []
        for _, row in frame.iterrows():
            promise, year = row["agreed_eur"], int(row["year"])
            words = dutch.euro(promise) if promise == promise else "niet in de tekst van de deal"
            rows.append([str(year), words, dutch.euro(row["received_eur"])])
            results += self._numbers("termijn", "jaar", row, ("received_eur",), period=year)
        whole = f"{dutch.euro(self.context.agreed.budget_by_party['Rijk'])} over de hele looptijd"
        received = frame["received_eur"].sum()
        rows.append([f"Totaal tot en met {self.context.year}", whole, dutch.euro(received)])
        results += self._numbers("termijn", "totaal", {"received_eur": received}, ("received_eur",))
        subject = ("programma", "termijn", "jaar", "agreed")
        results += [
            self.context.agreement(*subject, t.amount_eur, "EUR", t.reference, "input", period=t.year)
            for t in self.context.deal.tranches
            if t.year is not None and t.year <= self.context.year and t.amount_eur is not None
        ]
        columns = ["Jaar", *numeric("Volgens artikel 5.6", "Ontvangen volgens de registratie")]
        return table(columns, rows, results=results, source=self.context.record_note, total_row=True)

    def leverage(self) -> Display:
        """Say how much other money stands beside the deal's own."""
        money = self.context.money
        if money.leverage_cofinancing is None or money.leverage_rijk is None:
            return parts.no_money_text()
        ratios = {"cofinanciering": money.leverage_cofinancing, "rijk": money.leverage_rijk}
        is_withheld = isnan(money.leverage_cofinancing)
        subject, options = ("programma", "hefboom"), {"computed": True, "withheld": is_withheld}
        results = [
            self.context.record(*subject, name, "ratio", ratio, "EUR_per_EUR", "input", **options)
            for name, ratio in ratios.items()
        ]
        if is_withheld:
            return markdown(
                "Hoeveel woningcorporaties en private partijen samen toezegden naast de middelen van Rijk en Regio, is niet "
                "vrijgegeven: er zou uit volgen wat een enkele private partij bijdroeg.",
                results,
            )
        others = money.by_source.loc[list(COFINANCING_SOURCES), "committed_eur"].sum()
        text = (
            f"Naast de middelen van Rijk en Regio is {dutch.million(others)} toegezegd door woningcorporaties en private partijen: "
            f"{dutch.number(money.leverage_cofinancing, 2)} euro op elke euro van Rijk en Regio. Op elke euro van het Rijk staat "
            f"{dutch.number(money.leverage_rijk, 2)} euro van anderen (Provincie, gemeenten, corporaties en private partijen). "
            "Of dat geld er zonder de deal niet was geweest, is hiermee niet gezegd."
        )
        return markdown(text, results)

    def findings(self) -> Display:
        """List what stands out in the records of money, for the programme office to look at."""
        found = self.context.programme.findings
        number = ("programma", "bevindingen", "registratie", "value", len(found), "count", "process")
        count = self.context.record(*number, computed=True)
        if not found:
            return markdown("De toezeggingen en betalingen in de registratie sluiten op elkaar aan.", [count])
        return markdown(f"In de registratie valt op:\n\n{listed(found)}", [count])

    def _numbers(
        self, indicator: str, unit: str, row: Mapping, columns: Iterable[str] = ("committed_eur", "paid_eur"), **options
    ) -> list[Result]:
        """Record columns of the accounts of the deal as a whole."""
        return parts.money_results(self.context, ("programma", indicator, unit), row, columns, **options)


def open_finance(*, deal: str, year: int) -> FinanceChapter:
    """Open the chapter on money over a year."""
    return FinanceChapter(open_context(deal, year))
