"""The numbers that were agreed: targets and promises with what was delivered, their path, and their sums."""

from collections.abc import Sequence

from evaluation.analysis.progress import TargetProgress, group_progress, place
from evaluation.base import dutch
from evaluation.chapters.context import Context, progress_of, theme_of
from evaluation.chapters.wording import WITHHELD, amount, path_number, quantity, silence
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.deal_schema import Target
from evaluation.present.display import Display, markdown
from evaluation.present.figures import FigureTable
from evaluation.present.results import Result
from evaluation.present.tables import numeric, table

SMALL = "van zulke kleine aantallen zegt een tempo niets"
"""Why a table may have no projection."""

_SMALL_TARGET = 10  # of at most this size, the pace until now says nothing worth showing


def show_target_table(context: Context, theme: Theme) -> Display:
    """List every target and promise with delivered, path, target, and what the pace until now leads to."""
    progress = progress_of(context, theme=theme.id)
    if not progress:
        return markdown(f"De deal noemt voor {context.this_theme} geen aantallen.")
    groups = groups_of(context, theme.id)
    data = _target_table(progress, groups, context.agreed.targets)
    results = [number for row in progress for number in target_results(context, row)]
    for name, numbers in groups.items():
        results += group_results(context, str(theme.id), name, numbers)
    return table(data.columns, data.rows, results=results, source=context.count_note)


def target_results(context: Context, row: TargetProgress) -> list[Result]:
    """Record target and path, and what the records say was delivered, how far that is and where its pace leads.

    A target that a statistic measures is an outcome and no record: its figures are recorded with their indicator.
    """
    theme, target = theme_of(row.target), row.target
    unit, counted = target.unit_of_measure, target.counted_from == "outputs"
    chain = "output" if counted else "outcome"
    numbers = [
        context.agreement(theme, target.id, "doel", "target", target.quantity, unit, target.reference, chain),
        context.path(theme, target.id, row.path, unit, chain),
    ]
    subject, hidden = (theme, target.id, "geleverd"), row.is_withheld
    if counted:
        numbers += [
            context.record(*subject, "value", row.delivered, unit, withheld=hidden),
            context.record(*subject, "distance", row.distance, unit, computed=True, withheld=hidden),
            context.record(*subject, "projection", row.projection, unit, computed=True, withheld=hidden),
        ]
    elif row.delivered is None:
        numbers.append(context.agreement(*subject, "value", None, unit, target.reference, chain, status="not measured"))
    return numbers


def group_results(
    context: Context, theme: str, group: str, numbers: tuple[float | None, float, float, float | None]
) -> list[Result]:
    """Record the sum of a group of targets, with the references of those in force."""
    delivered, path, total, projection = numbers
    reference = "; ".join(dict.fromkeys(t.reference for t in context.agreed.targets if t.group == group))
    subject, hidden = (theme, f"{group}-totaal", "geleverd"), delivered is None
    return [
        context.agreement(theme, f"{group}-totaal", "doel", "target", total, "count", reference),
        context.record(*subject, "value", delivered, "count", withheld=hidden),
        context.path(theme, f"{group}-totaal", path, "count"),
        context.record(*subject, "projection", projection, "count", computed=True, withheld=hidden),
    ]


def groups_of(context: Context, theme: int) -> dict[str, tuple[float | None, float, float, float | None]]:
    """Sum the groups of targets of a theme (such as all homes): delivered, path, target, projection."""
    progress = progress_of(context, theme=theme)
    names = dict.fromkeys(row.target.group for row in progress if row.target.group)
    return {name: group_progress(progress, name) for name in names}


def target_words(row: TargetProgress) -> str:
    """Say in a line what was delivered of a target beside its path, or why that is not known."""
    target = row.target
    if row.is_withheld:
        return f"{target.title}: {WITHHELD}; doel {quantity(target, target.quantity)}"
    if row.delivered is None:
        return f"{target.title}: {silence(target)}; doel {quantity(target, target.quantity)}"
    of = "; doel" if target.counted_from == "indicator" else " van"
    return (
        f"{target.title}: {_value(target, row.delivered)}{of} {quantity(target, target.quantity)} "
        f"(pad {path_number(target, row.path)}), {row.position}"
    )


def _target_table(
    progress: Sequence[TargetProgress],
    groups: dict[str, tuple[float | None, float, float, float | None]],
    targets: Sequence[Target],
) -> FigureTable:
    heads = ["Afspraak", *numeric("Geleverd", "Pad", "Doel"), "Wanneer"]
    columns = [*heads, *numeric("Einde bij gelijk tempo", empty=SMALL), "Tegenover het pad"]
    rows = []
    for name, (delivered, path, total, projection) in groups.items():
        by = dutch.end_of(max(target.by for target in targets if target.group == name))
        margin = sum(row.margin for row in progress if row.target.group == name)
        stand = [amount(delivered), dutch.number(path), f"{dutch.number(total)} {name}", by, dutch.number(projection)]
        rows.append([f"Alle {name} samen", *stand, place(total, 0.0, delivered, path, margin=margin)])
    for row in progress:
        target = row.target
        value = WITHHELD if row.is_withheld else _value(target, row.delivered)
        ends = dutch.number(row.projection) if target.quantity > _SMALL_TARGET else "–"
        stand = [value, path_number(target, row.path), goal_words(target), dutch.end_of(target.by), ends]
        rows.append([target.title, *stand, row.position])
    return FigureTable(columns, rows)


def _value(target: Target, value: float | None) -> str:
    """Write where a target stands without the word for its unit, which stands beside it."""
    percent = target.unit_of_measure == "pct"
    return quantity(target, value) if value is None or percent else dutch.number(value)


def goal_words(target: Target) -> str:
    """Write what is to be reached, with 'ten minste' or 'ca.' where the text says so."""
    words = "ten minste " if target.at_least else "ca. " if target.approximate else ""
    if target.quantity_to is not None:
        return f"{dutch.number(target.quantity)} tot {quantity(target, target.quantity_to)}"
    return words + quantity(target, target.quantity)
