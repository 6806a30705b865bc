"""The front page of the site: where the deal stands, five questions with the way to each answer, and all reports."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from evaluation.base import dutch
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.final_summary import FinalSummaryChapter
from evaluation.chapters.report.summary import SummaryChapter
from evaluation.chapters.site.portal import Portal, anchor, chapter_of, open_portal
from evaluation.inputs.chapter_list import page_of
from evaluation.inputs.deal_parts import Theme
from evaluation.present.display import Display, listed, markdown, strong
from evaluation.present.published import Published
from evaluation.present.tables import Cell, numeric, plain_cells, table

_OUTLOOK = "s3-vooruitblik.html"
_NOT_YET = "volgt in de eindevaluatie"


@on_desk
@dataclass(frozen=True, slots=True)
class FrontPage(FinalSummaryChapter):
    """The steps of the front page; its numbers are those of the last report, taken over as they stand there."""

    portal: Portal
    shown: set[str] = field(default_factory=set)  # identities of numbers looked up, for the results of this page

    def about(self) -> Display:
        """Say what the deal is: who, what about, how long and how much."""
        deal, agreed = self.context.deal, self.context.agreed
        regional = dutch.listing([party.name for party in deal.parties if party.side == "regio"])
        tracks = dutch.listing([dutch.uncapital(track.title) for track in deal.tracks])
        names = dutch.listing([theme.short_title.lower() for theme in deal.themes])
        budget = ("programma", "geld", "totaal", "budget")
        return markdown(
            f"In de {deal.name} werken het Rijk en de Regio ({regional}) samen van {deal.term.first_year} tot en met "
            f"{deal.term.last_year}. De deal heeft {dutch.count_word(len(deal.tracks))} sporen: {tracks}. Er zijn "
            f"{dutch.count_word(len(deal.themes))} thema's: {names}. Rijk en Regio hebben er samen "
            f"{dutch.million(agreed.budget_eur)} voor begroot ({agreed.budget_reference}).",
            [self.context.agreement(*budget, float(agreed.budget_eur), "EUR", agreed.budget_reference, "input")],
        )

    def finding(self) -> Display:
        """Say in a few sentences where the deal stands, as the last report does."""
        kind = FinalSummaryChapter if self.portal.final.is_whole else SummaryChapter
        return self._with_numbers(kind.finding(self))

    def questions(self) -> Display:
        """Answer the five questions of a councillor, each with the way to the whole answer."""
        deal, portal = self.context.deal, self.portal
        begun = self._elements("started") + self._elements("completed")
        paid, budget = self._paid_and_budget()
        helped = self._judgement_card() if portal.final.is_whole else ("Hielp het?", "Nog niet te zeggen", _NOT_YET)
        places = [anchor(f"{page_of(item)}.html", item.name) for item in deal.region.municipalities]
        themes = [anchor(f"{page_of(theme)}.html#afgesproken", theme.short_title) for theme in deal.themes]
        begun_of_all = f"{dutch.number(begun)} van {dutch.number(self._elements('total'))}"
        region, mark = self.context.region_name, self.context.example_mark
        done = f"onderdelen van de aanpak begonnen of afgerond in heel {region}{mark}; per gemeente:"
        of = f"betaald van {dutch.million(budget)} van Rijk en Regio, tot en met {self.context.year}{mark}"
        money = portal.link("programma.geld.totaal", "paid", "Het geld per thema, bron en jaar")
        verdict = anchor(portal.latest.first_page, f"Lees het oordeel in de {dutch.uncapital(portal.latest.title)}")
        last = dutch.end_of(max(target.by for target in self.context.agreed.targets))
        ahead = anchor(_OUTLOOK, "Doelen en afspraken die nog lopen")
        count = f"in {dutch.count_word(len(deal.themes))} thema's"
        cards: list[tuple[str, str, str, list[Markup]]] = [
            ("Wat spraken we af?", f"{len(deal.result_ids)} resultaten", count, themes),
            ("Wat is er in mijn gemeente gedaan?", begun_of_all, done, places),
            ("Wat kostte het?", dutch.million(paid), of, [money]),
            (*helped, [verdict]),
            ("Wat komt hierna?", last, "is de laatste datum die de deal voor een doel noemt", [ahead]),
        ]
        body = Markup("").join(
            Markup('<li><b>{}</b><strong>{}</strong>{}<span class="wegen">{}</span></li>').format(
                question, number, words, Markup(" ").join(links)
            )
            for question, number, words, links in cards
        )
        text = listed(f"{strong(question)} {number} {words.rstrip('.')}." for question, number, words, _ in cards)
        html = f'<ul class="kerncijfers">{body}</ul>'
        cells = plain_cells(["Vraag", "Antwoord", "Toelichting"], [card[:3] for card in cards])
        return self._with_numbers(Display({"text/html": html, **markdown(text).bundle}, cells=cells))

    def glance(self) -> Display:
        """Show the themes at a glance, each with the way to its page."""
        return self._with_numbers(FinalSummaryChapter.glance(self))

    def helped(self) -> Display:
        """Answer per theme whether it helped, with the way to its chapter; that it is too early before the final evaluation."""
        if not self.portal.final.is_whole:
            return markdown(
                "Dat staat straks in de eindevaluatie. Tot die tijd is er niets met andere regio's vergeleken."
            )
        return self._with_numbers(FinalSummaryChapter.helped(self))

    def evidence(self, figure_id: str) -> Display:
        """Draw every comparison of the plan, as the final evaluation does."""
        return self._with_numbers(FinalSummaryChapter.evidence(self, figure_id))

    def towards_benchmark(self, figure_id: str) -> Display:
        """Draw how far the region was from its yardstick and is now, as the last report does."""
        return self._with_numbers(FinalSummaryChapter.towards_benchmark(self, figure_id))

    def municipalities(self) -> Display:
        """List the municipalities with what was done there, each with the way to its page."""
        rows: list[list[Cell]] = []
        for item in self.context.deal.region.municipalities:
            projects, homes = (f"programma.{what}-in-gemeente.{item.code}" for what in ("projecten", "woningen"))
            numbers = ((projects, "started"), (projects, "completed"), (homes, "value"))
            cells = [dutch.number(self._value(*number)) for number in numbers]
            rows.append([anchor(f"{page_of(item)}.html", item.name), *cells])
        columns = ["Gemeente", *numeric("Projecten begonnen", "Projecten afgerond", "Woningen aangepakt")]
        return self._with_numbers(table(columns, rows, source=self.context.record_note))

    def reports(self) -> Display:
        """List every report with its state; one that is missing is in the list too."""
        return table(
            ["Verslag", "Gaat over", "Toestand"],
            [_report_row(report) for report in (*self.portal.reports, self.portal.portfolio)],
        )

    def _page(self, theme: Theme) -> str:
        return page_of(theme)

    def _value(self, subject: str, measure: str, year: int | None = None) -> float:
        """Look up a number of the last report, or of the annual one where that has it, and remember it."""
        identity = f"{subject}.{year or self.context.year}.{measure}"
        report = self._source(identity)
        if report is None:
            return float("nan")
        self.shown.add(identity)
        return report.value(identity)

    def _source(self, identity: str) -> Published | None:
        annual = self.portal.over(self.context.year)
        return next((report for report in (self.portal.latest, annual) if report.has(identity)), None)

    def _judgements(self) -> dict[str, Callable[[int], str]]:
        judgements = FinalSummaryChapter._judgements(self)
        return judgements if self.portal.final.is_whole else dict.fromkeys(judgements, lambda _: _NOT_YET)

    def _chapter(self, theme: Theme) -> str:
        return self.portal.final.page(chapter_of(self.portal.final, theme))

    def _with_numbers(self, display: Display) -> Display:
        """Add the numbers that were looked up, as they stand in the report."""
        taken = [self._source(identity).take(identity) for identity in sorted(self.shown)]
        return replace(display, results=tuple(taken), in_sight=True)


def open_front(*, deal: str, year: int) -> FrontPage:
    """Open the front page; errors as of `portal.open_portal`."""
    portal = open_portal(deal, year)
    return FrontPage(portal.context, portal.latest.results.reset_index(), portal)


def _report_row(report: Published) -> list[Cell]:
    about = f"de stand eind {report.edition.year}"
    if report.edition.kind == "final":
        about = "de hele looptijd: uitvoering, doelbereik en werking"
    if report.edition.kind == "portfolio":
        about = "alle Regio Deals in het land: wie, hoeveel geld, en wat zij samen laten zien"
    if report.state == "absent":
        return [report.title, about, "nog niet gemaakt"]
    if report.is_whole:
        return [anchor(report.first_page, report.title), about, "volledig"]
    count = dutch.plural(len(report.missing), "hoofdstuk kon", "hoofdstukken konden")
    return [anchor(report.first_page, report.title), about, f"onvolledig: {count} niet worden gemaakt"]
