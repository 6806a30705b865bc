"""The retail monitor of Art. 4.4c in the chapter on shops: inside and outside the shopping clusters, year by year."""

from dataclasses import dataclass
from itertools import chain, product

from evaluation.analysis.retail_measures import INSIDE, OUTSIDE, REGION
from evaluation.analysis.retail_monitor import Figure
from evaluation.base import dutch
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.steps.retail_view import NOTHING, Collector, RetailView, open_view, small_note, unless_silent
from evaluation.chapters.wording import year_span
from evaluation.inputs.chapter_list import CLUSTER_NOTEBOOK, list_chapters
from evaluation.inputs.deal_schema import Target
from evaluation.present.display import Display, link, markdown
from evaluation.present.figures import FigureTable, FigureText, bars_figure
from evaluation.present.tables import numeric, table

_PLAN_WORDS = {"hidden": "verborgen plancapaciteit", "announced": "aangekondigde plannen"}


@on_desk
@dataclass(frozen=True, slots=True)
class RetailChapter:
    """The steps of the retail monitor; each shows one thing and records the numbers in it."""

    view: RetailView

    def introduction(self) -> Display:
        """Say where the figures come from, and what may and may not be compared."""
        view = self.view
        if view.monitor is None:
            return markdown(f"{NOTHING} De winkelmonitor is daarom leeg.")
        if view.silence:
            return view.silence
        dataset = view.monitor.tables.dataset
        parts = [
            f"De winkelmonitor volgt alle winkelpanden{view.mark}, {year_span(view.years)}. {dataset.vacancy_definition}"
        ]
        if view.last_year < view.year:
            parts.append(f"De laatste telling is van {view.last_year}.")
        parts += [self._baseline_sentence(), small_note(view)]
        if view.monitor.tables.is_example:
            parts.append(
                "De panden en de projecten in dit hoofdstuk zijn twee aparte voorbeeldsets. Zij zijn niet op elkaar "
                "afgestemd: meters en ondernemers hier zijn andere dan die bij Doelbereik."
            )
        else:
            parts.append(
                "De winkelmonitor telt alle panden; bij Doelbereik staat alleen wat projecten van de deal opleverden. De "
                "aantallen zijn daarom niet gelijk."
            )
        return markdown(" ".join(part for part in parts if part))

    @unless_silent
    def vacancy(self, figure_id: str) -> Display:
        """Draw which share of the shops is vacant, inside and outside the clusters, year by year."""
        view, cells = self.view, Collector(self.view)
        rows = [[str(year), *(cells.vacancy(unit, year) for unit, _ in view.zones)] for year in view.years]
        sides = (("binnen", "region", INSIDE), ("buiten", "rest", OUTSIDE))
        values = {
            unit: [
                view.monitor.share((unit, "vacant"), (unit, "premises"), year, name="vacancy").value
                for year in view.years
            ]
            for _, _, unit in sides
        }
        told = " ".join(f"{row[0]}: {row[1]} binnen en {row[2]} buiten de winkelclusters." for row in rows)
        text = FigureText(
            figure_id=figure_id,
            title=f"Leegstand in {view.last_year}: {rows[-1][1]} binnen de winkelclusters en {rows[-1][2]} erbuiten",
            measure=f"Leegstaande winkels, % van de winkelpanden, {year_span(view.years)}{view.mark}",
            alt=f"Staafdiagram per jaar van de leegstand. {told}",
            source=cells.source(),
        )
        return bars_figure(
            text,
            [str(year) for year in view.years],
            [(f"{side} de winkelclusters", role, values[unit]) for side, role, unit in sides],
            FigureTable(["Jaar", *numeric(*(name for _, name in view.zones))], rows),
            suffix="%",
            results=cells.results,
        )

    @unless_silent
    def premises(self) -> Display:
        """List shops and vacant shops, inside and outside the clusters, in the first and the last year."""
        view, cells = self.view, Collector(self.view)
        places = product(view.zones, self._first_and_last())
        rows = [[f"{name}, {year}", *cells.shops(unit, year)] for (unit, name), year in places]
        return cells.table(["Gebied", *numeric("Winkels", "In gebruik", "Leeg", "Leeg, % van de winkels")], rows)

    @unless_silent
    def floor_space(self) -> Display:
        """List floor space and vacant floor space; wvo and bvo each on its own row, as they measure different things."""
        view, cells, years = self.view, Collector(self.view), self._first_and_last()
        rows = []
        for (area, word), (unit, name) in product((("wvo_m2", "wvo"), ("bvo_m2", "bvo")), view.zones):
            counts = ((cells.count(unit, y, "premises", area), cells.vacancy(unit, y, area)) for y in years)
            rows.append([f"{name}, {word}", *chain.from_iterable(counts)])
        titles = [title for year in years for title in (f"m², {year}", f"waarvan leeg, {year}")]
        note = (
            "Wvo is winkelvloer: waar klanten komen. Bvo is alle vloer binnen de buitenmuren. Zij zijn niet op te tellen en "
            "niet te vergelijken."
        )
        return cells.table(["Gebied en maat", *numeric(*titles)], rows, note=note)

    @unless_silent
    def concentration(self) -> Display:
        """List which share of what is in use lies inside the clusters, year by year."""
        view, cells = self.view, Collector(self.view)
        rows, pair = [], ((INSIDE, "occupied"), (REGION, "occupied"))
        for year in view.years:
            shares = [cells.share(*pair, year, "concentration", of) for of in ("count", "wvo_m2", "bvo_m2")]
            rows.append([str(year), *shares])
        return cells.table(["Jaar", *numeric("Winkels", "Winkelvloer (wvo)", "Vloer (bvo)")], rows)

    @unless_silent
    def transformed(self) -> Display:
        """List the shops that got another function, per year and together, with their floor space."""
        view, cells = self.view, Collector(self.view)
        units = [unit for unit, _ in view.zones]
        rows = [self._changed(cells, units, year, "transformed", str(year)) for year in view.years[1:]]
        rows.append(self._changed(cells, units, view.last_year, "transformed_since", f"Samen sinds {view.years[0]}"))
        columns = ["Jaar", *numeric("Binnen", "Buiten", view.region_name, "Wvo samen, m²", "Bvo samen, m²")]
        note = (
            "Een pand telt mee als het een jaar eerder winkel was en nu een andere functie heeft, of is gesloopt. De meters "
            "zijn die van het jaar ervoor. Een pand dat zonder bericht uit de telling verdween, telt niet mee."
        )
        return cells.table(columns, rows, note=note, total_row=True)

    @unless_silent
    def newcomers(self) -> Display:
        """List the shops that opened and closed inside and outside the clusters, and where who opened came from."""
        view, cells = self.view, Collector(self.view)
        rows = []
        for (unit, name), year in product(view.zones[:2], view.years[1:]):
            measures = ("opened", "new_to_region", "moved_from_outside", "left")
            counts = [cells.count(unit, year, measure) for measure in measures]
            rows.append([f"{name}, {year}", *counts, cells.net(unit, year)])
        since = [cells.count(INSIDE, view.last_year, measure) for measure in ("new_since", "moved_in_since")]
        rows.append([f"Binnen de winkelclusters, samen sinds {view.years[0]}", "–", *since, "–", "–"])
        titles = ["Geopend", "Nieuw in de regio", "Van buiten de clusters", "Gesloten of vertrokken", "Saldo"]
        columns = ["Gebied en jaar", *numeric(*titles)]
        note = (
            "Geopend: er zit een andere winkelier dan het jaar ervoor. Nieuw in de regio: die winkelier stond in geen eerder "
            "jaar in de telling. Van buiten de clusters: die gaf daar een pand op. Een extra vestiging of een verhuizing uit "
            "een cluster telt alleen bij geopend."
        )
        return cells.table(columns, rows, note=note, total_row=True)

    @unless_silent
    def clusters(self) -> Display:
        """List the clusters with shops and vacancy, and lead to the page of each priority cluster."""
        view, cells = self.view, Collector(self.view)
        tables, year = view.monitor.tables, view.last_year
        priority, centre = set(tables.priority_clusters), set(tables.clusters.query("is_main_centre")["cluster_id"])
        rows = []
        for unit, name in view.clusters.items():
            kind = "prioritair" if unit in priority else "hoofdcentrum" if unit in centre else "overig"
            rows.append([name, kind, *cells.shops(unit, year), cells.count(unit, year, "premises", "wvo_m2")])
        columns = ["Winkelcluster", "Soort", *numeric("Winkels", "In gebruik", "Leeg", "Leeg, %", "Wvo, m²")]
        return cells.table(columns, rows)

    @unless_silent
    def cluster_links(self) -> Display:
        """Lead to the page of each priority cluster."""
        pages = list_chapters([CLUSTER_NOTEBOOK], self.view.deal, self.view.monitor.tables)
        links = [link(page.title, f"{page.name}.html") for page in pages]
        if not links:
            return markdown("In het register staat geen prioritair winkelcluster.")
        return markdown(f"Elk prioritair winkelcluster heeft een eigen pagina: {dutch.listing(links)}.")

    @unless_silent
    def municipalities(self) -> Display:
        """List shops and vacancy by municipality."""
        view, cells = self.view, Collector(self.view)
        rows = [[place.name, *cells.shops(place.code, view.last_year)] for place in view.deal.region.municipalities]
        return cells.table(["Gemeente", *numeric("Winkels", "In gebruik", "Leeg", "Leeg, %")], rows)

    def plan_capacity(self) -> Display:
        """List by municipality how much floor space for shops plans still allow, year by year, where that may be shown."""
        view = self.view
        if view.monitor is None:
            return view.silence
        if not view.monitor.tables.dataset.may_publish_plans:
            return view.silence or markdown("Er is niet opgegeven dat de plancapaciteit openbaar mag worden.")
        frame = view.monitor.tables.plan_capacity
        if frame.empty:
            return markdown("Er is geen opgave van de plancapaciteit.")
        years = sorted(frame["year"].unique())
        rows, results = [], []
        for (kind, space), part in frame.groupby(["kind", "floor_space"]):
            grid = part.pivot(index="municipality", columns="year", values="m2").reindex(columns=years)
            grid = grid.reindex([municipality.code for municipality in view.deal.region.municipalities])
            grid.loc[REGION] = grid.sum(skipna=False)
            names = {m.code: m.name for m in view.deal.region.municipalities} | {REGION: view.region_name}
            for code, values in grid.iterrows():
                rows.append([f"{names[code]}, {_PLAN_WORDS[kind]}", space, *(dutch.number(value) for value in values)])
                for year, value in values.items():
                    figure = Figure(None, "missing") if value != value else Figure(float(value), "shown")
                    measure = (f"{kind}_{space}", "plancapaciteit", figure, "m2")
                    results.append(self.view.record(code, int(year), *measure))
        note = "Een streepje: van een gemeente is geen opgave ontvangen; dan is er ook geen totaal."
        columns = ["Gemeente", "Maat", *numeric(*(f"m², {year}" for year in years))]
        return table(columns, rows, results=results, source=f"{view.source} {note}")

    def _first_and_last(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys((self.view.years[0], self.view.last_year)))

    def _changed(self, cells: Collector, units: list[str], year: int, measure: str, title: str) -> list[str]:
        areas = (cells.count(REGION, year, measure, area) for area in ("wvo_m2", "bvo_m2"))
        return [title, *(cells.count(unit, year, measure) for unit in units), *areas]

    def _baseline_sentence(self) -> str:
        """Say whether the vacancy may be set beside the number that the deal names."""
        target = self._vacancy_target()
        if target is None or target.baseline is None:
            return ""
        named = f"De deal noemt een leegstand van {dutch.percentage(target.baseline.value)} in {target.baseline.year}"
        if self.view.monitor.tables.dataset.comparable_with_baseline:
            return f"{named}. Volgens de bron is de leegstand hier op dezelfde manier geteld."
        return (
            f"{named} en zegt niet hoe die is gemeten. De leegstand hier is daarom niet met dat getal te vergelijken."
        )

    def _vacancy_target(self) -> Target | None:
        """Find the target of this theme that a statistic measures in percent."""
        mine = [t for t in self.view.deal.targets if str(t.result).split(".")[0] == str(self.view.theme)]
        measured = (t for t in mine if t.counted_from == "indicator" and t.unit_of_measure == "pct")
        return next(measured, None)


def open_retail(*, deal: str, year: int, theme: int) -> RetailChapter:
    """Open the retail monitor over a year; its numbers are recorded under a theme of Art. 2."""
    return RetailChapter(open_view(deal=deal, year=year, theme=theme))
