"""Forecasts that were registered beforehand, beside the figures that came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from evaluation.analysis.forecast_scores import (
    EventScore,
    ForecastScore,
    calibrate,
    mean_brier,
    score_events,
    score_forecasts,
)
from evaluation.base import dutch
from evaluation.base.paths import data_dir
from evaluation.chapters.context import Context
from evaluation.chapters.steps import statistics
from evaluation.chapters.wording import figure as written
from evaluation.inputs.indicators import Indicator
from evaluation.inputs.registrations import (
    METHODS,
    Forecast,
    IndicatorForecast,
    Registered,
    list_registrations,
    read_registration,
)
from evaluation.present.display import Display, lead, markdown
from evaluation.present.figures import FigureTable, FigureText
from evaluation.present.forecast_figures import Drawn, forecast_figure
from evaluation.present.results import Result, result
from evaluation.present.tables import Cell, numeric, table
from evaluation.statistics.panels import region_panel

NOTHING = "Voor een deal die op deze volgt, zijn geen voorspellingen vastgelegd."
_METHOD_WORDS = {"own_trend": "eigen trend", "comparison": "andere gebieden"}
_EDGES = ("low80", "high80", "low95", "high95")


@dataclass(frozen=True, slots=True)
class Plan:
    """A registration with the figures of its region as they are now, and its scores."""

    registered: Registered
    panel: pd.DataFrame
    scores: list[ForecastScore]
    events: list[EventScore]

    @property
    def day(self) -> str:
        """The day of the registration in words."""
        return dutch.day(self.registered.content.registered_on)

    def figures(self, indicator: str) -> pd.DataFrame:
        """Return the known figures of the region, by year."""
        rows = self.panel[(self.panel["indicator"] == indicator) & self.panel["value"].notna()]
        return rows[rows["unit"] == self.registered.content.unit].sort_values("period")


def read_plan(context: Context) -> Plan | None:
    """Read the first registration of the last deal that has the region and the indicators of this one; None without."""
    folders = sorted(path for path in (data_dir() / "plans").glob("*") if path.is_dir())
    firsts = [paths[0] for folder in folders if (paths := list_registrations(folder.name))]
    found = [read_registration(path, today=date.max) for path in firsts]
    mine = [item for item in found if item.content.agreement == context.deal.id]
    if not mine:
        return None
    registered = max(mine, key=lambda item: item.content.signed_on)
    panel = region_panel(context.deal)
    content = registered.content
    return Plan(registered, panel, score_forecasts(content, panel), score_events(content, panel))


def forecasts_in_sight(context: Context, plan: Plan) -> list[str]:
    """Choose the indicators whose forecasts are drawn: of each theme one.

    Those of the designs that the deal is judged by come first, then the figures that stand for a theme.
    """
    forecasts, designs = plan.registered.content.forecasts, plan.registered.content.designs
    judged = sorted(designs, key=lambda name: not designs[name].primary)
    named = [name for name in (*judged, *(item.id for item in context.headlines())) if name in forecasts]
    of_theme: dict[int, str] = {}
    for name in named:
        if name in context.indicators:
            of_theme.setdefault(context.indicators[name].theme, name)
    return list(of_theme.values())


def forecast_finding(context: Context) -> Display:
    """Say what was registered, when, and how many forecasts held of those whose figure came; nothing without a plan.

    That there is none, `show_forecast` says in the place of the figures.
    """
    plan = read_plan(context)
    if plan is None:
        return markdown("")
    content = plan.registered.content
    told = [
        f"Op {plan.day} zijn voorspellingen vastgelegd van {dutch.plural(len(content.forecasts), 'cijfer', 'cijfers')} voor "
        f"{content.years[0]} tot en met {content.years[-1]}.",
        f"Dat zijn jaren van een volgende deal ({content.deal_name}), getekend op {dutch.day(content.signed_on)}.",
    ]
    counted = [item for item in plan.scores if not item.is_known]
    if not counted:
        told.append("Van die jaren is sindsdien nog geen cijfer verschenen.")
        return lead(" ".join(told))
    numbers: list[Result] = []
    last = max(item.year for item in counted)
    for method, found in calibrate(plan.scores).items():
        inside = [round(100 * (share or 0), 1) for share in (found.inside80, found.inside95)]
        told.append(
            f"Van {found.scored} voorspellingen uit de {_METHOD_WORDS[method]} ligt {dutch.number(inside[0])}% binnen de marge van "
            f"80%, en {dutch.number(inside[1])}% binnen die van 95%."
        )
        numbers += [
            _summed(plan, f"{method}_{name}", value, unit, last)
            for name, value, unit in (
                ("scored", found.scored, "count"),
                ("inside80", inside[0], "pct"),
                ("inside95", inside[1], "pct"),
            )
        ]
    if (brier := mean_brier(plan.events)) is not None:
        told.append(f"De Brierscore van de kansen is {dutch.number(brier, 2)}; steeds 50% zeggen geeft 0,25.")
        numbers.append(_summed(plan, "brier", brier, "score", last))
    return lead(" ".join(told), numbers)


def show_forecast(context: Context, indicator: str | int, figure_id: str) -> Display:
    """Draw an indicator of the region with its registered forecasts, and what came.

    `indicator` is its id, or its place from 1 among those of `forecasts_in_sight`.
    """
    plan = read_plan(context)
    indicator = _named(context, plan, indicator)
    item = plan.registered.content.forecasts.get(indicator) if plan else None
    known = context.indicators.get(indicator)
    if plan is None or item is None or known is None:
        return markdown(NOTHING if plan is None else "Van dit cijfer is geen voorspelling vastgelegd.")
    rows, name = plan.figures(indicator), context.region_name
    if rows.empty:
        return markdown("Van dit cijfer is er voor deze regio geen reeks meer.")
    years = [int(year) for year in rows["period"]]
    came = dict(zip(years, map(float, rows["value"]), strict=True))
    own, other = item.own_trend, item.comparison
    last, first = max(own), min(own)
    drawn = Drawn(
        years,
        list(came.values()),
        [(year, told.point, *(getattr(told, edge) for edge in _EDGES)) for year, told in own.items()],
        [(year, told.point) for year, told in other.items()],
        known.decimals,
    )
    title = (
        f"Voorspeld voor {last}: {written(known, own[last].point)} uit de eigen trend, met een marge van 95% van "
        f"{written(known, own[last].low95)} tot {written(known, own[last].high95)}"
    )
    labels = (name, "voorspelling: eigen trend", "voorspelling: andere gebieden")
    later = [year for year in years if year >= first]
    alt = f"Lijnfiguur van {known.wording} in {name}, {years[0]} tot en met {years[-1]}, met voorspellingen tot en met {last}. {title}."
    notes = (
        f"Vastgelegd op {plan.day}, met cijfers tot en met {item.last}. Een voorspelling is geen doel.",
        f"Het donkere vlak is de marge van 80%, het lichte die van 95%, van de eigen trend: zo ver lagen zulke voorspellingen er eerder hoogstens naast, in {item.regions} gebieden.",
        *([_wide(known)] if any(told.extended for told in own.values()) else []),
        *([_known_words(item)] if item.known_at_registration else []),
    )
    return forecast_figure(
        FigureText(
            figure_id=figure_id,
            title=title,
            measure=f"{dutch.capital(known.wording)}, {years[0]}–{max(last, years[-1])}",
            alt=alt,
            source=statistics.source_line(rows, known),
            notes=notes,
        ),
        drawn,
        labels,
        FigureTable(
            ["Jaar", *numeric("Cijfer", *_forecast_heads())],
            [[str(year), written(known, came[year]), *[""] * 6] for year in years if year < first]
            + [[str(year), _came_words(known, came.get(year)), *_forecast_cells(known, item, year)] for year in own],
        ),
        results=[
            *statistics.panel_results(rows, known),
            *_forecast_results(plan, known, item, list(own)),
            *_inside(plan, known, later),
        ],
    )


def _named(context: Context, plan: Plan | None, indicator: str | int) -> str:
    """Return the id of an indicator that is named by its place in the plan; nothing for a place beyond the last."""
    if isinstance(indicator, str):
        return indicator
    chosen = forecasts_in_sight(context, plan) if plan else []
    return chosen[indicator - 1] if indicator <= len(chosen) else ""


def show_forecasts(context: Context) -> Display:
    """List every registered forecast of the last year, and what came of the last year that has a figure."""
    plan = read_plan(context)
    if plan is None:
        return markdown(NOTHING)
    content, rows, numbers = plan.registered.content, [], []
    last = content.years[-1]
    for name, item in content.forecasts.items():
        known = context.indicators.get(name)
        if known is None:
            continue
        figures = plan.figures(name)
        before = figures[figures["period"] == item.last]
        scored = [score for score in plan.scores if score.indicator == name and score.method == "own_trend"]
        shown = [last, *([scored[-1].year] if scored else [])]
        numbers += [*_forecast_results(plan, known, item, shown), *statistics.panel_results(before, known)]
        numbers += statistics.panel_results(figures[figures["period"].isin(shown)], known)
        row: list[Cell] = [dutch.capital(item.wording), f"{written(known, item.last_value)} ({item.last})"]
        for method in METHODS:
            told = item.by(method)[last]
            row.append(f"{written(known, told.point)} ({_margin(known, told, 80)})")
        rows.append([*row, _score_words(known, item, scored)])
    heads = [f"Voorspelling {last}: {words} (marge 80%)" for words in _METHOD_WORDS.values()]
    columns = ["Cijfer", *numeric("Laatste cijfer", *heads), "Wat het werd"]
    source = f"Vastgelegd op {plan.day}: data/plans/{content.deal}, sha256 {plan.registered.sha256[:12]}."
    return table(columns, rows, results=numbers, source=source)


def _score_words(known: Indicator, item: IndicatorForecast, scored: Sequence[ForecastScore]) -> str:
    """Say what came of the last year with a figure, and whether it lay in the margins of the own trend."""
    if not scored:
        return "nog geen cijfer"
    last = scored[-1]
    place = "binnen 80%" if last.inside80 else "buiten 80%, binnen 95%" if last.inside95 else "buiten 95%"
    told = f"{written(known, last.came)} in {last.year}: {place}"
    marks = [*(["was al bekend"] if last.is_known else []), *(["reeks sindsdien herzien"] if last.is_revised else [])]
    return f"{told} ({', '.join(marks)})" if marks else told


def _forecast_heads() -> list[str]:
    return [head for words in _METHOD_WORDS.values() for head in (f"Voorspelling: {words}", "Marge 80%", "Marge 95%")]


def _forecast_cells(known: Indicator, item: IndicatorForecast, year: int) -> list[Cell]:
    cells: list[Cell] = []
    for method in METHODS:
        told = item.by(method)[year]
        cells += [written(known, told.point), _margin(known, told, 80), _margin(known, told, 95)]
    return cells


def _margin(known: Indicator, told: Forecast, level: int) -> str:
    low, high = (written(known, getattr(told, f"{side}{level}")) for side in ("low", "high"))
    return f"{low} tot {high}"


def _came_words(known: Indicator, value: float | None) -> str:
    return "nog niet bekend" if value is None else written(known, value)


def _wide(known: Indicator) -> str:
    return f"De reeks van {known.wording} is te kort om zo ver vooruit te proberen: de marge is daarom verbreed."


def _known_words(item: IndicatorForecast) -> str:
    years = dutch.listing([str(year) for year in item.known_at_registration])
    return f"Het cijfer van {years} was al bekend toen de voorspelling werd vastgelegd; het telt niet mee."


def _forecast_results(plan: Plan, known: Indicator, item: IndicatorForecast, years: Sequence[int]) -> list[Result]:
    """Record the forecasts of some years: of each method the forecast and the ends of its margins."""
    content, numbers = plan.registered.content, []
    origin = f"vastgelegde voorspelling, data/plans/{content.deal}"
    for year in sorted(set(years)):
        for method in METHODS:
            told = item.by(method)[year]
            values = {"": told.point} | {f"_{edge}": getattr(told, edge) for edge in _EDGES}
            for name, value in values.items():
                subject = (known.theme, known.id, content.unit, f"forecast_{method}{name}")
                kind = (value, known.unit_of_measure, known.chain)
                day = content.registered_on.isoformat()
                numbers.append(result(*subject, *kind, period=year, status="computed", source=origin, vintage=day))
    return numbers


def _inside(plan: Plan, known: Indicator, years: Sequence[int]) -> list[Result]:
    """Record whether what came lay in the margins of each method."""
    content = plan.registered.content
    origin = f"vastgelegde voorspelling, data/plans/{content.deal}"
    return [
        result(
            *(known.theme, known.id, content.unit, f"forecast_{score.method}_in{level}"),
            *(float(inside), "none", known.chain),
            period=score.year,
            status="computed",
            source=origin,
            vintage=content.registered_on.isoformat(),
        )
        for score in plan.scores
        if score.indicator == known.id and score.year in years
        for level, inside in ((80, score.inside80), (95, score.inside95))
    ]


def _summed(plan: Plan, measure: str, value: float, unit: str, year: int) -> Result:
    content = plan.registered.content
    subject = ("programma", "voorspellingen", content.unit, f"forecast_{measure}")
    origin = f"vastgelegde voorspelling, data/plans/{content.deal}"
    day = content.registered_on.isoformat()
    return result(*subject, value, unit, "process", period=year, status="computed", source=origin, vintage=day)
