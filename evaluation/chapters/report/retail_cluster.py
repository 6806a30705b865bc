"""The page of one priority shopping cluster (Art. 4.4c): its shops, who came and went, and what else is there."""

from dataclasses import dataclass

from evaluation.analysis.retail_measures import INSIDE
from evaluation.base import dutch
from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import check_opened
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps.retail_view import Collector, RetailView, open_view, small_note, unless_silent
from evaluation.chapters.wording import year_span
from evaluation.present.display import Display, lead, markdown
from evaluation.present.figures import FigureTable, FigureText, bars_figure
from evaluation.present.tables import numeric

_FUNCTION_WORDS = {
    "occupied": "winkels in gebruik",
    "branch_daily": "– dagelijkse boodschappen",
    "branch_fashion": "– mode en luxe",
    "branch_leisure": "– vrije tijd",
    "branch_home": "– in en om het huis",
    "branch_other": "– andere winkels",
    "branch_unknown": "– branche niet bekend",
    "vacant": "leegstaande winkels",
    "hospitality": "horeca",
    "service": "dienstverlening",
}


@on_desk
@dataclass(frozen=True, slots=True)
class ClusterChapter:
    """The steps of a cluster's page; each shows one thing and records the numbers in it."""

    view: RetailView
    cluster: str  # as in the register of clusters

    @property
    def name(self) -> str:
        """Name of the cluster in the register."""
        return self.view.clusters[self.cluster]

    @unless_silent
    def finding(self) -> Display:
        """Say in a few sentences how many shops there are, and how many of them are vacant."""
        view = self.view
        cells, year = Collector(view), view.last_year
        premises, vacant = (cells.count(self.cluster, year, measure) for measure in ("premises", "vacant"))
        register = view.monitor.tables.clusters.set_index("cluster_id").loc[self.cluster]
        places = {municipality.code: municipality.name for municipality in view.deal.region.municipalities}
        return lead(
            f"{self.name} in {places[register['municipality']]} is een prioritair winkelcluster. Winkels in {year}: "
            f"{premises}; daarvan leeg: {vacant}{view.mark}. {small_note(view)}",
            cells.results,
        )

    @unless_silent
    def shops(self, figure_id: str) -> Display:
        """Draw the shops and how many of them are vacant, year by year."""
        view, cells = self.view, Collector(self.view)
        shown = ("premises", "occupied", "vacant")
        rows = [[str(year), *(cells.count(self.cluster, year, measure) for measure in shown)] for year in view.years]
        values = {
            measure: [view.monitor.figure(self.cluster, year, measure).value for year in view.years]
            for measure in ("premises", "vacant")
        }
        told = " ".join(f"{row[0]}: winkels {row[1]}, daarvan leeg {row[3]}." for row in rows)
        text = FigureText(
            figure_id=figure_id,
            title=f"{self.name}: winkels in {view.last_year} {rows[-1][1]}, in {view.years[0]} {rows[0][1]}",
            measure=f"Winkelpanden, en hoeveel daarvan leeg zijn, {year_span(view.years)}{view.mark}",
            alt=f"Staafdiagram per jaar van de winkelpanden. {told}",
            source=cells.source(),
            notes=("Zonder staaf: het aantal is te klein om te tonen, of een te klein aantal zou eruit volgen.",),
        )
        return bars_figure(
            text,
            [str(year) for year in view.years],
            [("winkels", "region", values["premises"]), ("daarvan leeg", "outline", values["vacant"])],
            FigureTable(["Jaar", *numeric("Winkels", "In gebruik", "Leeg")], rows),
            decimals=0,
            results=cells.results,
        )

    @unless_silent
    def floor_space(self) -> Display:
        """List shops, vacancy and floor space per year; wvo and bvo in columns of their own."""
        view, cells = self.view, Collector(self.view)
        areas = [(measure, area) for area in ("wvo_m2", "bvo_m2") for measure in ("premises", "vacant")]
        rows = [
            [str(year), cells.vacancy(self.cluster, year), *(cells.count(self.cluster, year, *area) for area in areas)]
            for year in view.years
        ]
        columns = numeric("Leeg, % van de winkels", "Wvo, m²", "Wvo leeg, m²", "Bvo, m²", "Bvo leeg, m²")
        return cells.table(["Jaar", *columns], rows)

    @unless_silent
    def changes(self) -> Display:
        """List what changed since the first year: other functions, new retailers, retailers from outside the clusters."""
        view, cells = self.view, Collector(self.view)
        measures = {
            "transformed_since": "Winkels met nu een andere functie",
            "new_since": "Geopend door wie nieuw is in de regio",
            "moved_in_since": "Geopend door wie van buiten de clusters kwam",
        }
        rows = [
            [title, *(cells.count(unit, view.last_year, measure) for unit in (self.cluster, INSIDE))]
            for measure, title in measures.items()
        ]
        since = f"{view.years[0]} tot en met {view.last_year}"
        return cells.table([f"Van {since}", *numeric(self.name, "Alle winkelclusters")], rows)

    @unless_silent
    def functions(self) -> Display:
        """List what is in the cluster, by function and branch, in the last year."""
        view, cells = self.view, Collector(self.view)
        rows = [
            [dutch.capital(word), cells.count(self.cluster, view.last_year, measure)]
            for measure, word in _FUNCTION_WORDS.items()
        ]
        return cells.table(["Functie", *numeric(f"Panden, {view.last_year}")], rows)

    @unless_silent
    def definitions(self) -> Display:
        """Say how was counted."""
        dataset = self.view.monitor.tables.dataset
        return markdown(
            f"{dataset.vacancy_definition} Een winkelier is nieuw in de regio als hij in geen eerder jaar in de telling stond. "
            "Hij kwam van buiten de clusters als hij daar een pand opgaf. Een winkel kreeg een andere functie als het pand een "
            "jaar eerder winkel was; wie zonder bericht uit de telling verdween, telt daarbij niet mee."
        )


def open_cluster(*, deal: str, year: int, cluster: str, theme: int) -> ClusterChapter:
    """Open the page of a shopping cluster over a year; UsageError when the register has no such cluster."""
    check_opened(cluster=cluster)
    view = open_view(deal=deal, year=year, theme=theme)
    if view.monitor is not None and cluster not in view.clusters:
        names = list(view.clusters)
        hint = did_you_mean(cluster, names) or f"There are: {', '.join(names)}."
        raise UsageError(f"The register of clusters has no {cluster!r}. {hint}")
    return ClusterChapter(view, cluster)
