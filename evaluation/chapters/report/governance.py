"""The chapter on carrying out and steering: all approach elements, milestones, meetings, criteria, municipalities."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.analysis.progress import milestone_states
from evaluation.base import dutch
from evaluation.base.text import identity_slug
from evaluation.chapters.context import Context, open_context
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps import agreed
from evaluation.chapters.wording import amount
from evaluation.present.display import Display, lead, listed, markdown
from evaluation.present.figures import FigureTable, FigureText, bars_figure
from evaluation.present.results import Result
from evaluation.present.tables import STATE_WORDS, numeric, share_bar, table

_STATES = ("completed", "started", "planned", "dropped", "none")


@on_desk
@dataclass(frozen=True, slots=True)
class GovernanceChapter:
    """The steps of the chapter on carrying out and steering; each shows one thing."""

    context: Context

    def finding(self) -> Display:
        """Say how far the approach as a whole has come."""
        states = [state.state for state in self.context.elements()]
        total, done = len(states), states.count("completed")
        if not states:
            return lead("Van de aanpak zijn voor dit verslag geen onderdelen vastgelegd.")
        text = (
            f"{dutch.capital(self.context.end_of_year)} waren van de {total} onderdelen van de aanpak er {done} afgerond en "
            f"{states.count('started')} begonnen{self.context.example_mark}. Gepland: {dutch.count_or_none(states.count('planned'))}; vervallen: "
            f"{dutch.count_or_none(states.count('dropped'))}; zonder registratie: {dutch.count_or_none(states.count('none'))}."
        )
        return lead(text)

    def elements_by_theme(self) -> Display:
        """Count the approach elements by theme and state."""
        rows, results = [], []
        if not self.context.elements():
            results = agreed.state_counts(self.context, "programma", [])
            return markdown("Van de aanpak zijn voor dit verslag geen onderdelen vastgelegd.", results)
        for theme in (*self.context.deal.themes, None):
            elements = self.context.elements(theme.id if theme else None)
            states = [element.state for element in elements]
            begun = states.count("started") + states.count("completed")
            words = f"{begun} van {len(states)}"
            title = f"{theme.id} {theme.short_title}" if theme else "Totaal"
            bar = share_bar(begun / len(states), words) if theme and states else words
            rows.append([title, *(dutch.number(states.count(name)) for name in _STATES), bar])
            results += agreed.state_counts(self.context, str(theme.id) if theme else "programma", elements)
        titles = [dutch.capital(STATE_WORDS[name][1]) for name in _STATES]
        columns = [dutch.capital(self.context.deal.words.theme.one), *numeric(*titles), "Begonnen of afgerond"]
        return table(columns, rows, results=results, source=self.context.record_note, total_row=True)

    def by_municipality(self, figure_id: str) -> Display:
        """Draw how many projects run in each municipality; a project in more municipalities counts in each."""
        rows, results, every = [], [], []
        frame = self.context.programme.projects
        groups = self._groups_by_municipality()
        for municipality in self.context.deal.region.municipalities:
            mine = frame[frame["municipalities"].map(lambda names, name=municipality.name: name in names)]
            counts = {state: int((mine["state"] == state).sum()) for state in ("planned", "started", "completed")}
            every.append(counts.values())
            delivered = {group: places.get(municipality.name, 0.0) for group, places in groups.items()}
            rows.append([municipality.name, *map(str, counts.values()), *map(amount, delivered.values())])
            results += self.context.records(("programma", "projecten-in-gemeente", municipality.code), counts, "count")
            results += self._group_results(municipality.code, delivered)
        elsewhere = {group: places.get("", 0.0) for group, places in groups.items()}
        results += self._group_results("geen-gemeente", elsewhere)
        alt = " ".join(f"{r[0]}: {r[1]} gepland, {r[2]} begonnen, {r[3]} afgerond." for r in rows)
        if any(elsewhere.values()):
            rows.append(["Niet aan één gemeente toegewezen", *"–––", *map(amount, elsewhere.values())])
        planned, begun, done = (list(counts) for counts in zip(*every, strict=True))
        active = [one + other for one, other in zip(begun, done, strict=True)]
        states = ["gepland", "begonnen", "afgerond"]
        titles = [*map(dutch.capital, states), *(f"{dutch.capital(group)} aangepakt" for group in groups)]
        return bars_figure(
            FigureText(
                figure_id=figure_id,
                title=f"{dutch.capital(self.context.end_of_year)} waren er {_per_municipality(active)} begonnen of afgerond",
                measure=f"Projecten per gemeente, {self.context.end_of_year}; een project in meer gemeenten telt in elk daarvan mee",
                alt=f"Staafdiagram per gemeente. {alt}",
                source=self.context.record_note,
            ),
            [municipality.name for municipality in self.context.deal.region.municipalities],
            list(zip(states, ("outline", "rest", "region"), (planned, begun, done), strict=True)),
            FigureTable(["Gemeente", *numeric(*titles)], rows),
            decimals=0,
            results=results,
        )

    def criteria(self) -> Display:
        """Count the projects that meet each selection criterion."""
        if not self.context.deal.criteria:
            return markdown("De deal noemt geen criteria voor de keuze van projecten.")
        frame = self.context.programme.projects
        live = frame[frame["state"] != "dropped"]
        rows, results = [], []
        for criterion in self.context.deal.criteria:
            count = int(live["criteria"].map(lambda met, number=criterion.number: number in met).sum())
            share = count / len(live) if len(live) else 0.0
            rows.append([str(criterion.number), criterion.title, share_bar(share, f"{count} van {len(live)}")])
            subject = ("programma", "criterium", str(criterion.number))
            results.append(self.context.record(*subject, "projects", count, "count", "process"))
        columns = ["Nr.", f"Criterium{self.context.deal.articles.beside('criteria')}", "Projecten die eraan voldoen"]
        return table(columns, rows, results=results, source=self.context.record_note)

    def milestones(self) -> Display:
        """List the dated promises of the deal as a whole and of all themes."""
        states = milestone_states(self.context.deal, self.context.programme)
        rows = [agreed.milestone_cells(self.context, state) for state in states]
        for row, state in zip(rows, states, strict=True):
            row.insert(1, "–" if state.milestone.theme is None else str(state.milestone.theme))
        due = [state for state in states if state.milestone.due <= self.context.day]
        counts = {"due": len(due), "done": sum(state.done_on is not None for state in due)}
        results = self.context.records(("programma", "mijlpalen", "deal"), counts, "count", "process")
        if not rows:
            return markdown("De deal noemt geen afspraken met een datum.", results)
        columns = ["Afspraak", dutch.capital(self.context.deal.words.theme.one), "Afgesproken voor", "Stand", "Artikel"]
        return table(columns, rows, results=results, source=self.context.record_note)

    def meetings(self) -> Display:
        """Count the meetings of each body per year."""
        frame = self.context.programme.milestones
        frame = frame[(frame["kind"] == "meeting") & frame["date_done"].notna()]
        if frame.empty:
            return markdown("Er zijn geen overleggen geregistreerd.")
        bodies = frame.groupby(frame["body"].map(identity_slug))["body"].transform("first")
        counts = frame.groupby([bodies, frame["date_done"].dt.year]).size().unstack(fill_value=0)
        years = [int(year) for year in counts.columns]
        rows = [[dutch.capital(str(body)), *(str(int(row[year])) for year in years)] for body, row in counts.iterrows()]
        results = [
            self.context.record(*subject, "meetings", int(row[year]), "count", "process", period=year)
            for body, row in counts.iterrows()
            for subject in [("programma", "overleg", identity_slug(str(body)).lower())]
            for year in years
        ]
        columns = [f"Overleg{self.context.deal.articles.beside('governance')}", *numeric(*map(str, years))]
        return table(columns, rows, results=results, source=self.context.record_note)

    def bodies(self) -> Display:
        """Who steers: the bodies that the deal names."""
        if not self.context.deal.governance:
            return markdown("Wie de deal stuurt, is voor dit verslag niet vastgelegd.")
        rows = [[body.name, body.role, body.reference] for body in self.context.deal.governance]
        return table(["Wie", "Taak", "Artikel"], rows, source=f"Bron: {self.context.cited('approach', 'governance')}.")

    def duties(self) -> Display:
        """List the duties: what was agreed about following, reporting and evaluating."""
        if not self.context.deal.duties:
            return markdown("Wat over volgen en evalueren is afgesproken, is voor dit verslag niet vastgelegd.")
        rows = [[duty.id, duty.title, duty.text] for duty in self.context.deal.duties]
        source = f"Bron: {self.context.cited('monitoring')}."
        return table(["Lid", "Onderwerp", "Wat is afgesproken"], rows, source=source)

    def amendments(self) -> Display:
        """List what was changed in the deal until this day."""
        known = [item for item in self.context.deal.amendments if item.day <= self.context.day]
        if not known:
            return markdown("De deal is niet gewijzigd, voor zover voor dit verslag is vastgelegd.")
        rows = [[dutch.short_day(item.day), item.title, item.text, item.reference] for item in known]
        return table(["Dag", "Wijziging", "Wat veranderde", "Waar"], rows, source=f"Bron: {self.context.deal.name}.")

    def readings(self) -> Display:
        """How the text of the deal was read where it leaves room, so that a reader can disagree."""
        partly = [item for item in self.context.deal.region.municipalities if item.part]
        notes = [
            f"Van {item.name} doet alleen een deel mee: {item.part}. De cijfers over {item.name} gaan over de hele gemeente."
            for item in partly
        ]
        notes += [*self.context.deal.term.notes, *self.context.deal.text_notes]
        notes += [f"{target.title}: {target.note}" for target in self.context.agreed.targets if target.note]
        if not notes:
            return markdown("Bij deze deal was dat niet nodig.")
        return markdown(listed(dict.fromkeys(notes)))

    def _groups_by_municipality(self) -> dict[str, dict[str, float]]:
        """Sum each group of targets by municipality ("": none), but none with counts of persons, households or firms."""
        outputs = self.context.programme.outputs.fillna({"municipality": ""})
        group_of = {target.id: target.group for target in self.context.agreed.targets if target.group}
        groups = outputs["target"].map(group_of)
        return {
            group: outputs[groups == group].groupby("municipality")["quantity"].sum().to_dict()
            for group in dict.fromkeys(group_of.values())
            if group not in {group_of.get(target) for target in self.context.programme.counts["target"]}
        }

    def _group_results(self, unit: str, delivered: dict[str, float]) -> list[Result]:
        return [
            self.context.record("programma", f"{group}-in-gemeente", unit, "value", amount, "count")
            for group, amount in delivered.items()
        ]


def open_governance(*, deal: str, year: int) -> GovernanceChapter:
    """Open the chapter on carrying out and steering over a year."""
    return GovernanceChapter(open_context(deal, year))


def _per_municipality(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    if low == high:
        return f"in elke gemeente {dutch.plural(low, 'project', 'projecten')}"
    return f"per gemeente {low} tot {high} projecten"
