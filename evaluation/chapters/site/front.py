"""The front page of the site: where the deal stands, five questions with the way to each answer, and all reports."""

from dataclasses import dataclass, field, replace

from markupsafe import Markup

from evaluation.base import dutch
from evaluation.chapters.context import theme_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.final_summary import FinalSummaryChapter
from evaluation.chapters.report.summary import NO_COUNT
from evaluation.chapters.site.portal import Portal, anchor, chapter_of, open_portal
from evaluation.chapters.steps import scoreboard
from evaluation.inputs.chapter_list import page_of
from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_parts import Theme
from evaluation.present.display import Display, lead, listed, markdown, strong
from evaluation.present.published import Published
from evaluation.present.results import Result
from evaluation.present.tables import Cell, numeric, plain_cells, table

_OUTLOOK = "s3-vooruitblik.html"
_NOT_YET = "volgt in de eindevaluatie"
_LAST_DATE = "is de laatste datum die de deal voor een doel noemt; de stand hier is die van "


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
        ends, starts = deal.term.ends_on, deal.term.starts_on
        until = dutch.day(ends) if (ends.month, ends.day) != (12, 31) else str(deal.term.last_year)
        since = dutch.day(starts) if starts else str(deal.term.first_year)
        words, is_one = deal.words, len(deal.themes) == 1
        along = f"De deal heeft {dutch.plural_words(len(deal.tracks), words.track.one, words.track.many)}: {tracks}. "
        return markdown(
            f"In de {deal.name} werken het Rijk en de Regio ({regional}) samen van {since} tot en met "
            f"{until}. {along if deal.tracks else ''}Er {'is' if is_one else 'zijn'} "
            f"{dutch.plural_words(len(deal.themes), words.theme.one, words.theme.many)}: {names}. Rijk en Regio hebben er samen "
            f"{dutch.million(agreed.budget_eur)} voor begroot ({agreed.budget_reference}).",
            [self.context.agreement(*budget, float(agreed.budget_eur), "EUR", agreed.budget_reference, "input")],
        )

    def finding(self) -> Display:
        """Say in a sentence how far the deal is, as the last report does; the cards below it have the rest."""
        final = self.portal.final.is_whole
        when = self._when if final else dutch.capital(self.context.end_of_year)
        told = (
            self._elements_sentence(when)
            if self._elements("total") > 0
            else f"{when} waren geen onderdelen vastgelegd."
        )
        return self._with_numbers(lead(told))

    def questions(self) -> Display:
        """Answer in five cards what was agreed, reached, paid, nearer and helped; then the way to a place and ahead."""
        first, second = self._answer_cards(), self._way_cards()
        body = Markup("").join(
            Markup('<ul class="kerncijfers">{}</ul>').format(Markup("").join(_card(*card) for card in cards))
            for cards in (first, second)
        )
        cards = [*first, *second]
        text = listed(f"{strong(question)} {number} {words.rstrip('.')}." for question, number, words, _ in cards)
        cells = plain_cells(["Vraag", "Antwoord", "Toelichting"], [card[:3] for card in cards])
        return self._with_numbers(Display({"text/html": str(body), **markdown(text).bundle}, cells=cells))

    def _answer_cards(self) -> list[tuple[str, str, str, list[Markup]]]:
        deal, portal = self.context.deal, self.portal
        paid, budget = self._paid_and_budget()
        helped = self._judgement_card() if portal.final.is_whole else ("Hielp het?", "Nog niet te zeggen", _NOT_YET)
        themes = [anchor(f"{page_of(theme)}.html#afgesproken", theme.short_title) for theme in deal.themes]
        of = f"betaald van {dutch.million(budget)}, tot en met {self.context.until}{self.context.example_mark}"
        money = portal.link("programma.geld.totaal", "paid", self.context.said("Het geld per thema, bron en jaar"))
        verdict = anchor(portal.latest.first_page, f"Lees het oordeel in de {dutch.uncapital(portal.latest.title)}")
        label = "tbl-beloften-e0" if portal.latest.edition.kind == "final" else "tbl-beloften"
        board = anchor(f"{portal.latest.first_page}#{label}", "Elk aantal met zijn eigen balk")
        count = f"in {dutch.plural_words(len(deal.themes), deal.words.theme.one, deal.words.theme.many)}"
        moved = scoreboard.movement_card(self.context, self._tally())
        return [
            ("Wat spraken we af?", dutch.plural(len(deal.result_ids), "resultaat", "resultaten"), count, themes),
            (*scoreboard.reached_card(self.context, self._board()), [board]),
            ("Wat kostte het?", dutch.million(paid), of, [money]),
            (*moved, [anchor("#gemiddelde", "Elk cijfer, toen en nu")]),
            (*helped, [verdict]),
        ]

    def _way_cards(self) -> list[tuple[str, str, str, list[Markup]]]:
        deal, region = self.context.deal, self.context.region_name
        places = [anchor(f"{page_of(item)}.html", item.name) for item in deal.region.municipalities]
        done = (
            f"onderdelen van de aanpak begonnen of afgerond in heel {region}{self.context.example_mark}; per gemeente:"
        )
        last = max((target.by for target in self.context.agreed.targets), default=None)
        until = (
            ("Geen doel met een datum", "de deal noemt geen aantallen")
            if last is None
            else (dutch.end_of(last), _LAST_DATE + self.context.end_of_year.removeprefix("op "))
        )
        ahead = anchor(_OUTLOOK, "Doelen en afspraken die nog lopen")
        return [
            ("Wat is er in mijn gemeente gedaan?", *self._done(done), places),
            ("Wat komt hierna?", *until, [ahead]),
        ]

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
        groups = self.context.groups
        for item in self.context.deal.region.municipalities:
            projects = f"programma.projecten-in-gemeente.{item.code}"
            numbers = [(projects, "started"), (projects, "completed")]
            numbers += [(f"programma.{group}-in-gemeente.{item.code}", "value") for group in groups]
            cells = [dutch.number(self._value(*number)) for number in numbers]
            rows.append([anchor(f"{page_of(item)}.html", item.name), *cells])
        delivered = [f"{dutch.capital(group)} aangepakt" for group in groups]
        titles = ("Projecten begonnen", "Projecten afgerond", *delivered)
        columns = ["Gemeente", *numeric(*titles, empty=NO_COUNT)]
        source = " ".join(filter(None, [self._delivered_note(), self.context.record_note]))
        return self._with_numbers(table(columns, rows, source=source))

    def reports(self) -> Display:
        """List every report with its state; one that is missing is in the list too."""
        reports = (*self.portal.reports, self.portal.portfolio)
        rows = [_report_row(self.context.deal, report) for report in reports]
        return table(["Verslag", "Gaat over", "Toestand"], rows)

    def promises(self) -> Display:
        """Say what the agreed numbers add up to, as the last report does."""
        return self._with_numbers(FinalSummaryChapter.promises(self))

    def _before(self) -> dict[str, float]:
        """Take what was added in a year from the last report."""
        found = {}
        for target in self.context.agreed.targets:
            now, added = (
                self._value(f"{theme_of(target)}.{target.id}.geleverd", name) for name in ("value", "change_year")
            )
            if now == now and added == added:
                found[target.id] = now - added
        return found

    def _completed_since(self) -> float | None:
        change = self._value("programma.aanpak.onderdelen", scoreboard.MORE_DONE)
        return None if change != change else change

    def _new_numbers(self) -> list[Result]:
        """Look up the counts that the last report recorded: a page of the site takes over, and makes no number."""
        for subject, measures in scoreboard.COUNTS.items():
            for measure in measures:
                self._value(subject, measure)
        return []

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


def _card(question: str, number: str, words: str, links: list[Markup]) -> Markup:
    card = Markup('<li><b>{}</b><strong>{}</strong>{}<span class="wegen">{}</span></li>')
    return card.format(question, number, words, Markup(" ").join(links))


def _report_row(deal: Deal, report: Published) -> list[Cell]:
    day = deal.last_day(report.edition.year)
    is_whole_year = (day.month, day.day) == (12, 31)
    about = f"de stand eind {report.edition.year}" if is_whole_year else f"de stand op {dutch.day(day)}"
    if report.edition.kind == "final":
        about = "de hele looptijd: uitvoering, doelbereik en werking"
        if day < deal.term.ends_on:
            about = f"de looptijd tot en met {dutch.day(day)}; de deal loopt door"
    if report.edition.kind == "portfolio":
        about = "alle Regio Deals in het land: wie, hoeveel geld, en wat zij samen laten zien"
    if report.state == "absent":
        return [report.title, about, "nog niet gemaakt"]
    if report.is_whole:
        return [anchor(report.first_page, report.title), about, "volledig"]
    count = dutch.plural(len(report.missing), "hoofdstuk kon", "hoofdstukken konden")
    return [anchor(report.first_page, report.title), about, f"onvolledig: {count} niet worden gemaakt"]
