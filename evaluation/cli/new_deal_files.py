"""Write a new deal: its file, indicators and plan, example records; checked first, and then all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from evaluation.base.errors import Fault, InputError, UsageError
from evaluation.base.locks import held
from evaluation.base.paths import build_dir, data_dir, draft_folder, place_all, shown, write_text
from evaluation.cli.new_deal_build import draft_deal
from evaluation.cli.new_deal_draft import OPEN
from evaluation.cli.new_deal_example import as_yaml, write_example
from evaluation.cli.new_deal_plan import choose_indicators, choose_plan
from evaluation.inputs.deal import Deal, load_deal
from evaluation.inputs.deal_answers import DealAnswers
from evaluation.inputs.indicators import PLAN, load_designs, load_indicators, load_not_measured, load_without_design
from evaluation.inputs.records.programme import load_programme
from evaluation.statistics.areas.treatment_schema import RegioDeal
from evaluation.statistics.areas.treatments import Register

_FIELDS = "# Wat elk veld betekent: evaluation/inputs/{}.py.\n"


def targets_of(deal_id: str) -> dict[str, Path]:
    """Return what a deal is made of, by kind.

    Parameters
    ----------
    deal_id : str
        Its id.

    Returns
    -------
    dict[str, Path]
        deal, indicators and programme.
    """
    data = data_dir()
    return {
        "deal": data / "deal" / f"{deal_id}.yml",
        "indicators": data / "indicators" / deal_id,
        "programme": data / "programme" / deal_id,
    }


def missing_of(deal_id: str) -> list[str]:
    """Return the kinds of `targets_of` that are not there.

    Parameters
    ----------
    deal_id : str
        Its id.

    Returns
    -------
    list[str]
    """
    return [kind for kind, path in targets_of(deal_id).items() if not path.exists()]


def write_deal(
    known: RegioDeal, register: Register, answers: DealAnswers, *, source: str, day: date
) -> tuple[list[Path], list[str]]:
    """Make everything of a new deal, check it, and put it in place at once.

    Parameters
    ----------
    known, register, answers, source : RegioDeal, Register, DealAnswers, str
        As of `draft_deal`.
    day : date
        On which its plan is declared.

    Returns
    -------
    list[Path], list[str]
        What was written, and what is open in it, in Dutch.

    Raises
    ------
    UsageError
        When something of it is there.
    InputError
        With every fault; then nothing was written.
    """
    draft = draft_deal(known, register, answers, source=source)
    if draft.faults:
        raise InputError(draft.faults)
    subjects = {number: item.subjects for number, item in enumerate((row for row in answers.themes if row.counts), 1)}
    text = _deal_text(draft.fields, known)
    return _write(known.id, text, list(targets_of(known.id)), subjects, draft.open_points, day), draft.open_points


def complete_deal(deal_id: str, day: date) -> list[Path]:
    """Make what lacks beside a deal file that is there: indicators and plan, example records.

    Parameters
    ----------
    deal_id, day : str, date
        Of a file in ``data/deal``, and the day on which its plan is declared.

    Returns
    -------
    list[Path]
        What was written.

    Raises
    ------
    UsageError
        When nothing lacks.
    InputError
        With every fault; then nothing was written.
    """
    return _write(deal_id, None, missing_of(deal_id), {}, (), day)


def _write(
    deal_id: str,
    text: str | None,
    kinds: Sequence[str],
    subjects: Mapping[int, Sequence[str] | None],
    open_points: Sequence[str],
    day: date,
) -> list[Path]:
    """Make the wanted kinds in a folder aside, read everything as a run would, and move it to its place."""
    targets = targets_of(deal_id)
    lock, busy = build_dir() / ".new-deal.lock", "Another command writes a new deal"
    with held(lock, busy), draft_folder(data_dir(), "new") as aside:
        _refuse_existing([targets[kind] for kind in kinds] or list(targets.values()))
        paths = {kind: aside / kind / path.name if kind in kinds else path for kind, path in targets.items()}
        if text is not None:
            write_text(paths["deal"], text)
        deal = load_deal(deal_id, folder=paths["deal"].parent)
        if "indicators" in kinds:
            _write_indicators(deal, paths["indicators"], subjects, day)
        if "programme" in kinds:
            write_example(deal, paths["programme"], open_points)
        _check(deal, paths)
        with place_all() as place:
            _refuse_existing([targets[kind] for kind in kinds])
            place([(paths[kind], targets[kind]) for kind in kinds])
    return [targets[kind] for kind in kinds]


def _refuse_existing(paths: Sequence[Path]) -> None:
    """Refuse to write over anything; names all that is there."""
    if there := [shown(path) for path in paths if path.exists()]:
        raise UsageError(f"Er is niets geschreven: {', '.join(there)} {'is' if len(there) == 1 else 'zijn'} er al.")


def _deal_text(fields: Mapping, known: RegioDeal) -> str:
    """Write the deal file, with what is known of where its facts come from."""
    head = (
        f"# {known.name}: gemaakt met regiodeal new deal {known.id}, uit data/regions/deals.yml en uit "
        f"wat is opgegeven.\n"
        f"# Waar '{OPEN}' staat, is het feit niet bekend: vul het in, met het artikel waar het staat.\n"
        "# Een wijziging van de deal is een nieuwe regel met een eigen dag en verwijzing, nooit een verbetering.\n\n"
    )
    return head + "\n".join(as_yaml({key: value}) for key, value in fields.items())


def _write_indicators(deal: Deal, folder: Path, subjects: Mapping[int, Sequence[str] | None], day: date) -> None:
    chosen = choose_indicators(deal, subjects)
    for theme in deal.themes:
        head = f"# Indicatoren van thema {theme.id}, gekozen uit data/indicators.\n{_FIELDS.format('indicator_schema')}"
        write_text(folder / f"{theme.slug}.yml", head + as_yaml(chosen.files[theme.id]))
    plan = choose_plan(deal, chosen, load_indicators(folder=folder), day)
    write_text(folder / PLAN, _FIELDS.format("plan_schema") + as_yaml(plan))


def _check(deal: Deal, paths: Mapping[str, Path]) -> None:
    """Read everything as a run would, with all faults at once."""
    faults: list[Fault] = []
    folder = paths["indicators"]
    loads: tuple[Callable[[], object], ...] = (
        lambda: load_indicators(folder=folder),
        lambda: load_not_measured(folder=folder),
        lambda: load_designs(folder=folder),
        lambda: load_without_design(folder=folder),
        lambda: load_programme(deal, folder=paths["programme"]),
    )
    for load in loads:
        try:
            load()
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(list(dict.fromkeys(faults)))
