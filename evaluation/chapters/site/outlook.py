"""The page of the site on what comes next: targets and promises that still run, and what is asked of the parties."""

from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.progress import MilestoneState, TargetProgress, milestone_states
from evaluation.base import dutch
from evaluation.chapters.context import Context, progress_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.site.portal import open_portal
from evaluation.chapters.steps import forecasts
from evaluation.chapters.steps.agreed import milestone_table
from evaluation.chapters.steps.targets import goal_words, group_results, groups_of, target_results
from evaluation.chapters.wording import amount, path_number, quantity
from evaluation.present.display import Display, lead, listed, markdown
from evaluation.present.results import Result
from evaluation.present.tables import Cell, numeric, table


@on_desk
@dataclass(frozen=True, slots=True)
class OutlookPage:
    """The steps of the page on what comes next, seen from the end of the year of the last report."""

    context: Context

    def finding(self) -> Display:
        """Say until when the deal runs, and how much of it is still open."""
        term, day = self.context.deal.term, self.context.day
        running, open_promises = self._running(), self._open()
        verb = "loopt" if term.ends_on > day else "liep"
        parts = [f"De {self.context.deal.name} {verb} tot en met {dutch.day(term.ends_on)}."]
        if running:
            last = max(row.target.by for row in running)
            parts.append(
                f"Van {dutch.count_word(len(running))} afgesproken {'aantal' if len(running) == 1 else 'aantallen'} ligt de datum na "
                f"{dutch.day(day)}; de laatste is {dutch.end_of(last)}."
            )
        if open_promises:
            verb = "staat" if len(open_promises) == 1 else "staan"
            parts.append(
                f"Van de afspraken met een datum {verb} er {dutch.count_word(len(open_promises))} nog open"
                f"{self.context.example_mark}."
            )
        return lead(" ".join(parts))

    def targets(self) -> Display:
        """List the agreed numbers whose date is still to come, with where they stand."""
        rows: list[list[Cell]] = []
        numbers: list[Result] = []
        for row in self._running():
            target, numbers = row.target, [*numbers, *target_results(self.context, row)]
            delivered = row.position if row.delivered is None else quantity(target, row.delivered)
            stand = [delivered, path_number(target, row.path), goal_words(target)]
            rows.append([target.title, *stand, dutch.end_of(target.by), target.reference])
        for theme in self.context.deal.themes:
            for name, (delivered, path, total, projection) in groups_of(self.context, theme.id).items():
                mine = [target for target in self.context.agreed.targets if target.group == name]
                last = max(target.by for target in mine)
                if last <= self.context.day:
                    continue
                references = "; ".join(dict.fromkeys(target.reference for target in mine))
                stand = [f"{amount(delivered)} {name}", dutch.number(path), f"{dutch.number(total)} {name}"]
                rows.insert(0, [f"Alle {name} samen", *stand, dutch.end_of(last), references])
                numbers += group_results(self.context, str(theme.id), name, (delivered, path, total, projection))
        if not rows:
            return markdown("Van geen afgesproken aantal ligt de datum nog in de toekomst.")
        columns = ["Afspraak", *numeric(f"Geleverd {self.context.end_of_year}", "Pad", "Doel"), "Wanneer", "Artikel"]
        return table(columns, rows, results=numbers, source=self.context.record_note)

    def promises(self) -> Display:
        """List the dated promises that are not kept yet, and those that are still to come."""
        states = self._open()
        if not self.context.deal.milestones:
            return markdown("De deal heeft geen afspraken met een datum.")
        if not states:
            return markdown("Alle afspraken met een datum zijn volgens de registratie gedaan.")
        return milestone_table(self.context, states)

    def planned(self) -> Display:
        """List what the programme itself has planned after this day: projects to start, and milestones."""
        programme, day = self.context.programme, pd.Timestamp(self.context.day)
        projects = programme.projects[programme.projects["state"].isin(["planned", "started"])]
        marks = programme.milestones
        marks = marks[(marks["kind"] == "milestone") & marks["date_done"].isna() & marks["deal_milestone"].isna()]
        marks = marks[marks["date_planned"] > day].sort_values("date_planned")
        counts = {state: int((projects["state"] == state).sum()) for state in ("planned", "started")}
        numbers = self.context.records(("programma", "projecten", "totaal"), counts, "count", "process")
        lines = [
            f"{dutch.plural(counts['started'], 'project is', 'projecten zijn')} begonnen en nog niet afgerond, "
            f"{dutch.plural(counts['planned'], 'project is', 'projecten zijn')} gepland{self.context.example_mark}."
        ]
        lines += [f"{row.title}: gepland voor {dutch.day(row.date_planned.date())}." for row in marks.itertuples()]
        return markdown(listed(lines), numbers)

    def forecast_finding(self) -> Display:
        """Say what was forecast for the deal that follows, and how many forecasts held."""
        return forecasts.forecast_finding(self.context)

    def forecast(self, indicator: str | int, figure_id: str) -> Display:
        """Draw an indicator with its registered forecasts, and what came: by its id, or the first, second, ... of the plan."""
        return forecasts.show_forecast(self.context, indicator, figure_id)

    def forecasts(self) -> Display:
        """List every registered forecast, and what came."""
        return forecasts.show_forecasts(self.context)

    def duties(self) -> Display:
        """List what the deal asks on following and evaluating."""
        if not self.context.deal.duties:
            return markdown("Wat over volgen en evalueren is afgesproken, is op deze site niet vastgelegd.")
        rows = [[duty.reference, duty.title, duty.text] for duty in self.context.deal.duties]
        return table(["Artikel", "Wat", "Afspraak"], rows, source=f"Bron: {self.context.cited('monitoring')}.")

    def _running(self) -> list[TargetProgress]:
        return [row for row in progress_of(self.context) if row.target.by > self.context.day]

    def _open(self) -> list[MilestoneState]:
        return [state for state in milestone_states(self.context.deal, self.context.programme) if state.done_on is None]


def open_outlook(*, deal: str, year: int) -> OutlookPage:
    """Open the page on what comes next; errors as of `portal.open_portal`."""
    return OutlookPage(open_portal(deal, year).context)
