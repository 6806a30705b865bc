"""What was agreed and what was done: results, approach elements, promises, milestones and projects of a theme."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from evaluation.chapters.context import Context, figure, path_number, progress_of, quantity
from evaluation.deal import Theme
from evaluation.indicators import Indicator
from evaluation.present import dutch
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable, FigureText, target_figure
from evaluation.present.tables import Column, join_lines, state_label, table
from evaluation.progress import (
    ElementState,
    MilestoneState,
    TargetProgress,
    element_states,
    group_progress,
    milestone_states,
)
from evaluation.results import Result

_STATES = ("planned", "started", "completed", "dropped", "none")
_CHAIN_WORDS = {"input": "inzet", "output": "prestatie", "condition": "voorwaarde", "outcome": "uitkomst"}


def show_goals(theme: Theme) -> Display:
    """List the goals of Art. 2 for a theme."""
    head = "Het doel van dit thema (artikel 2):" if len(theme.goals) == 1 else "De doelen van dit thema (artikel 2):"
    return markdown("\n".join([head, "", *(f"- {goal.text}" for goal in theme.goals)]))


def show_results(context: Context, theme: Theme) -> Display:
    """Set every intended result of Art. 3 beside what measures it and where that stands; or say that nothing does."""
    rows, numbers = [], []
    for intended in theme.results:
        words, found = _result_state(context, theme, intended.id)
        rows.append(
            [intended.id, join_lines([Markup("<strong>{}</strong>").format(intended.title), intended.text]), words]
        )
        numbers.extend(found)
    return table(
        ["Nr.", "Beoogd resultaat (artikel 3)", f"Stand {context.end_of_year}"],
        rows,
        results=numbers,
        source=f"Bron: {context.deal.name}, artikel 3; {context.record_note.removeprefix('Bron: ')}",
    )


def show_approach(context: Context, theme: Theme) -> Display:
    """List every approach element of Art. 4 with its state, its date and the projects that carry it out."""
    states = element_states(context.deal, context.programme, theme.id)
    rows = [
        [
            state.element.id,
            state.element.title,
            state_label(state.state),
            dutch.short_day(state.since),
            _evidence(state),
        ]
        for state in states
    ]
    return table(
        ["Nr.", "Onderdeel van de aanpak (artikel 4)", "Stand", "Sinds", "Waaruit dit blijkt"],
        rows,
        results=state_counts(context, str(theme.id), states),
        source=context.record_note,
    )


def state_counts(context: Context, theme: str, states: Sequence[ElementState]) -> list[Result]:
    """Count approach elements by state, as results."""
    counts = [
        context.record(theme, "aanpak", "onderdelen", name, sum(s.state == name for s in states), "count", "process")
        for name in _STATES
    ]
    return [*counts, context.record(theme, "aanpak", "onderdelen", "total", len(states), "count", "process")]


def approach_sentence(context: Context, theme: Theme) -> str:
    """Say how many elements are under way."""
    states = [state.state for state in element_states(context.deal, context.programme, theme.id)]
    begun, done, silent = states.count("started"), states.count("completed"), states.count("none")
    text = (
        f"Van de {dutch.count_word(len(states))} onderdelen van de aanpak {'was' if begun == 1 else 'waren'} er "
        f"{context.end_of_year} {dutch.count_or_none(begun)} begonnen en {dutch.count_or_none(done)} afgerond"
    )
    return f"{text}; van {dutch.count_word(silent)} is geen registratie." if silent else f"{text}."


def show_targets(context: Context, theme: Theme, figure_id: str) -> Display:
    """Draw every countable target and promise of a theme beside its path."""
    progress = [row for row in progress_of(context, theme=theme.id) if row.target.counted_from == "outputs"]
    if not progress:
        return markdown(
            "Voor dit thema zijn in de deal geen aantallen afgesproken; er is dus geen pad om langs te meten."
        )
    rows = [(row.target.title, row.delivered or 0.0, row.path, row.target.quantity) for row in progress]
    on_path = sum(row.position in ("op het pad", "voor op het pad", "doel bereikt") for row in progress)
    title = (
        f"{dutch.capital(context.end_of_year)} {'lag' if on_path < 2 else 'lagen'} "
        f"{dutch.count_or_none(on_path)} van de {dutch.count_word(len(rows))} "
        f"afgesproken aantallen op of voor op een recht pad naar het doel"
    )
    return target_figure(
        FigureText(
            figure_id=figure_id,
            title=title,
            measure=f"Geleverd tot en met {context.year}, pad en doel, in procenten van het doel",
            alt="Staafdiagram. " + " ".join(f"{_target_words(row)}." for row in progress),
            source=context.record_note,
            notes=("Het streepje is een recht pad van half 2019 naar het doel, een aanname; de ruit is het doel.",),
        ),
        rows,
        _target_table(progress),
        results=[number for row in progress for number in target_results(context, row)],
    )


def show_target_table(context: Context, theme: Theme) -> Display:
    """List every target and promise with delivered, path, target, and what the pace until now leads to."""
    progress = progress_of(context, theme=theme.id)
    if not progress:
        return markdown("De deal noemt voor dit thema geen aantallen.")
    data = _target_table(progress)
    results = [number for row in progress for number in target_results(context, row)]
    return table(list(data.columns), list(data.rows), results=results, source=context.record_note)


def target_results(context: Context, row: TargetProgress) -> list[Result]:
    """Record delivered, path, target, projection and position of one target."""
    theme, target = str(row.target.result).split(".")[0], row.target
    unit = target.unit_of_measure
    numbers = [
        context.agreement(theme, target.id, "doel", "target", target.quantity, unit, target.reference),
        context.path(theme, target.id, row.path, unit),
    ]
    if row.delivered is None:
        return numbers
    return [
        *numbers,
        context.record(theme, target.id, "geleverd", "value", row.delivered, unit),
        context.record(theme, target.id, "geleverd", "distance", row.distance, unit),
        context.record(theme, target.id, "geleverd", "projection", row.projection, unit),
    ]


def group_results(context: Context, theme: str, group: str, numbers: tuple[float, float, float, float]) -> list[Result]:
    """Record the sum of a group of targets."""
    delivered, path, total, projection = numbers
    return [
        context.agreement(theme, f"{group}-totaal", "doel", "target", total, "count", "Art. 3.2"),
        context.record(theme, f"{group}-totaal", "geleverd", "value", delivered, "count"),
        context.path(theme, f"{group}-totaal", path, "count"),
        context.record(theme, f"{group}-totaal", "geleverd", "projection", projection, "count"),
    ]


def groups_of(context: Context, theme: int) -> dict[str, tuple[float, float, float, float]]:
    """Sum the groups of targets of a theme (such as the 1.600 homes): delivered, path, target, projection."""
    progress = progress_of(context, theme=theme)
    names = dict.fromkeys(row.target.group for row in progress if row.target.group)
    return {name: group_progress(context.deal, progress, name, context.day) for name in names}


def show_milestones(context: Context, theme: Theme) -> Display:
    """Set the dated promises of a theme beside the day on which they were kept, where a record says so."""
    states = milestone_states(context.deal, context.programme, theme.id)
    if not states:
        return markdown("De deal noemt voor dit thema geen afspraken met een datum.")
    rows = [
        [s.milestone.title, s.milestone.due_text, milestone_words(context, s), s.milestone.reference] for s in states
    ]
    results = [
        context.record(theme.id, s.milestone.id, "mijlpaal", "days_after_due", _days_late(s), "days", "process")
        for s in states
        if s.done_on is not None
    ]
    return table(
        ["Afspraak", "Afgesproken voor", "Stand", "Artikel"], rows, results=results, source=context.record_note
    )


def milestone_words(context: Context, state: MilestoneState) -> str:
    """Say where a dated promise stands, in neutral words."""
    if state.done_on:
        late = _days_late(state)
        when = (
            "op tijd"
            if late <= 0
            else f"{dutch.plural(round(late / 30.4) or 1, 'maand', 'maanden')} na de afgesproken datum"
        )
        return f"gereed op {dutch.day(state.done_on)}, {when}"
    if state.milestone.due > context.day:
        return "nog niet aan de orde"
    return f"nog niet gereed {context.end_of_year}" if state.has_record else "geen registratie"


def show_next_year(context: Context) -> Display:
    """List what the deal asks in the year after, and what is still open from the years before."""
    states = milestone_states(context.deal, context.programme)
    coming = [s for s in states if s.milestone.due.year == context.year + 1 and s.done_on is None]
    late = [s for s in states if s.milestone.due <= context.day and s.done_on is None and s.has_record]
    targets = [row for row in progress_of(context) if row.target.by.year == context.year + 1]
    lines = [f"{s.milestone.title} ({s.milestone.due_text})" for s in coming]
    lines += [
        f"{row.target.title}: doel {quantity(row.target, row.target.quantity)}, {dutch.end_of(row.target.by)}"
        for row in targets
    ]
    lines += [f"Nog open uit eerdere jaren: {s.milestone.title} ({s.milestone.due_text})" for s in late]
    if not lines:
        return markdown(f"Voor {context.year + 1} noemt de deal geen afspraken met een datum.")
    return markdown("\n".join(f"- {dutch.capital(line)}" for line in lines))


def show_projects(context: Context, theme: Theme) -> Display:
    """List the projects of a theme with municipality, state, criteria and means."""
    mine = context.programme.projects[context.programme.projects["theme"] == theme.id]
    if mine.empty:
        return markdown("Voor dit thema staan geen projecten in de programmaregistratie.")
    means = ["rijk_eur", "provincie_eur", "gemeenten_eur", "corporaties_eur", "private_eur"]
    rows = [
        [
            str(project.project_id),
            project.title,
            _where(context, project.municipalities),
            state_label(project.state),
            ", ".join(project.approach),
            ", ".join(str(number) for number in project.criteria),
            dutch.euro(sum(getattr(project, name) for name in means)),
        ]
        for project in mine.itertuples()
    ]
    columns = ["Nr.", "Project", "Gemeente", "Stand", "Onderdeel", "Criteria", Column("Middelen", numeric=True)]
    results = [
        context.record(
            theme.id, "projecten", "projecten", state, int((mine["state"] == state).sum()), "count", "output"
        )
        for state in ("planned", "started", "completed", "dropped")
    ] + [
        context.record(
            theme.id,
            "middelen",
            str(project.project_id),
            "value",
            sum(getattr(project, name) for name in means),
            "EUR",
            "input",
        )
        for project in mine.itertuples()
    ]
    return table(columns, rows, results=results, source=context.record_note)


def show_other_outputs(context: Context, theme: Theme) -> Display:
    """List what was delivered towards results for which the deal names no number."""
    outputs = context.programme.outputs
    mine = outputs[outputs["target"].isna() & outputs["result"].map(lambda r: r.split(".")[0] == str(theme.id))]
    if mine.empty:
        return markdown("Naast de afgesproken aantallen zijn voor dit thema geen andere prestaties geregistreerd.")
    totals = mine.groupby(["result", "unit"], sort=True)["quantity"].sum()
    rows = [[result, unit, dutch.number(value)] for (result, unit), value in totals.items()]
    results = [
        context.record(
            theme.id, f"prestatie-{result_id}", unit.replace(" ", "-").replace(".", ""), "value", value, "count"
        )
        for (result_id, unit), value in totals.items()
    ]
    columns = ["Resultaat", "Wat is geleverd", Column(f"Aantal tot en met {context.year}", numeric=True)]
    return table(columns, rows, results=results, source=context.record_note)


def _result_state(context: Context, theme: Theme, result_id: str) -> tuple[Markup, list[Result]]:
    """Say where an intended result stands: by its targets, by its figures, or honestly not measured."""
    lines: list[str | Markup] = []
    progress = [row for row in progress_of(context, theme=theme.id, kind="result") if row.target.result == result_id]
    groups = {row.target.group for row in progress if row.target.group}
    for name, (delivered, path, total, _) in groups_of(context, theme.id).items():
        if name in groups:
            lines.append(f"{dutch.number(delivered)} van {dutch.number(total)} {name} (pad {dutch.number(path)})")
    lines.extend(_target_words(row) for row in progress)
    measured = [indicator for indicator in context.indicators.values() if result_id in indicator.results]
    with_figures = [indicator for indicator in context.headlines(theme.id) if indicator in measured]
    lines.extend(_indicator_words(context, indicator) for indicator in with_figures)
    has_value = bool(with_figures) or any(row.delivered is not None for row in progress)
    silent = [item.subject for item in context.not_measured if item.result == result_id]
    if with_figures and silent:
        lines.append(Markup("<em>Geen openbare statistiek meet:</em> {}.").format("; ".join(silent)))
    if not has_value:
        lines.append(Markup("<em>Niet gemeten.</em> {}").format(_no_figures(context, result_id, measured)))
    number = context.record(
        theme.id, f"resultaat-{result_id}", "resultaat", "is_measured", float(has_value), "flag", "outcome"
    )
    return join_lines(lines), [number]


def _no_figures(context: Context, result_id: str, measured: Sequence[Indicator]) -> str:
    """Say why a result has no figure: the statistics that are still to come, or what no statistic measures."""
    coming = list(dict.fromkeys(i.title for i in measured if not i.has_figures))
    if coming:
        return f"Nog geen cijfers ({'; '.join(coming)})."
    reasons = [item.reason for item in context.not_measured if item.result == result_id]
    return " ".join(reasons)


def _indicator_words(context: Context, indicator) -> str:
    frame = context.standing(indicator).set_index("unit")
    unit = context.region_unit
    if unit not in frame.index or frame.at[unit, "value"] != frame.at[unit, "value"]:
        return f"{dutch.capital(indicator.wording)}: geen cijfer over {context.year}"
    row = frame.loc[unit]
    text = f"{dutch.capital(indicator.wording)}: {figure(indicator, row['value'])}"
    if row["base"] == row["base"]:
        text += f" (in {indicator.baseline_year}: {figure(indicator, row['base'])})"
    return text


def _target_words(row: TargetProgress) -> str:
    target = row.target
    if row.delivered is None:
        start = f" (in {target.baseline.year}: {quantity(target, target.baseline.value)})" if target.baseline else ""
        return f"{target.title}: niet gemeten; doel {quantity(target, target.quantity)}{start}"
    return (
        f"{target.title}: {dutch.number(row.delivered)} van {quantity(target, target.quantity)} "
        f"(pad {path_number(target, row.path)}), {row.position}"
    )


def _target_table(progress: Sequence[TargetProgress]) -> FigureTable:
    columns = [
        Column("Afspraak"),
        Column("Geleverd", numeric=True),
        Column("Pad", numeric=True),
        Column("Doel", numeric=True),
        Column("Wanneer"),
        Column("Bij gelijk tempo", numeric=True),
        Column("Tegenover het pad"),
    ]
    rows = [
        [
            row.target.title,
            "niet gemeten" if row.delivered is None else dutch.number(row.delivered),
            path_number(row.target, row.path),
            ("ca. " if row.target.approximate else "") + quantity(row.target, row.target.quantity),
            dutch.end_of(row.target.by),
            path_number(row.target, row.projection),
            row.position,
        ]
        for row in progress
    ]
    return FigureTable(columns, rows)


def _where(context: Context, municipalities: Sequence[str]) -> str:
    """Name the municipalities of a project, or the region where it is in all of them."""
    whole = set(municipalities) == set(context.deal.municipality_names)
    return f"heel {context.region_name}" if whole else dutch.listing(municipalities)


def _evidence(state: ElementState) -> str:
    parts = []
    if state.projects:
        parts.append(f"{dutch.plural(len(state.projects), 'project', 'projecten')} ({', '.join(state.projects)})")
    if state.milestones_done:
        parts.append(dutch.plural(state.milestones_done, "mijlpaal gereed", "mijlpalen gereed"))
    if state.milestones_planned:
        parts.append(dutch.plural(state.milestones_planned, "mijlpaal open", "mijlpalen open"))
    if not parts and state.element.kind == "context":
        return "uitgangspunt van de aanpak, zonder eigen project of mijlpaal"
    return "; ".join(parts) or "geen project of mijlpaal geregistreerd"


def _days_late(state: MilestoneState) -> float | None:
    return None if state.done_on is None else float((state.done_on - state.milestone.due).days)
