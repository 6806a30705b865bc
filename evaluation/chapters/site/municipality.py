"""The page of a municipality on the site: what was done, delivered and paid there, and its own figures."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from evaluation.analysis.finance import deal_sources
from evaluation.base import dutch
from evaluation.base.errors import UsageError
from evaluation.chapters.context import check_opened, theme_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.site import portal as site
from evaluation.chapters.steps.statistics import panel_results, source_line
from evaluation.chapters.wording import figure
from evaluation.inputs.chapter_list import page_of
from evaluation.inputs.deal_parts import Municipality
from evaluation.inputs.indicators import Indicator
from evaluation.present.display import Display, lead, listed, markdown
from evaluation.present.results import Result
from evaluation.present.tables import Cell, numeric, state_label, table

_SILENT = {"withheld": "niet vrijgegeven", "missing": "geen cijfer"}


@on_desk
@dataclass(frozen=True, slots=True)
class MunicipalityPage:
    """The steps of the page of a municipality; what the reports count is taken over from them."""

    portal: site.Portal
    municipality: Municipality

    @property
    def _projects_here(self) -> pd.DataFrame:
        """The projects of which this is one of the municipalities, as known at the end of the last report's year."""
        projects = self.portal.context.programme.projects
        return projects[projects["municipalities"].map(lambda names: self.municipality.name in names).astype(bool)]

    def finding(self) -> Display:
        """Say what was done and delivered here, and how the first figure moved."""
        context, name = self.portal.context, self.municipality.name
        begun, done = (self._counts(measure)[-1] for measure in ("started", "completed"))
        parts = []
        if begun is not None and done is not None:
            parts.append(
                f"{dutch.capital(context.end_of_year)} waren in {name} {dutch.plural(done, 'project', 'projecten')} van de deal "
                f"afgerond en {dutch.number(begun)} begonnen{context.example_mark}."
            )
        for group in context.groups:
            count = self.portal.values(f"programma.{group}-in-gemeente.{self.municipality.code}", "value")[-1]
            if count is not None:
                parts.append(f"Er zijn {dutch.number(count)} {group} aangepakt{context.example_mark}.")
        parts += [text for indicator in self._headlines()[:1] if (text := self._compared(indicator))]
        results = self.portal.take(self._report_numbers(), years=[context.year])
        return lead(" ".join(parts), results)

    def by_year(self) -> Display:
        """Set projects, deliveries and payments of each year beside each other."""
        years, context = self.portal.years, self.portal.context
        rows: list[list[Cell]] = [
            ["Projecten begonnen, nog niet afgerond", *map(site.number_or_none, self._counts("started"))],
            ["Projecten afgerond", *map(site.number_or_none, self._counts("completed"))],
        ]
        results = self.portal.take(self._report_numbers())
        for title, measure, values in self._money():
            rows.append([title, *(dutch.million(value) for value in values)])
            subject = ("programma", "geld-in-gemeente", self.municipality.code)
            results += [
                context.record(*subject, measure, value, "EUR", "input", period=year)
                for year, value in zip(years, values, strict=True)
            ]
        columns = ["Stand aan het eind van", *numeric(*map(str, years))]
        return table(columns, rows, results=results, source=context.record_note)

    def deliveries(self) -> Display:
        """List what was delivered here of each agreed number, year by year; persons, households and firms are not told."""
        years, context = self.portal.years, self.portal.context
        rows: list[list[Cell]] = []
        results: list[Result] = []
        outputs = context.programme.outputs
        mine = outputs[outputs["municipality"] == self.municipality.name]
        protected = set(context.programme.counts["target"])
        for target in context.agreed.targets:
            if target.counted_from != "outputs" or target.id in protected:
                continue
            dated = mine[mine["target"] == target.id]
            ends = [pd.Timestamp(context.deal.last_day(year)) for year in years]
            values = [float(dated.loc[dated["date"] <= end, "quantity"].sum()) for end in ends]
            rows.append([site.target_name(target), *(dutch.number(value) for value in values)])
            subject = (theme_of(target), target.id, self.municipality.code)
            results += [
                context.record(*subject, "value", value, target.unit_of_measure, period=year)
                for year, value in zip(years, values, strict=True)
            ]
        if not rows:
            return markdown("De deal noemt geen aantallen die in de registratie per gemeente te tellen zijn.")
        columns = ["Afgesproken in de deal", *numeric(*map(str, years))]
        return table(columns, rows, results=results, source=context.record_note)

    def projects(self) -> Display:
        """List the projects here with theme, state and the other municipalities of each."""
        context, mine = self.portal.context, self._projects_here
        if mine.empty:
            return markdown(f"Voor {self.municipality.name} staan geen projecten in de programmaregistratie.")
        rows = []
        for project in mine.sort_values(["theme", "project_id"]).itertuples():
            theme = context.deal.theme(int(project.theme))
            others = [name for name in project.municipalities if name != self.municipality.name]
            everywhere = set(project.municipalities) == set(context.deal.municipality_names)
            where = f"heel {context.region_name}" if everywhere and others else dutch.listing(others) or "alleen hier"
            place = site.anchor(f"{page_of(theme)}.html", theme.short_title)
            rows.append([project.title, place, state_label(project.state), where])
        columns = ["Project", "Thema", f"Stand {context.end_of_year}", "Ook in"]
        return table(columns, rows, source=context.record_note)

    def indicators(self, figure_id: str) -> Display:
        """Draw the figures of the municipality beside the region and the province, all years under each other."""
        context = self.portal.context
        units = ((self.municipality.code, "municipality"), *context.line_units[:2])
        chosen = self._headlines()
        title = next((text for item in chosen if (text := self._compared(item))), "").rstrip(".")
        return site.show_indicators(context, chosen, units, figure_id, title)

    def standing(self) -> Display:
        """List the municipality's own figures: the base year, the last year, and the region and province beside it."""
        context, rows, results, used = self.portal.context, [], [], []
        units = (self.municipality.code, context.region_unit, context.benchmark_unit)
        beside = {item.companion for item in context.indicators.values()}
        for indicator in context.indicators.values():
            if not indicator.has_figures or indicator.id in beside or not indicator.results:
                continue
            frame, (base, last) = context.figures(indicator.id), context.years_of(indicator)
            shown = frame[frame["unit"].isin(units) & frame["period"].isin([base, last])]
            cells = shown.set_index(["unit", "period"])
            if (self.municipality.code, last) not in cells.index:
                continue
            before = "–" if base is None else f"{_cell(indicator, cells, units[0], base)} ({base})"
            now = [_cell(indicator, cells, unit, last) for unit in units]
            rows.append([dutch.capital(indicator.wording), before, f"{now[0]} ({last})", *now[1:]])
            results += panel_results(shown, indicator)
            used.append(shown)
        if not rows:
            return markdown(f"Voor {self.municipality.name} zijn in de verslagen geen cijfers opgenomen.")
        mine = [f"{self.municipality.name}, {when}" for when in ("basisjaar", "laatste jaar")]
        columns = ["Cijfer", *numeric(*mine, context.region_name, context.deal.region.benchmark.name)]
        first = next(iter(context.indicators.values()))
        return table(columns, rows, results=results, source=source_line(pd.concat(used), first))

    def caveats(self) -> Display:
        """Say what cannot be told for one municipality."""
        context, name = self.portal.context, self.municipality.name
        lines = [
            f"Of de deal in {name} verschil maakte, is niet te zeggen. De deal gaat over heel {context.region_name}, en in één "
            "gemeente zijn er te weinig gevallen om dat van toeval te onderscheiden.",
            "Een project in meer gemeenten telt in elk daarvan mee. De gemeenten samen zijn daarom meer dan het totaal van de deal.",
            "Het geld van een project in meer gemeenten is in de registratie niet over die gemeenten verdeeld. Het staat "
            "hierboven apart, voor het hele project.",
            "Wat niet aan één gemeente is toegewezen, zoals een regionale samenwerking, staat hier niet bij de aantallen.",
            "Kleine aantallen gaan van jaar op jaar op en neer. Kijk naar de lijn en niet naar één jaar.",
            "Een cijfer dat de uitgever niet vrijgeeft omdat het om te weinig gevallen gaat, blijft leeg; het is nergens geschat.",
        ]
        before = context.deal.region.formed_on.get(self.municipality.code)
        if before is not None:
            lines.append(
                f"{name} bestaat sinds {dutch.day(before)}. Cijfers van eerdere jaren zijn die van de gemeenten waaruit {name} is "
                "gevormd, samengenomen."
            )
        return markdown(listed(lines))

    def _counts(self, measure: str) -> list[float | None]:
        return self.portal.values(f"programma.projecten-in-gemeente.{self.municipality.code}", measure)

    def _report_numbers(self) -> list[tuple[str, str]]:
        code = self.municipality.code
        pairs = [(f"programma.projecten-in-gemeente.{code}", name) for name in ("started", "completed")]
        return [*pairs, *((f"programma.{group}-in-gemeente.{code}", "value") for group in self.portal.context.groups)]

    def _money(self) -> Iterator[tuple[str, str, list[float]]]:
        """Sum what Rijk and Regio paid until the end of each year: for projects only here, and for shared ones."""
        payments = self.portal.context.programme.payments
        paid = payments[
            (payments["kind"] == "payment") & payments["source"].isin(deal_sources(self.portal.context.deal))
        ]
        here = self._projects_here
        alone = here["municipalities"].map(len) == 1
        for title, measure, chosen in (
            ("Betaald aan projecten alleen hier", "paid_here", alone),
            ("Betaald aan projecten in meer gemeenten, het hele project", "paid_shared", ~alone),
        ):
            mine = paid[paid["project_id"].isin(here.loc[chosen, "project_id"])]
            ends = [pd.Timestamp(self.portal.context.deal.last_day(year)) for year in self.portal.years]
            yield title, measure, [float(mine.loc[mine["date"] <= end, "amount_eur"].sum()) for end in ends]

    def _headlines(self) -> list[Indicator]:
        """Return the indicators that stand for a theme and can be followed from year to year."""
        context = self.portal.context
        return [item for item in context.headlines() if site.has_a_line(context, item)]

    def _compared(self, indicator: Indicator) -> str | None:
        """Say a figure of the municipality beside that of the region; None where one of them is missing."""
        context = self.portal.context
        _, last = context.years_of(indicator)
        frame = context.figures(indicator.id)
        values = frame[frame["period"] == last].set_index("unit")["value"]
        own, region = (values.get(unit, float("nan")) for unit in (self.municipality.code, context.region_unit))
        if own != own or region != region:
            return None
        return (
            f"{dutch.capital(indicator.wording)}: {figure(indicator, own)} in {self.municipality.name} en "
            f"{figure(indicator, region)} in {context.region_name} in {last}."
        )


def open_municipality_page(*, deal: str, year: int, municipality: str) -> MunicipalityPage:
    """Open the page of a municipality (``GM0917``); UsageError for one outside the deal, others as of `open_portal`."""
    check_opened(municipality=municipality)
    portal = site.open_portal(deal, year)
    known = {item.code: item for item in portal.context.deal.region.municipalities}
    if municipality not in known:
        names = ", ".join(f"{code} ({item.name})" for code, item in known.items())
        raise UsageError(
            f"{portal.context.deal.name} has no municipality {municipality!r}; its municipalities are {names}."
        )
    return MunicipalityPage(portal, known[municipality])


def _cell(indicator: Indicator, cells: pd.DataFrame, unit: str, year: int) -> str:
    if (unit, year) not in cells.index:
        return _SILENT["missing"]
    row = cells.loc[(unit, year)]
    if row["value"] != row["value"]:
        return _SILENT.get(row["status"], _SILENT["missing"])
    return figure(indicator, row["value"]) + ("*" if row["status"] == "provisional" else "")
