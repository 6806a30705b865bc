"""What was agreed and what was done: results, approach elements, dated promises and projects of a theme."""

from collections.abc import Sequence

from markupsafe import Markup

from evaluation.analysis.progress import ElementState, MilestoneState, milestone_states
from evaluation.base import dutch
from evaluation.base.text import identity_slug
from evaluation.chapters.context import Context, each_once, progress_of
from evaluation.chapters.steps.targets import goal_words, groups_of, target_words
from evaluation.chapters.wording import WITHHELD, amount, figure, full_name, silence
from evaluation.inputs.deal_parts import IntendedResult, Theme
from evaluation.inputs.indicators import Indicator
from evaluation.inputs.records.deliveries import delivered as add_up
from evaluation.inputs.records.firm_amounts import FIRMS
from evaluation.inputs.records.programme import means_of
from evaluation.present.display import Display, listed, markdown
from evaluation.present.results import Result
from evaluation.present.tables import Column, join_lines, numeric, state_label, table
from evaluation.statistics.panels import PRIVATE_NOTE

_STATES = ("planned", "started", "completed", "dropped", "none")

_FEW_OUTCOMES = 3
"""More than these beside what stands for a theme would hide it."""

_ONLY_CONDITIONS = "Dit gaat over een voorwaarde; een cijfer over de uitkomst is er nog niet."
_BEFORE_THE_DEAL = "Dit cijfer is van vóór de deal; een later cijfer is er nog niet."
_COMPLETED_NOTE = (
    "Afgerond wil zeggen: alle geregistreerde projecten en mijlpalen van het onderdeel zijn afgerond. Het onderdeel zelf "
    "kan doorlopen."
)


def show_goals(context: Context, theme: Theme) -> Display:
    """List the goals of a theme."""
    if not theme.goals:
        return markdown(f"De doelen van {context.this_theme} zijn voor dit verslag niet vastgelegd.")
    article = context.deal.articles.beside("goals")
    head = f"{'Het doel' if len(theme.goals) == 1 else 'De doelen'} van {context.this_theme}{article}:"
    return markdown(f"{head}\n\n{listed(goal.text for goal in theme.goals)}")


def show_results(context: Context, theme: Theme) -> Display:
    """Set every intended result beside what measures it and where that stands; or say that nothing does."""
    rows, numbers = [], []
    shown = {item.id: item for intended in theme.results for item in _shown_beside(_measuring(context, intended.id))}
    for intended in theme.results:
        words, flags = _result_state(context, theme, intended)
        title = Markup("<strong>{}</strong>").format(intended.title)
        rows.append([intended.id, join_lines([title, intended.text]), words])
        numbers += flags
    columns = ["Nr.", f"Beoogd resultaat{context.deal.articles.beside('results')}", f"Stand {context.end_of_year}"]
    measured = context.mixed_note(list(shown.values())).removeprefix("Bron: ")
    return table(columns, rows, results=numbers, source=f"Bron: {context.cited('results')}; {measured}")


def show_approach(context: Context, theme: Theme) -> Display:
    """List every approach element with its state, its date and the projects that carry it out."""
    states = context.elements(theme.id)
    if not states:
        words = f"De onderdelen van de aanpak van {context.this_theme} zijn voor dit verslag niet vastgelegd."
        return markdown(words, state_counts(context, str(theme.id), states))
    evidence = [number for state in states for number in _evidence_results(context, theme, state)]
    rows = [
        [s.element.id, s.element.title, state_label(s.state), dutch.short_day(s.since), _evidence(s)] for s in states
    ]
    article = context.deal.articles.beside("approach")
    columns = [
        "Nr.",
        f"Onderdeel van de aanpak{article}",
        "Stand",
        Column("Sinds", empty="van geen onderdeel is een dag geregistreerd"),
        "Waaruit dit blijkt",
    ]
    results = [*state_counts(context, str(theme.id), states), *evidence]
    return table(columns, rows, results=results, source=f"{context.record_note} {_COMPLETED_NOTE}")


def state_counts(context: Context, theme: str, states: Sequence[ElementState]) -> list[Result]:
    """Count approach elements by state, as results."""
    counts = {name: sum(s.state == name for s in states) for name in _STATES} | {"total": len(states)}
    return context.records((theme, "aanpak", "onderdelen"), counts, "count", "process")


def approach_sentence(context: Context, theme: Theme) -> str:
    """Say how many elements are under way."""
    states = [state.state for state in context.elements(theme.id)]
    begun, done, silent = states.count("started"), states.count("completed"), states.count("none")
    if not states:
        return f"Van de aanpak van {context.this_theme} zijn geen onderdelen vastgelegd."
    whole, end = dutch.count_word(len(states)), dutch.capital(context.end_of_year)
    if len(states) == 1:
        word = "afgerond" if done else "begonnen" if begun else "nog niet begonnen"
        return f"{end} was het onderdeel van de aanpak {word}{context.example_mark}."
    if begun + done == 0:
        text = f"{end} was nog geen van de {whole} onderdelen van de aanpak begonnen"
    elif begun == len(states):
        text = f"{end} waren alle {whole} onderdelen van de aanpak begonnen; nog geen was afgerond"
    else:
        text = (
            f"{end} {'was' if done == 1 else 'waren'} van de {whole} onderdelen van de aanpak er "
            f"{dutch.count_word(done) if done else 'nog geen'} afgerond en {dutch.count_or_none(begun)} begonnen"
        )
    rest = f"; van {dutch.count_word(silent)} is geen registratie" if silent else ""
    return f"{text}{rest}{context.example_mark}."


def show_milestones(context: Context, theme: Theme) -> Display:
    """Set the dated promises of a theme beside the day on which they were kept, where a record says so."""
    states = milestone_states(context.deal, context.programme, theme.id)
    if not states:
        return markdown(f"De deal noemt voor {context.this_theme} geen afspraken met een datum.")
    results = [
        context.record(theme.id, s.milestone.id, "mijlpaal", "days_after_due", _days_late(s), "days", "process")
        for s in states
        if s.done_on is not None
    ]
    return milestone_table(context, states, results)


def milestone_table(context: Context, states: Sequence[MilestoneState], results: Sequence[Result] = ()) -> Display:
    """List dated promises with the date that was agreed and where they stand."""
    rows = [milestone_cells(context, state) for state in states]
    columns = ["Afspraak", "Afgesproken voor", "Stand", "Artikel"]
    return table(columns, rows, results=results, source=context.record_note)


def milestone_cells(context: Context, state: MilestoneState) -> list[str]:
    """Write a dated promise: what, agreed for when, where it stands, and its article."""
    milestone = state.milestone
    return [milestone.title, milestone.due_text, _milestone_words(context, state), milestone.reference]


def _milestone_words(context: Context, state: MilestoneState) -> str:
    """Say where a dated promise stands, in neutral words; a date that is our reading of the text is called that."""
    milestone = state.milestone
    if state.done_on:
        when = "op tijd"
        if (days := _days_late(state)) > 0:
            months = int(days // 30.44)  # whole months of average length: a promise is seldom made for a day
            late = dutch.plural(months, "maand", "maanden") if months else "minder dan een maand"
            reading = " (onze lezing van de tekst)" if milestone.due_note else ""
            when = f"{late} na {dutch.day(milestone.due)}{reading}"
        return f"gedaan op {dutch.day(state.done_on)}, {when}"
    if milestone.due > context.day:
        return f"de dag ligt na {dutch.day(context.day)}"
    return f"nog niet gedaan {context.end_of_year}" if state.has_record else "geen registratie"


def show_next_year(context: Context) -> Display:
    """List what the deal asks in the years after, where its targets stand, and what is still open from before."""
    states = milestone_states(context.deal, context.programme)
    coming = [s for s in states if s.milestone.due.year == context.year + 1 and s.done_on is None]
    late = [s for s in states if s.milestone.due <= context.day and s.done_on is None and s.has_record]
    lines = [_milestone_line(state) for state in coming]
    for theme in context.deal.themes:
        for name, (delivered, _, total, _) in groups_of(context, theme.id).items():
            by = max(target.by for target in context.agreed.targets if target.group == name)
            if (delivered is None or delivered < total) and by > context.day:
                lines.append(
                    f"{name}: nu {amount(delivered)}{context.example_mark}, doel {dutch.number(total)} {dutch.end_of(by)}"
                )
    for row in progress_of(context):
        if row.target.group or row.target.by <= context.day or row.position == "doel bereikt":
            continue
        silent = WITHHELD if row.is_withheld else silence(row.target)
        now = silent if row.delivered is None else f"nu {dutch.number(row.delivered)}{context.example_mark}"
        lines.append(f"{row.target.title}: {now}, doel {goal_words(row.target)} {dutch.end_of(row.target.by)}")
    if context.year >= context.deal.term.last_year:
        last = context.deal.articles.final_evaluation
        lines += [f"{duty.title} (artikel {duty.id})" for duty in context.deal.duties if duty.id == last]
    lines += [f"nog open uit eerdere jaren: {_milestone_line(state)}" for state in late]
    if not lines:
        return markdown(
            "De deal noemt voor het jaar erna geen afspraken met een datum, en geen aantallen die nog lopen."
        )
    return markdown(listed(map(dutch.capital, lines)))


def _milestone_line(state: MilestoneState) -> str:
    """Name a dated promise, with its date where the text gives one."""
    text = state.milestone.due_text
    return state.milestone.title if text.startswith("elk jaar") else f"{state.milestone.title} ({text})"


def show_projects(context: Context, theme: Theme) -> Display:
    """List the projects of a theme with municipality, state, criteria and means."""
    mine = context.programme.projects[context.programme.projects["theme"] == theme.id]
    if mine.empty:
        return markdown(f"Voor {context.this_theme} staan geen projecten in de programmaregistratie.")
    means = [column for column, source in means_of(context.deal.funders).items() if source != FIRMS]
    amounts = [sum(row) for row in mine[means].itertuples(index=False)]
    rows = []
    for project, own in zip(mine.itertuples(), amounts, strict=True):
        is_everywhere = set(project.municipalities) == set(context.deal.municipality_names)
        place = f"heel {context.region_name}" if is_everywhere else dutch.listing(project.municipalities)
        phase = getattr(project, "phase", None)
        state = (
            join_lines([state_label(project.state), phase]) if isinstance(phase, str) else state_label(project.state)
        )
        basis = [state, ", ".join(project.approach), ", ".join(map(str, project.criteria))]
        rows.append([str(project.project_id), project.title, place, *basis, dutch.euro(own)])
    basis = (Column(name, empty="bij geen project is er een geregistreerd") for name in ("Onderdeel", "Criteria"))
    heads = ["Nr.", "Project", "Gemeente", "Stand", *basis]
    columns = [*heads, *numeric("Middelen, zonder private partijen")]
    counts = {state: int((mine["state"] == state).sum()) for state in _STATES[:-1]}
    results = context.records((theme.id, "projecten", "projecten"), counts, "count") + [
        context.record(theme.id, "middelen", row[0], "value", own, "EUR", "input")
        for row, own in zip(rows, amounts, strict=True)
    ]
    return table(columns, rows, results=results, source=context.record_note)


def show_other_outputs(context: Context, theme: Theme) -> Display:
    """List what was delivered towards results for which the deal names no number; spellings of a unit are one unit."""
    everything = add_up(context.programme)
    is_mine = everything["result"].map(lambda result: result.split(".")[0] == str(theme.id)).astype(bool)
    mine = everything[(everything["target"] == "") & is_mine]
    if mine.empty:
        return markdown(
            f"Naast de afgesproken aantallen zijn voor {context.this_theme} geen andere prestaties geregistreerd."
        )
    rows = [[row.result, row.unit, amount(row.quantity)] for row in mine.itertuples()]
    results = [
        context.record(
            *(theme.id, f"prestatie-{row.result}", identity_slug(row.unit), "value", row.quantity, "count"),
            withheld=row.is_withheld,
        )
        for row in mine.itertuples()
    ]
    columns = ["Resultaat", "Wat is geleverd", *numeric(f"Aantal tot en met {context.until}")]
    return table(columns, rows, results=results, source=context.count_note)


def _result_state(context: Context, theme: Theme, intended: IntendedResult) -> tuple[Markup, list[Result]]:
    """Say where an intended result stands: by its targets, by its figures, or honestly not measured."""
    result_id = intended.id
    lines: list[str | Markup] = []
    mine = [row for row in progress_of(context, theme=theme.id) if row.target.kind == "result"]
    progress = [row for row in mine if row.target.result == result_id]
    groups = {row.target.group for row in progress if row.target.group}
    for name, (delivered, path, total, _) in groups_of(context, theme.id).items():
        if name in groups:
            lines.append(f"{amount(delivered)} van {dutch.number(total)} {name} (pad {dutch.number(path)})")
    lines.extend(target_words(row) for row in progress)
    measured = _measuring(context, result_id)
    with_figures = _shown_beside(measured)
    lines.extend(_indicator_words(context, indicator) for indicator in with_figures)
    has_record = any(row.delivered is not None or row.is_withheld for row in progress)
    silent = [item for item in context.not_measured if item.result == result_id]
    coming = list(dict.fromkeys(item.title for item in measured if not item.has_figures))
    outcomes = [item for item in with_figures if item.chain == "outcome"]
    telling = [item for item in outcomes if _has_figure_since(context, item, context.deal.term.base_year)]
    if with_figures and not telling:
        is_private = any((context.figures(item.id)["note"] == PRIVATE_NOTE).any() for item in outcomes)
        why = PRIVATE_NOTE if is_private else _BEFORE_THE_DEAL if outcomes else _ONLY_CONDITIONS
        lines.append(Markup("<em>{}</em>").format(why))
    if with_figures and coming:
        lines.append(Markup("<em>Er is een bron, maar nog geen cijfers:</em> {}.").format("; ".join(coming)))
    if with_figures and silent:
        subjects = "; ".join(item.subject for item in silent)
        lines.append(Markup("<em>Geen openbare statistiek meet:</em> {}.").format(subjects))
    if not with_figures and not has_record:
        why = f"Er is een bron, maar nog geen cijfers in dit rapport ({'; '.join(coming)})." if coming else ""
        is_told = any(row.target.baseline is not None for row in progress)  # its line says why there is no number
        word = Markup("") if is_told else Markup("<em>Niet gemeten.</em> ")
        lines.append(word + Markup("{}").format(why or " ".join(item.reason for item in silent)))
    lines += _quoted(context, result_id)
    beside = [item for item in measured if item.has_figures and item not in telling]
    flags = [
        _is_measured(context, theme, intended, telling, has_record),
        _context_flag(context, theme, intended, beside),
        _source_flag(context, theme, intended, [item for item in measured if not item.has_figures]),
    ]
    return join_lines(lines), flags


def _has_figure_since(context: Context, indicator: Indicator, year: int) -> bool:
    """Tell whether the region (or the area that stands for it) has a figure of this year or later; a withheld one is none."""
    rows = context.figures(indicator.id)
    return bool(((rows["unit"] == context.unit_of(indicator)) & (rows["period"] >= year) & rows["value"].notna()).any())


def has_numbers(context: Context, result_id: str) -> bool:
    """Tell whether anything is counted or measured of an intended result: by the records, or by any figure."""
    counted = any(
        row.delivered is not None or row.is_withheld for row in context.progress if row.target.result == result_id
    )
    measured = (context.figures(item.id)["value"].notna().any() for item in _measuring(context, result_id))
    return counted or any(measured)


def _measuring(context: Context, result_id: str) -> list[Indicator]:
    return [indicator for indicator in context.indicators.values() if result_id in indicator.results]


def _shown_beside(measured: Sequence[Indicator]) -> list[Indicator]:
    """Choose what stands beside a result: what stands for the theme, with a few other outcomes, else everything.

    Counts that are shown with a rate are left out.
    """
    with_figures = [item for item in measured if item.has_figures]
    beside = {item.companion for item in with_figures}
    mine = [item for item in with_figures if item.id not in beside]
    headlines = [item for item in mine if item.headline]
    others = [item for item in mine if item.chain == "outcome" and not item.headline]
    return mine if not headlines else [*headlines, *(others if len(others) <= _FEW_OUTCOMES else [])]


def _is_measured(
    context: Context, theme: Theme, intended: IntendedResult, telling: Sequence[Indicator], has_record: bool
) -> Result:
    """Record whether an intended result is measured (1 or 0), with the statistics or the records that do so.

    What measures it is an outcome with a figure from the deal's base year on; a condition, or a figure from before the
    deal, stands beside the result and does not measure it.
    """
    subject = (theme.id, f"resultaat-{intended.id}", "resultaat", "is_measured")
    if telling:
        return context.number(*subject, 1.0, "flag", "outcome", status="computed", **_origins(context, telling))
    if has_record:
        return context.record(*subject, 1.0, "flag", "outcome", computed=True)
    return context.agreement(*subject, 0.0, "flag", intended.reference, "outcome", status="not measured")


def _context_flag(context: Context, theme: Theme, intended: IntendedResult, beside: Sequence[Indicator]) -> Result:
    """Record whether figures stand beside a result without measuring it (1 or 0), with their sources."""
    known = [item for item in beside if context.figures(item.id)["value"].notna().any()]
    subject = (theme.id, f"resultaat-{intended.id}", "resultaat", "has_context", float(bool(known)), "flag", "outcome")
    if known:
        return context.number(*subject, status="computed", **_origins(context, known))
    return context.agreement(*subject[:-1], intended.reference, "outcome", status="not measured")


def _source_flag(context: Context, theme: Theme, intended: IntendedResult, coming: Sequence[Indicator]) -> Result:
    """Record whether there is a source for a result of which no figures are here yet (1 or 0), and which."""
    subject = (theme.id, f"resultaat-{intended.id}", "resultaat", "has_source", float(bool(coming)), "flag", "outcome")
    if coming:
        source = each_once(f"{item.source.publisher}: {item.source.title}" for item in coming)
        return context.number(*subject, status="not measured", source=source)
    return context.agreement(*subject[:-1], intended.reference, "outcome", status="not measured")


def _origins(context: Context, indicators: Sequence[Indicator]) -> dict[str, str]:
    """Return the sources and vintages of what is told of some indicators, each once."""
    found = [context.origin_of(item, [context.unit_of(item)], context.years_of(item)[1:]) for item in indicators]
    source, vintage = map(each_once, zip(*found, strict=True))
    return {"source": source, "vintage": vintage}


def _quoted(context: Context, result_id: str) -> list[Markup]:
    """Quote the single figures of others about a result, each with its address and day."""
    text = Markup('<em>Uit een openbaar bericht, geen reeks:</em> {} (<a href="{}">{}, {}</a>)')
    mine = [item for item in context.quotations if item.result == result_id and item.about <= context.year]
    return [text.format(item.text, item.url, item.publisher, dutch.day(item.published_on)) for item in mine]


def _indicator_words(context: Context, indicator: Indicator) -> str:
    frame = context.standing(indicator).set_index("unit")
    unit = context.unit_of(indicator)
    name = dutch.capital(full_name(indicator))
    if unit not in frame.index or frame.at[unit, "value"] != frame.at[unit, "value"]:
        own = frame["value"].reindex([item.code for item in context.deal.region.municipalities])
        parts = f"; wel van {own.count()} van de {len(own)} gemeenten" if own.notna().any() else ""
        return (
            f"{name}: geen cijfer over {context.year}{f' voor {context.region_name} als geheel' * bool(parts)}{parts}"
        )
    row = frame.loc[unit]
    base, last = context.years_of(indicator)
    text = f"{name}: {figure(indicator, row['value'])}"
    if last != context.year:
        text += f" in {last}, het laatste cijfer"
    if base is not None:
        text += f" (in {base}: {figure(indicator, row['base'])})"
    return text


def _evidence(state: ElementState) -> str:
    projects, done, planned = state.projects, state.milestones_done, state.milestones_planned
    parts = [
        f"{dutch.plural(len(projects), 'project', 'projecten')} ({', '.join(projects)})" if projects else "",
        dutch.plural(done, "mijlpaal gereed", "mijlpalen gereed") if done else "",
        dutch.plural(planned, "mijlpaal open", "mijlpalen open") if planned else "",
    ]
    if not any(parts) and state.element.kind == "context":
        return "uitgangspunt van de aanpak, zonder eigen project of mijlpaal"
    return "; ".join(filter(None, parts)) or "geen project of mijlpaal geregistreerd"


def _evidence_results(context: Context, theme: Theme, state: ElementState) -> list[Result]:
    marks = {name: getattr(state, name) for name in ("milestones_done", "milestones_planned")}
    counts = {"projects": len(state.projects), **marks}
    return context.records((theme.id, "aanpak", state.element.id), counts, "count", "process")


def _days_late(state: MilestoneState) -> float | None:
    return None if state.done_on is None else float((state.done_on - state.milestone.due).days)
