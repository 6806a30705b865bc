"""The summary: five answers and six themes at a glance, read from the results of the other chapters."""

from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from evaluation.analysis.scoreboard import ResultsTally, Scoreboard
from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import Context, open_context, theme_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps import scoreboard
from evaluation.chapters.steps.agreed import show_next_year
from evaluation.chapters.steps.goal_line import show_goal_line
from evaluation.chapters.steps.money import money_figure
from evaluation.chapters.steps.statistics import panel_results
from evaluation.chapters.wording import WITHHELD, path_number, quantity, silence
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.deal_schema import Target
from evaluation.inputs.editions import Edition, annual_edition
from evaluation.inputs.indicators import Indicator
from evaluation.present import sentences
from evaluation.present.display import Display, lead, listed, markdown, strong
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.published import current_results
from evaluation.present.results import Result
from evaluation.present.tables import join_lines, numeric, plain_cells, share_bar, table

_NO_VALUE = float("nan")
NO_COUNT = "dat is in de registratie niet aan gemeenten toe te wijzen"


@on_desk
@dataclass(frozen=True, slots=True)
class SummaryChapter:
    """The steps of the summary."""

    context: Context  # for names and wording; the numbers come from `results`
    results: pd.DataFrame  # results.csv of the chapters that ran

    def finding(self) -> Display:
        """Say in a few sentences where the deal stands."""
        paid, budget = self._paid_and_budget()
        mark = self.context.example_mark
        parts = (
            [self._elements_sentence(dutch.capital(self.context.end_of_year))] if self._elements("total") > 0 else []
        )
        parts += scoreboard.due_sentences(self.context, self._board())
        if budget == budget:
            parts.append(
                f"Van de begrote {dutch.million(budget)} is {dutch.million(paid)} betaald "
                f"({dutch.percentage(100 * paid / budget, 0)}){mark}."
            )
        parts += [text for theme in self.context.deal.themes if (text := self._direction_sentence(theme.id))]
        if all(self._deviation_status(theme.id) == "not established" for theme in self.context.deal.themes):
            parts.append("Of veranderingen door de Regio Deal komen, is met deze cijfers niet te zeggen.")
        return lead(" ".join(parts), self._new_numbers())

    def answers(self) -> Display:
        """Answer the five questions that a councillor asks first."""
        deal = self.context.deal
        themes = dutch.count_word(len(deal.themes))
        paid, budget = self._paid_and_budget()
        mark = self.context.example_mark
        later = any(target.by > deal.term.ends_on for target in self.context.agreed.targets)
        until = deal.term.last_year if deal.term.ends_on.month == 12 else dutch.day(deal.term.ends_on)
        noun = deal.words.theme.one if len(deal.themes) == 1 else deal.words.theme.many
        where = f"in {themes} {noun}, tot en met {until}{'; enkele lopen langer door' if later else ''}"
        of = f"betaald van {dutch.million(budget)} van Rijk en Regio, tot en met {self.context.until}{mark}"
        more = scoreboard.since_words(self.context, self._completed_since())
        done = f"onderdelen van de aanpak begonnen of afgerond{f'; afgerond: {more}' if more else ''}{mark}"
        board = self._board()
        cards = [
            ("Wat spraken we af?", dutch.plural(len(deal.result_ids), "resultaat", "resultaten"), where),
            ("Wat is gedaan?", *self._done(done)),
            scoreboard.reached_card(self.context, board) if board.due else self._delivery_card(),
            ("Wat kostte het?", dutch.million(paid), of),
            self._judgement_card(),
        ]
        items = [Markup("<li><b>{}</b><strong>{}</strong>{}</li>").format(*card) for card in cards]
        text = listed(f"{strong(question)} {number}: {words.rstrip('.')}." for question, number, words in cards)
        html = f'<ul class="kerncijfers">{Markup("").join(items)}</ul>'
        cells = plain_cells(["Vraag", "Antwoord", "Toelichting"], cards)
        return Display({"text/html": html, **markdown(text).bundle}, cells=cells)

    def glance(self) -> Display:
        """Show the themes at a glance: delivered against the path, paid against the budget, and direction."""
        rows = []
        for theme in self.context.deal.themes:
            paid, budget = self._paid_and_budget(theme)
            page = Markup('<a href="{}.html">{}</a>').format(self._page(theme), theme.short_title)
            bar = share_bar(
                paid / budget if budget else None, f"{dutch.million(paid)} betaald van {dutch.million(budget)}"
            )
            rows.append([page, self._delivery_words(theme.id), bar, self._direction_words(theme.id)])
        gap = f"{self.context.region_name} tegenover {self.context.rest_name}"
        columns = [
            dutch.capital(self.context.deal.words.theme.one),
            "Geleverd tegenover het pad",
            "Betaald van begroot",
            gap,
        ]
        return table(columns, rows, source=self.context.mixed_note(), cards=True)

    def promises(self) -> Display:
        """Show the scoreboard: every agreed number with its own bar, and what they add up to."""
        board, tally = self._board(), self._tally()
        told = scoreboard.scoreboard_sentences(self.context, board, tally)
        return markdown(listed(told), self._new_numbers())

    def promise_table(self) -> Display:
        """List every agreed number with a bar from its start to its goal, and what was added in a year."""
        return scoreboard.show_scoreboard(self.context, self._board(), self._value, self._page)

    def municipalities(self) -> Display:
        """List what happened in each municipality: projects, what was delivered, and the headline figures."""
        rows, numbers, groups = [], [], self.context.groups
        headlines = [item for item in self.context.headlines() if self._places_known(item)]
        for place in self.context.deal.region.municipalities:
            projects = f"programma.projecten-in-gemeente.{place.code}"
            counts = [self._value(projects, state) for state in ("started", "completed")]
            delivered = [self._value(f"programma.{group}-in-gemeente.{place.code}", "value") for group in groups]
            figures = [dutch.number(self._figure(item, place.code), item.decimals) for item in headlines]
            rows.append([place.name, *map(dutch.number, [*counts, *delivered]), *figures])
        for item in headlines:
            numbers += panel_results(self._place_figures(item), item)
        titles = ["Projecten begonnen", "Projecten afgerond"]
        titles += [f"{dutch.capital(group)} aangepakt" for group in groups]
        figures = [f"{dutch.capital(i.wording)}, {self._year(i)}" for i in headlines]
        columns = ["Gemeente", *numeric(*titles, empty=NO_COUNT), *numeric(*figures)]
        note = self._delivered_note()
        source = " ".join(filter(None, [note, self.context.mixed_note(headlines)]))
        return table(columns, rows, results=numbers, source=source)

    def _place_figures(self, indicator: Indicator) -> pd.DataFrame:
        """Give the figures of the municipalities in the last year of an indicator, as every chapter has them."""
        rows = self.context.figures(indicator.id)
        places = [item.code for item in self.context.deal.region.municipalities]
        return rows[rows["unit"].isin(places) & (rows["period"] == self._year(indicator))]

    def _places_known(self, indicator: Indicator) -> bool:
        return bool(self._place_figures(indicator)["value"].notna().any())

    def _figure(self, indicator: Indicator, place: str) -> float:
        rows = self._place_figures(indicator)
        found = rows.loc[rows["unit"] == place, "value"]
        return float(found.iloc[0]) if len(found) else _NO_VALUE

    def _delivered_note(self) -> str:
        """Say what stands behind the word for what was done with a group of targets."""
        told = []
        for name in self.context.groups:
            titles = [dutch.uncapital(t.title) for t in self.context.agreed.targets if t.group == name]
            told.append(f"{dutch.capital(name)} aangepakt: {'; '.join(titles)}.")
        return " ".join(told)

    def money(self, figure_id: str) -> Display:
        """Draw what was paid of each theme's budget."""
        themes = self.context.deal.themes
        titles = [theme.short_title for theme in themes]
        paid, budget = map(list, zip(*map(self._paid_and_budget, themes), strict=True))
        spent, whole = (sum(value for value in values if value == value) for values in (paid, budget))
        if len(themes) > 1:  # what the title says is drawn: all of it together, above the parts
            titles, paid, budget = ["Alles samen", *titles], [spent, *paid], [whole, *budget]
        rows = [[title, *map(dutch.million, pair)] for title, *pair in zip(titles, paid, budget, strict=True)]
        share = 100 * spent / whole if any(value == value for value in budget) and whole else _NO_VALUE
        return money_figure(
            FigureText(
                figure_id=figure_id,
                title=f"Tot en met {self.context.until} is {dutch.percentage(share, 0)} van het geld betaald",
                measure=self.context.said("Betaald en begroot door Rijk en Regio per thema, in miljoenen euro"),
                alt="Staafdiagram per thema. " + " ".join(f"{row[0]}: {row[1]} betaald van {row[2]}." for row in rows),
                source=self.context.record_note,
            ),
            titles,
            {"begroot": budget, "betaald": paid},
            FigureTable([dutch.capital(self.context.deal.words.theme.one), *numeric("Betaald", "Begroot")], rows),
        )

    def towards_benchmark(self, figure_id: str) -> Display:
        """Draw how far the region is from the yardstick that some intended results name, then and now."""
        return show_goal_line(self.context, self._value, figure_id)

    def next_year(self) -> Display:
        """List what the deal asks in the year after, and what is still open."""
        return show_next_year(self.context)

    def _board(self) -> Scoreboard:
        """Set every agreed number beside what the chapters say was delivered."""
        return scoreboard.read_scoreboard(self.context, self._value, self._is_withheld, self._before())

    def _tally(self) -> ResultsTally:
        return scoreboard.read_tally(self.context, self._value)

    def _before(self) -> dict[str, float]:
        """Look up what was delivered of each target a year before."""
        return scoreboard.delivered_before(self.context)

    def _completed_since(self) -> float | None:
        """Count the elements completed since the report over the year before; None where there is none."""
        return scoreboard.completed_since(self.context)

    def _new_numbers(self) -> list[Result]:
        """Make the numbers that no chapter has: the counts of the scoreboard, and what was added in a year."""
        numbers = scoreboard.scoreboard_results(self.context, self._board(), self._tally())
        change = self._completed_since()
        if change is not None:
            subject = ("programma", "aanpak", "onderdelen", scoreboard.MORE_DONE)
            numbers.append(self.context.record(*subject, change, "count", "process", computed=True))
        return numbers

    def _page(self, theme: Theme) -> str:
        return theme.slug

    def _value(self, subject: str, measure: str, year: int | None = None) -> float:
        """Look up a number of this year; NaN where its chapter did not bring it."""
        identity = f"{subject}.{year or self.context.year}.{measure}"
        found = self.results.loc[self.results["result_id"] == identity, "value"]
        return float(found.iloc[0]) if len(found) else _NO_VALUE

    def _paid_and_budget(self, theme: Theme | None = None) -> tuple[float, float]:
        """Look up what was paid and budgeted, for a theme or for the deal as a whole."""
        subject = f"{theme.id}.geld.thema" if theme else "programma.geld.totaal"
        return self._value(subject, "paid"), self._value(subject, "budget")

    def _elements(self, state: str) -> float:
        return self._value("programma.aanpak.onderdelen", state)

    def _elements_sentence(self, when: str) -> str:
        """Say how many elements of the approach are done and begun, and how many more than in the report before."""
        begun, done, total = (self._elements(name) for name in ("started", "completed", "total"))
        verb, count = ("waren", dutch.number(done)) if done > 1 else ("was", dutch.number(done) if done else "nog geen")
        of = f"van de {dutch.number(total)} onderdelen van de aanpak"
        more = scoreboard.since_words(self.context, self._completed_since())
        since = f" ({more})" if more else ""
        return (
            f"{when} {verb} {count} {of} afgerond{since} en {dutch.number(begun)} begonnen{self.context.example_mark}."
        )

    def _done(self, words: str) -> tuple[str, str]:
        """Count the elements of the approach that are under way, with what they are."""
        total = self._elements("total")
        if not total:
            return "Niet vastgelegd", "de onderdelen van de aanpak staan niet in dit verslag"
        begun = self._elements("started") + self._elements("completed")
        return f"{dutch.number(begun)} van {dutch.number(total)}", words

    def _delivery_card(self) -> tuple[str, str, str]:
        """Take the first group of targets that the deal adds up (the homes), or else the first target that is counted."""
        question = "Wat is geleverd?"
        found = [
            (f"{name} aangepakt", *sums)
            for theme in self.context.deal.themes
            for name, sums in self._groups(theme.id).items()
        ]
        counted = [target for target in self.context.agreed.targets if target.counted_from == "outputs"]
        for target in sorted(counted, key=lambda target: target.kind != "result"):
            subject = f"{theme_of(target)}.{target.id}.geleverd"
            delivered, path = (self._value(subject, measure) for measure in ("value", "path"))
            if delivered == delivered:
                found.append((dutch.uncapital(target.title), delivered, path, target.quantity))
        if not found:
            return question, "Niet gemeten", "de hoofdstukken laten zien wat de registratie wel vertelt"
        name, delivered, path, total = found[0]
        words = f"{name}; op een recht pad naar het doel zijn dat er {dutch.number(path)}{self.context.example_mark}"
        return question, f"{dutch.number(delivered)} van {dutch.number(total)}", words

    def _judgement_card(self) -> tuple[str, str, str]:
        """For how many themes a deviation is established, and that this is not about reaching a target."""
        deal = self.context.deal
        total = len(deal.themes)
        open_themes = sum(self._deviation_status(theme.id) == "not established" for theme in deal.themes)
        if open_themes == total:
            number = "Niet vast te stellen"
            words = self.context.said("met deze cijfers is voor geen enkel thema te zeggen of de deal verschil maakte")
        else:
            number = self.context.said(f"{total - open_themes} van {total} thema's te beoordelen")
            words = f"voor de andere {dutch.count_word(open_themes)} is niet te zeggen of de deal verschil maakte"
        return "Hielp het?", number, words

    def _is_withheld(self, subject: str) -> bool:
        found = self.results[self.results["result_id"] == f"{subject}.{self.context.year}.value"]
        return bool((found["status"] == "withheld").any())

    def _groups(self, theme: int) -> dict[str, tuple[float, float, float]]:
        """Look up the sums of the theme's groups of targets: delivered, path, target."""
        names = dict.fromkeys(t.group for t in self.context.agreed.targets if t.group and theme_of(t) == theme)
        found = {}
        for name in names:
            subject = f"{theme}.{name}-totaal"
            delivered = self._value(f"{subject}.geleverd", "value")
            if delivered == delivered:  # else nothing more is looked up: the front page shows all that it looked up
                path, target = self._value(f"{subject}.geleverd", "path"), self._value(f"{subject}.doel", "target")
                found[name] = (delivered, path, target)
        return found

    def _delivery_words(self, theme: int) -> Markup:
        """Say what was delivered of each group and of each other result with a number, beside its path."""
        lines = []
        for name, (delivered, path, total) in self._groups(theme).items():
            words = f"{dutch.number(delivered)} van {dutch.number(total)} {name} (pad {dutch.number(path)})"
            lines.append(share_bar(delivered / total, words))
        groups = dict.fromkeys(t.group for t in self.context.agreed.targets if t.group and theme_of(t) == theme)
        lines += [f"{name}: {WITHHELD}" for name in groups if self._is_withheld(f"{theme}.{name}-totaal.geleverd")]
        for target in self.context.agreed.targets:
            if theme_of(target) == theme and not target.group:
                lines += self._target_words(target)
        return join_lines(lines) if lines else Markup("niet in aantallen afgesproken")

    def _target_words(self, target: Target) -> list[Markup | str]:
        """Say what was delivered of a target beside its path; nothing where its chapter is not there."""
        subject, goal = f"{theme_of(target)}.{target.id}.geleverd", quantity(target, target.quantity)
        delivered, path = (self._value(subject, measure) for measure in ("value", "path"))
        if self._is_withheld(subject):
            return [f"{target.title}: {WITHHELD}; doel {goal}"]
        if delivered != delivered:
            return [f"{target.title}: {silence(target)}; doel {goal}"] if path == path else []
        on_path = f" (pad {path_number(target, path)})" if target.by > self.context.day else ""
        words = f"{target.title}: {dutch.number(delivered)} van {goal}{on_path}"
        return [share_bar(delivered / target.quantity, words)]

    def _year(self, indicator: Indicator) -> int:
        return self.context.years_of(indicator)[1]

    def _gap(self, indicator: Indicator) -> tuple[float, float, float]:
        """Gap to the rest now and in the base year, and how much it moved from year to year before the deal."""
        subject, last = f"{indicator.theme}.{indicator.id}.{self.context.region_unit}", self._year(indicator)
        return tuple(self._value(subject, f"gap_rest{of}", last) for of in ("", "_base", "_variation"))

    def _direction_words(self, theme: int) -> Markup | str:
        lines = []
        for indicator in self.context.headlines(theme):
            gap, base, variation = self._gap(indicator)
            words = "geen cijfer" if gap != gap else f"{sentences.gap_now(gap)} ({self._year(indicator)})"
            if gap == gap and base == base:
                words = sentences.gap_words(indicator.gap, gap, base, variation) + self._both_gaps(indicator)
            lines.append(f"{dutch.capital(indicator.wording)}: {words}")
        if lines:
            return join_lines(lines)
        mine = [item for item in self.context.indicators.values() if item.theme == theme and item.results]
        has_figures = any(self.context.figures(item.id)["value"].notna().any() for item in mine)
        return "wel cijfers, geen vergelijking" if has_figures else "geen cijfers in dit verslag"

    def _both_gaps(self, indicator: Indicator) -> str:
        """Write the gap to the rest in numbers and in percent, then and now; nothing where a figure is not there."""
        base, last = self.context.years_of(indicator)
        frame = self.context.standing(indicator).set_index("unit")
        units = [self.context.region_unit, self.context.rest_unit]
        if base is None or not set(units) <= set(frame.index):
            return ""
        (now, then), (rest, rest_then) = (frame.loc[unit, ["value", "base"]] for unit in units)
        if any(value != value for value in (now, rest, then, rest_then)) or 0 in (rest, rest_then):
            return ""
        sizes = [dutch.number(size, indicator.decimals, signed=True) for size in (then - rest_then, now - rest)]
        shares = [
            f"{dutch.number(100 * (one - other) / other, 0, signed=True)}%"
            for one, other in ((then, rest_then), (now, rest))
        ]
        return f" ({base} → {last}: {' → '.join(sizes)}; {' → '.join(shares)})"

    def _direction_sentence(self, theme: int) -> str:
        lines = []
        for indicator in self.context.headlines(theme):
            gap, base, variation = self._gap(indicator)
            if gap == gap and base == base:
                names = (indicator.wording, self.context.region_name, self.context.rest_name, indicator.gap)
                found = sentences.gap_title(*names, gap, base, variation, indicator.baseline_year)
                lines.append(f"{found}{self._both_gaps(indicator)}.")
        return " ".join(lines)

    def _deviation_status(self, theme: int) -> str:
        mine = self.results[(self.results["theme"] == str(theme)) & (self.results["measure"] == "deviation")]
        return str(mine["status"].iloc[0]) if len(mine) else "not established"


def open_summary(*, deal: str, year: int) -> SummaryChapter:
    """Open the summary over a year; errors as of `chapter_results`."""
    context = open_context(deal, year)
    return SummaryChapter(context, chapter_results(context.deal.id, annual_edition(context.deal, year)))


def chapter_results(deal: str, edition: Edition) -> pd.DataFrame:
    """Return the results of the other chapters, of this run or the last one; UsageError when there are none yet."""
    found = current_results(deal, edition)
    if found is None:
        command = f"regiodeal run {edition.command} --deal {deal} --themes-only"
        raise UsageError(f"De andere hoofdstukken zijn nog niet uitgevoerd. Doe dat eerst: {command}")
    return found
