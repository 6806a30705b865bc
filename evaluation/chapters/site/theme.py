"""The page of a theme on the site: all years in one place, and the way to the chapter of each report."""

from dataclasses import dataclass

from evaluation.base import dutch
from evaluation.chapters.context import Context, check_opened, theme_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.theme import ThemeChapter
from evaluation.chapters.site import portal as site
from evaluation.chapters.steps.evidence import answers_of
from evaluation.chapters.steps.money import money_figure
from evaluation.chapters.steps.statistics import indicator_title
from evaluation.chapters.steps.theme_steps import ThemeSteps
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.indicators import Indicator
from evaluation.present.answer_words import Answer, theme_paragraphs
from evaluation.present.display import Display, link, listed, markdown
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.sentences import NOT_ESTABLISHED
from evaluation.present.tables import Cell, numeric, table
from evaluation.present.year_figures import growth_figure

_MOST_INDICATORS = 4


@dataclass(frozen=True, slots=True)
class _Delivered:
    """What was delivered of a target, or of a group of them, at the end of each year."""

    name: str
    values: list[float | None]  # None where there is no number; `said` then tells why
    said: list[str]
    target: float
    numbers: list[tuple[str, str]]  # names of the numbers in the reports


@on_desk
@dataclass(frozen=True, slots=True)
class ThemePage(ThemeSteps):
    """The steps of the page of a theme; numbers of a year are those of its report."""

    portal: site.Portal
    theme: Theme

    @property
    def context(self) -> Context:
        """Deal, records and statistics at the end of the year of the last report."""
        return self.portal.context

    def finding(self) -> Display:
        """Say in a few sentences what was delivered, paid and measured."""
        return ThemeChapter(self.context, self.theme).finding()

    def delivered(self, figure_id: str) -> Display:
        """Draw how far each agreed number had come at the end of each year."""
        years, context = self.portal.years, self.context
        rows = [row for row in self._delivery_rows() if set(row.said) != {site.NO_REPORT}]
        if not rows:
            return markdown(
                f"Voor {context.this_theme} zijn in de deal geen aantallen afgesproken die met de registratie te volgen zijn. De tabel "
                "hieronder laat per jaar zien hoeveel onderdelen van de aanpak zijn begonnen of afgerond."
            )
        first = rows[0]
        columns = ["Afspraak", *numeric(*map(str, years), "Doel")]
        words = [[row.name, *row.said, dutch.number(row.target)] for row in rows]
        dated = [", ".join(f"{cell} in {year}" for cell, year in zip(row.said, years, strict=True)) for row in rows]
        told = " ".join(f"{row[0]}: {cells}; doel {row[-1]}." for row, cells in zip(words, dated, strict=True))
        return growth_figure(
            FigureText(
                figure_id=figure_id,
                title=f"{first.name}: {first.said[-1]} van {dutch.number(first.target)} {context.end_of_year}",
                measure=f"Geleverd tot en met het eind van elk jaar, in procenten van het doel, {years[0]}–{years[-1]}",
                alt=f"Staafdiagram per afspraak en jaar. {told}",
                source=context.record_note,
            ),
            [(row.name, row.values, row.target) for row in rows],
            years,
            FigureTable(columns, words),
            results=self.portal.take(pair for row in rows for pair in row.numbers),
        )

    def by_year(self) -> Display:
        """Set the approach, the deliveries and the money of each year beside each other."""
        portal, years = self.portal, self.portal.years
        elements, money = f"{self.theme.id}.aanpak.onderdelen", f"{self.theme.id}.geld.thema"
        total = portal.values(elements, "total")[-1]
        states = {"begonnen, nog niet afgerond": "started", "afgerond": "completed"}
        rows: list[list[Cell]] = [
            [
                f"Onderdelen van de aanpak {name}",
                *map(site.number_or_none, portal.values(elements, measure)),
                f"van {site.number_or_none(total)}",
            ]
            for name, measure in states.items()
        ]
        rows += [[row.name, *row.said, dutch.number(row.target)] for row in self._delivery_rows()]
        budget = portal.values(money, "budget")[-1]
        rows += [
            [name, *map(_million, portal.values(money, measure)), _million(budget)]
            for name, measure in (("Toegezegd", "committed"), ("Betaald", "paid"))
        ]
        pairs = [(elements, measure) for measure in ("started", "completed", "total")]
        pairs += [(money, measure) for measure in ("budget", "committed", "paid")]
        pairs += [pair for row in self._delivery_rows() for pair in row.numbers]
        columns = ["Stand aan het eind van", *numeric(*map(str, years), "Afgesproken of begroot")]
        return table(columns, rows, results=portal.take(pairs), source=self.context.record_note)

    def money(self, figure_id: str) -> Display:
        """Draw what was committed and paid until the end of each year."""
        portal, context, subject = self.portal, self.context, f"{self.theme.id}.geld.thema"
        committed, paid = (portal.values(subject, measure) for measure in ("committed", "paid"))
        budget, years = portal.values(subject, "budget")[-1], [str(year) for year in portal.years]
        rows = [[year, *map(_million, amounts)] for year, *amounts in zip(years, committed, paid, strict=True)]
        return money_figure(
            FigureText(
                figure_id=figure_id,
                title=f"{dutch.capital(context.end_of_year)} was {_million(paid[-1])} betaald van de begrote {_million(budget)}",
                measure=f"Toegezegd en betaald tot en met het eind van elk jaar, Rijk en Regio, in miljoenen euro, {years[0]}–{years[-1]}",
                alt="Staafdiagram per jaar. "
                + " ".join(f"{row[0]}: {row[1]} toegezegd, {row[2]} betaald." for row in rows),
                source=context.record_note,
            ),
            years,
            {"toegezegd": committed, "betaald": paid},
            FigureTable(["Eind", *numeric("Toegezegd", "Betaald")], rows),
            decimals=2,
            results=portal.take((subject, measure) for measure in ("budget", "committed", "paid")),
        )

    def indicators(self, figure_id: str) -> Display:
        """Draw what stands for the theme in the statistics, all years under each other; a few years are no line."""
        context, chosen = self.context, self._indicators()
        title = indicator_title(context, chosen[0]) if chosen else ""
        return site.show_indicators(context, chosen, context.line_units, figure_id, title)

    def helped(self) -> Display:
        """Say the grade of the theme, the estimate with its interval and what that excludes, with the way to how."""
        final = self.portal.final
        if not final.is_whole:
            return markdown(
                "De eindevaluatie is er nog niet. Zij vergelijkt de regio met regio's zonder deze deal; tot die tijd is "
                "niet te zeggen of de deal hier verschil maakte."
            )
        way = link("Lees het in de eindevaluatie", final.page(site.chapter_of(final, self.theme)))
        answers = self._answers()
        if not answers:
            reasons = listed(item.reason for item in self._without_design())
            why = f"De {dutch.uncapital(self.portal.final.title)} kon {self.context.this_theme} niet met andere regio's vergelijken:\n\n{reasons}"
            return markdown(f"{why}\n\n{NOT_ESTABLISHED} {way}.")
        measures = ("deviation", "rank", "n_placebo", "p_value", "p_adjusted")
        names = [f"{self._subject(answer)}.{measure}" for answer in answers for measure in measures]
        numbers = [number for name in names if (number := final.take(name)) is not None]
        return markdown("\n\n".join([*theme_paragraphs(answers), f"{way}."]), numbers)

    def judgements(self) -> Display:
        """List what the final evaluation judged of each comparison, with the way to how."""
        final, answers = self.portal.final, self._answers()
        if not answers:
            return markdown("Er zijn geen oordelen om naast elkaar te zetten.")
        rows, numbers = [], []
        for answer in answers:
            subject = self._subject(answer)
            name = dutch.capital(answer.wording) + " (hoofdvraag)" * answer.is_main
            way = site.anchor(final.place(f"{subject}.grade"), "zo is vergeleken")
            rows.append([name, answer.interval, answer.grade, answer.estimate.attribution, way])
            numbers += [final.take(f"{subject}.{one}") for one in ("ci_low", "ci_high", "grade", "is_attributed")]
        columns = ["Cijfer", *numeric("95%-interval"), "Week de regio af?", "Door de deal?", "Eindevaluatie"]
        return table(columns, rows, results=numbers, source=f"Bron: {final.title} van {self.context.deal.name}.")

    def chapters(self) -> Display:
        """Lead to the chapter of this theme in each report; say which report is not there."""
        lines = []
        for report in self.portal.reports:
            place = report.page(site.chapter_of(report, self.theme))
            mark = "" if report.is_whole else " (onvolledig)"
            way = link(f"{report.title}: {self.theme.short_title.lower()}", place) + mark
            lines.append(f"{report.title}: nog niet gemaakt" if report.state == "absent" else way)
        return markdown(listed(lines))

    def _delivery_rows(self) -> list[_Delivered]:
        """List groups of targets, then the others."""
        rows, portal = [], self.portal
        mine = [t for t in self.context.agreed.targets if theme_of(t) == self.theme.id and t.counted_from == "outputs"]
        for name in dict.fromkeys(target.group for target in mine if target.group):
            total = sum(target.quantity for target in mine if target.group == name)
            rows.append((dutch.capital(name), total, f"{name}-totaal"))
        rows += [(site.target_name(target), target.quantity, target.id) for target in mine if not target.group]
        found = []
        for name, total, key in rows:
            number, target = (f"{self.theme.id}.{key}.geleverd", "value"), (f"{self.theme.id}.{key}.doel", "target")
            values, words = portal.values(*number), portal.words(*number)
            found.append(_Delivered(name, values, words, float(total), [number, target]))
        return found

    def _indicators(self) -> list[Indicator]:
        """Choose the indicators that are drawn: those that stand for the theme, then others with a gap of their own."""
        measured = [item for item in self.measured_indicators() if item.results and item.gap != "none"]
        measured = [item for item in measured if site.has_a_line(self.context, item)]
        return sorted(measured, key=lambda item: not item.headline)[:_MOST_INDICATORS]

    def _answers(self) -> list[Answer]:
        """Read what the final evaluation found of this theme; nothing while it is not there."""
        final = self.portal.final
        if not final.is_whole:
            return []
        found = answers_of(self.context, lambda subject, measure, year: final.value(f"{subject}.{year}.{measure}"))
        return found[self.theme.id]

    def _subject(self, answer: Answer) -> str:
        """Name the design of an answer as its numbers do."""
        design = self.context.designs[answer.estimate.estimand]
        return f"{self.theme.id}.{design.id}.{design.unit}.{design.last}"


def open_theme_page(*, deal: str, year: int, theme: int) -> ThemePage:
    """Open the page of a theme as it stands with the report over a year; errors as of `portal.open_portal`."""
    check_opened(theme=theme)
    portal = site.open_portal(deal, year)
    return ThemePage(portal, portal.context.deal.theme(theme))


def _million(value: float | None) -> str:
    return site.NO_REPORT if value is None else dutch.million(value)
