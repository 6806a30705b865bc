"""The chapter on money: where it stands in a sentence, and what stands out in the records; the notebook has the rest."""

from dataclasses import dataclass

from evaluation.base import dutch
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps import money as parts
from evaluation.present.display import Display, lead, listed, markdown


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

    def findings(self) -> Display:
        """List what stands out in the records of money, for the programme office to look at."""
        found = self.context.programme.findings
        number = ("programma", "bevindingen", "registratie", "value", len(found), "count", "process")
        count = self.context.record(*number, computed=True)
        if not found:
            return markdown("De toezeggingen en betalingen in de registratie sluiten op elkaar aan.", [count])
        return markdown(f"In de registratie valt op:\n\n{listed(found)}", [count])


def open_finance(*, deal: str, year: int) -> FinanceChapter:
    """Open the chapter on money over a year."""
    return FinanceChapter(open_context(deal, year))
