"""The scoreboard of promises as readers see it: every agreed number with a bar of its own, and what they add up to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from markupsafe import Markup

from evaluation.analysis.progress import TargetProgress, element_states, place, progress_of_target, target_progress
from evaluation.analysis.scoreboard import Movement, ResultsTally, Scoreboard, movement_of
from evaluation.base import dutch
from evaluation.chapters.context import Context, theme_of
from evaluation.chapters.steps.goal_line import LookUp, distance_words
from evaluation.chapters.steps.targets import goal_words
from evaluation.chapters.wording import WITHHELD, path_number, quantity, silence
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.deal_schema import Target
from evaluation.present.display import Display, markdown
from evaluation.present.results import Result
from evaluation.present.sentences import LARGER, SAME, SMALLER, UNKNOWN
from evaluation.present.tables import Cell, goal_bar, join_lines, table

DUE, RESULTS = "programma.doelen.totaal", "programma.resultaten.totaal"
COUNTS = {DUE: ("total", "due", "reached"), RESULTS: ("total", "measured", "closer")}
"""Subjects of the counts that the summary records, with their measures."""

MORE_DONE = "completed_change_year"
"""Measure of the elements that were completed since a year before."""

_MONITOR, _NAN = "winkelmonitor-panden", float("nan")
REACHED, MOVED = "Wat is gehaald?", "Kwam het dichter bij {}?"
NOTE = "Een aantal dat is gehaald, is geen oordeel over wat de deal deed: waardoor het is gehaald, staat er niet bij."

_MOVEMENTS: dict[str, Movement] = {SMALLER: "closer", LARGER: "farther", SAME: "equal", UNKNOWN: "unknown"}
_NO_NUMBERS = "De deal noemt geen aantallen."

IsWithheld = Callable[[str], bool]
"""Subject to whether its number is there and not shown."""


# Reading


def read_scoreboard(
    context: Context, look_up: LookUp, is_withheld: IsWithheld, before: Mapping[str, float]
) -> Scoreboard:
    """Read from the numbers of the chapters how far every agreed number is; `before` as in `Scoreboard`."""
    margins = {row.target.id: row.margin for row in context.progress}
    rows = []
    for target in context.agreed.targets:
        subject = f"{theme_of(target)}.{target.id}.geleverd"
        value = look_up(subject, "value", context.year)
        delivered = None if value != value else value
        row = progress_of_target(
            context.deal, target, delivered, context.day, margin=margins.get(target.id, 0.0) if delivered else 0.0
        )
        hidden = delivered is None and is_withheld(subject)
        rows.append(replace(row, is_withheld=True, position="niet vrijgegeven") if hidden else row)
    return Scoreboard(context.day, tuple(rows), dict(before))


def read_tally(context: Context, look_up: LookUp) -> ResultsTally:
    """Read how many results the chapters of the themes call measured, and what became of those that name a yardstick."""
    results = [(theme, item) for theme in context.deal.themes for item in theme.results]
    measured = sum(
        look_up(f"{theme.id}.resultaat-{item.id.replace('.', '-')}.resultaat", "is_measured", context.year) == 1
        for theme, item in results
    )
    wanted = [item.id for _, item in results if item.towards_benchmark]
    return ResultsTally(len(results), measured, {name: _movement(context, name, look_up) for name in wanted})


def _movement(context: Context, result_id: str, look_up: LookUp) -> Movement:
    """Look up what became of the distance of every figure of a result to the yardstick."""
    found = []
    for item in context.indicators.values():
        if result_id not in item.results or not item.has_figures or item.gap == "none":
            continue
        subject, last = f"{item.theme}.{item.id}.{context.region_unit}", context.years_of(item)[1]
        numbers = (look_up(subject, f"gap_benchmark_{name}", last) for name in ("distance_change", "variation"))
        found.append(_MOVEMENTS[distance_words(*numbers)])
    return movement_of(found)


def day_before(context: Context) -> date | None:
    """Return the day of the report over the year before; None in the first year."""
    return context.deal.last_day(context.year - 1) if context.year > context.deal.term.first_year else None


def delivered_before(context: Context) -> dict[str, float]:
    """Add up what the records of a year before have for each target; without those that are not known."""
    day = day_before(context)
    if day is None:
        return {}
    known = target_progress(context.deal, context.deal.as_of(day).targets, context.programme.as_of(day), day)
    return {row.target.id: row.delivered for row in known if row.delivered is not None}


def completed_since(context: Context) -> float | None:
    """Count the elements of the approach that were completed since the report over the year before; None without one."""
    day = day_before(context)
    if day is None:
        return None
    then = element_states(context.deal, context.programme.as_of(day))
    done, earlier = (
        [state.element.id for state in states if state.state == "completed"] for states in (context.elements(), then)
    )
    return float(len(done) - len(earlier))


def since_words(context: Context, change: float | None) -> str:
    """Say how many more there are than in the report over the year before; nothing where that is not known."""
    day = day_before(context)
    if change is None or change != change or day is None:
        return ""
    is_whole = (day.month, day.day) == (12, 31)
    then = f"eind {day.year}" if is_whole else dutch.day(day)
    return f"gelijk aan {then}" if change == 0 else f"{dutch.number(change, signed=True)} sinds {then}"


# What a run records


def scoreboard_results(context: Context, board: Scoreboard, tally: ResultsTally) -> list[Result]:
    """Record the counts, and what was added to each target since a year before."""
    counts = {"total": len(board.rows), "due": len(board.due), "reached": len(board.reached)}
    told = {"total": tally.total, "measured": tally.measured, "closer": tally.count("closer")}
    numbers = context.records(_subject(DUE), counts, "count", computed=True)
    source = "geteld in de hoofdstukken van dit verslag"
    for measure, value in told.items():
        number = (*_subject(RESULTS), measure, float(value), "count", "outcome")
        numbers.append(context.number(*number, status="computed", source=source))
    for row in board.rows:
        change = board.change(row)
        if change is not None:
            subject = (theme_of(row.target), row.target.id, "geleverd")
            numbers.append(context.record(*subject, "change_year", change, row.target.unit_of_measure, computed=True))
    return numbers


def _subject(name: str) -> tuple[str, str, str]:
    theme, indicator, unit = name.split(".")
    return theme, indicator, unit


# Sentences and cards


def scoreboard_sentences(context: Context, board: Scoreboard, tally: ResultsTally) -> list[str]:
    """Say how many agreed numbers were due and reached, how many results are measured, and how many came nearer."""
    return [*due_sentences(context, board), measured_sentence(tally), *movement_sentences(context, tally)]


def due_sentences(context: Context, board: Scoreboard) -> Iterator[str]:
    """Say how many agreed numbers were due by the day, and of how many of those the number is reached."""
    if not board.rows:
        return  # the place of the table says so, once
    due, mark = len(board.due), context.example_mark
    whole = f"De deal noemt {dutch.plural(len(board.rows), 'aantal', 'aantallen')}."
    if not due:
        yield f"{whole} Van {'dat aantal' if len(board.rows) == 1 else 'al die aantallen'} ligt de datum na {dutch.day(board.day)}."
    else:
        verb = "moest" if due == 1 else "moesten"
        reached, missed, untold = (len(rows) for rows in (board.reached, board.missed, board.untold))
        parts = [f"{reached or 'geen'} {'zijn' if reached > 1 else 'is'} gehaald"]
        parts += [f"{missed} niet"] if missed else []
        parts += [f"van {untold} is dat niet te zeggen"] if untold else []
        yield f"{whole} Daarvan {verb} er {due} {context.end_of_year} gehaald zijn: {dutch.listing(parts)}{mark}."
    if board.early:
        verb = "is" if len(board.early) == 1 else "zijn"
        yield f"Van de aantallen met een latere datum {verb} er {len(board.early)} al gehaald{mark}."


def measured_sentence(tally: ResultsTally) -> str:
    """Say how many of the intended results are measured."""
    if not tally.total:
        return "De deal noemt geen resultaten."
    verb = "is" if tally.measured == 1 else "zijn"
    count = dutch.number(tally.measured) if tally.measured else "nog geen"
    of = "het ene resultaat" if tally.total == 1 else f"de {tally.total} resultaten"
    return f"Van {of} {verb if tally.measured else 'is'} er {count} gemeten."


def movement_sentences(context: Context, tally: ResultsTally) -> Iterator[str]:
    """Say of how many results the distance to the yardstick became smaller."""
    if not tally.movements:
        yield "De deal noemt bij geen resultaat een gemiddelde om naartoe te groeien."
        return
    name, total = context.deal.region.benchmark.name, len(tally.movements)
    closer = tally.count("closer")
    verb = "kwamen" if closer > 1 else "kwam"
    came = f"{verb} er {closer or 'geen'} dichterbij"
    rest = _other_movements(tally)
    yield f"Bij {dutch.plural(total, 'resultaat', 'resultaten')} noemt de deal {name} als maat. Daarvan {came}{f'; {rest}' if rest else ''}."


def _other_movements(tally: ResultsTally) -> str:
    """List what became of the results that did not come nearer."""
    words = {
        "farther": ("ging verder weg", "gingen verder weg"),
        "equal": ("bleef ongeveer gelijk", "bleven ongeveer gelijk"),
        "mixed": ("verschilt per cijfer", "verschillen per cijfer"),
    }
    counts = {name: tally.count(name) for name in ("farther", "equal", "mixed")}
    told = [f"{count} {words[name][count > 1]}" for name, count in counts.items() if count]
    unknown = tally.count("unknown")
    return dutch.listing([*told, *([f"van {unknown} is het niet te zeggen"] if unknown else [])])


def reached_card(context: Context, board: Scoreboard) -> tuple[str, str, str]:
    """Answer in a card how many of the numbers that were due are reached."""
    if not board.rows:
        return REACHED, "Geen aantallen", "de deal noemt geen aantallen die te tellen zijn"
    mark = context.example_mark
    if not board.due:
        words = f"afgesproken aantallen al gehaald; van geen is de datum voorbij{mark}"
        return REACHED, f"{len(board.early)} van {len(board.rows)}", words
    words = f"aantallen gehaald die {context.end_of_year} gehaald moesten zijn{mark}"
    return REACHED, f"{len(board.reached)} van {len(board.due)}", words


def movement_card(context: Context, tally: ResultsTally) -> tuple[str, str, str]:
    """Answer in a card how many results came nearer to the yardstick that the deal names for them."""
    name = context.deal.region.benchmark.name
    question = MOVED.format(name)
    if not tally.movements:
        return question, "Niet afgesproken", "de deal noemt bij geen resultaat een gemiddelde om naartoe te groeien"
    words = f"resultaten waarbij de deal {name} als maat noemt; {_other_movements(tally)}".removesuffix("; ")
    return question, f"{tally.count('closer')} van {len(tally.movements)}", words


# The board


def show_scoreboard(
    context: Context,
    board: Scoreboard,
    look_up: LookUp,
    page: Callable[[Theme], str],
    *,
    results: Sequence[Result] = (),
) -> Display:
    """List every agreed number with a bar from start to goal, what was added in a year, and whether it is reached."""
    if not board.rows:
        return markdown(_NO_NUMBERS, results)
    rows: list[list[Cell]] = []
    for theme in context.deal.themes:
        mine = [row for row in board.rows if theme_of(row.target) == theme.id]
        way = Markup('<a href="{}.html">{}</a>').format(page(theme), theme.short_title)
        own = list(_theme_rows(context, board, mine, look_up))
        rows += [[join_lines([way, own[0][0]]), *own[0][1:]], *own[1:]] if own else []
    columns = ["Afspraak", "Stand", "Tegenover de afspraak"]
    legend = "De balk loopt van het begin naar het doel; de streep is waar een recht pad nu zou zijn."
    return table(columns, rows, results=results, source=f"{NOTE} {context.count_note}", drawn=legend, cards=True)


def _theme_rows(
    context: Context, board: Scoreboard, rows: Sequence[TargetProgress], look_up: LookUp
) -> Iterator[list[Cell]]:
    """Write the sum of each group of a theme, with the targets in it, and then every other target."""
    groups = dict.fromkeys(row.target.group for row in rows if row.target.group)
    for name in groups:
        mine = [row for row in rows if row.target.group == name]
        yield _group_row(context, board, mine, look_up)
        yield from (_row(context, board, row, look_up) for row in mine)
    yield from (_row(context, board, row, look_up) for row in rows if not row.target.group)


def _group_row(context: Context, board: Scoreboard, rows: Sequence[TargetProgress], look_up: LookUp) -> list[Cell]:
    name, theme = str(rows[0].target.group), theme_of(rows[0].target)
    subject = f"{theme}.{name}-totaal.geleverd"
    delivered, path = (look_up(subject, measure, context.year) for measure in ("value", "path"))
    total, by = sum(row.target.quantity for row in rows), max(row.target.by for row in rows)
    title = Markup("<strong>Alle {} samen</strong>").format(name)
    if delivered != delivered:
        return [title, f"{WITHHELD}; doel {dutch.number(total)} {name}", f"{dutch.end_of(by)}: {WITHHELD}"]
    changes = [board.change(row) for row in rows]
    change = None if None in changes else sum(one for one in changes if one is not None)
    words = f"{dutch.number(delivered)} van {dutch.number(total)} {name} (pad {dutch.number(path)})"
    words = _with_change(context, words, change)
    is_due, margin = by <= board.day, sum(row.margin for row in rows)
    position = place(total, 0.0, delivered, path, is_due=is_due, margin=margin)
    bar = goal_bar(delivered / total, None if is_due else path / total, words)
    return [title, bar, f"{dutch.end_of(by)}: {position}"]


def _row(context: Context, board: Scoreboard, row: TargetProgress, look_up: LookUp) -> list[Cell]:
    target, is_due = row.target, row.target.by <= board.day
    when = dutch.end_of(target.by)
    goal = goal_words(target)
    if row.delivered is None:
        silent = WITHHELD if row.is_withheld else f"{_monitored(context, row, look_up)}{silence(target)}"
        return [target.title, f"{silent}; doel {goal}", f"{when}: {row.position}"]
    start = target.baseline.value if target.baseline else 0.0
    span = target.quantity - start
    path = "" if is_due else f" (pad {path_number(target, row.path)})"
    of = " van" if target.counted_from == "outputs" else "; doel"
    words = _with_change(context, f"{_amount(target, row.delivered)}{of} {goal}{path}", board.change(row))
    bar = goal_bar((row.delivered - start) / span, None if is_due else (row.path - start) / span, words)
    return [target.title, bar, f"{when}: {row.position}"]


def _monitored(context: Context, row: TargetProgress, look_up: LookUp) -> str:
    """Give the vacancy of the retail monitor beside a target that it cannot be compared with; nothing where it has none."""
    target, subject = row.target, f"{theme_of(row.target)}.{_MONITOR}.{context.region_unit}"
    seen = look_up(subject, "vacancy", context.year) if target.unit_of_measure == "pct" and target.baseline else _NAN
    return "" if seen != seen else f"{dutch.percentage(seen)} volgens de winkelmonitor, maar "


def _amount(target: Target, value: float) -> str:
    """Write what was delivered without the word for its unit, which stands beside the goal."""
    return quantity(target, value) if target.unit_of_measure in ("pct", "EUR") else dutch.number(value)


def _with_change(context: Context, words: str, change: float | None) -> str:
    return ", ".join(filter(None, [words, since_words(context, change)]))
