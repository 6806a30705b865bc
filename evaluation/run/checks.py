"""What is checked before anything runs: agreement, indicators, plan, map, records, snapshots and notebooks, at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode

from evaluation.base.cache import remember
from evaluation.base.errors import Fault, InputError, did_you_mean
from evaluation.base.paths import DEFAULT_DEAL, data_dir, shown
from evaluation.base.yaml_entries import raise_faults
from evaluation.inputs.chapter_list import COPIED
from evaluation.inputs.deal import Deal, list_deals, load_deal
from evaluation.inputs.indicators import (
    PLAN,
    list_uncovered,
    load_designs,
    load_indicators,
    load_not_measured,
    load_without_design,
    register_dir,
)
from evaluation.inputs.plan_revisions import load_revisions
from evaluation.inputs.portfolio_plan import FILE as PORTFOLIO_PLAN
from evaluation.inputs.portfolio_plan import load_portfolio_plan
from evaluation.inputs.published_effects import citation_faults, load_effects
from evaluation.inputs.records.programme import Programme, load_programme
from evaluation.inputs.records.small_counts import load_rules
from evaluation.inputs.registrations import verify_registrations
from evaluation.inputs.retail.tables import RetailTables, load_retail
from evaluation.run.notebook_checks import cell_faults, deal_faults, file_faults
from evaluation.run.notebook_files import name_cell, notebook_path, plain_assignments, source_of, tags_of
from evaluation.run.notebook_lint import label_faults, notebook_faults, own_module_faults
from evaluation.run.text_repair import check_texts
from evaluation.statistics.areas.neighbours_and_tiles import load_all_tiles, load_neighbours
from evaluation.statistics.areas.regions import list_units, yardsticks
from evaluation.statistics.areas.treatments import load_register
from evaluation.statistics.panels import region_panel
from evaluation.statistics.row_counts import verify_snapshots
from evaluation.statistics.sources.registry import load_registry

if TYPE_CHECKING:
    from evaluation.analysis.plan_reach import Reach

PARAMETERS = {"deal": str, "year": int}


def check_inputs(
    deal_id: str, notebooks: Sequence[str], *, panel: bool = True
) -> tuple[Deal, Programme, RetailTables | None]:
    """Read and check everything that a run reads.

    Who leaves out the panel builds it (`panels.region_panel`) before anything is written.

    Raises InputError with the faults of the indicators, their plan, the registers of sources and of treatments, the
    map, records, retail tables and notebooks in one list (those of the deal come alone: the others are judged by it).
    Raises SnapshotError when nothing else is wrong and a pinned table or a registered plan is damaged.
    """
    deal = load_deal(deal_id)
    faults: list[Fault] = []
    folder, region = register_dir(deal.id), [item.code for item in deal.region.municipalities]
    loads = (load_indicators, load_not_measured, load_designs, load_without_design)
    *register, _ = [_collect(lambda load=load: load(folder=folder), faults) for load in loads]
    effects = _collect(load_effects, faults)
    _collect(lambda: load_revisions(folder=folder), faults)
    _collect(load_registry, faults)
    _collect(load_neighbours, faults)
    _collect(load_all_tiles, faults)
    _collect(lambda: load_register(targets=_targets_of_deals(deal), region=region), faults)
    _collect(lambda: check_notebooks(notebooks), faults)
    _collect(check_texts, faults)
    programme = _collect(lambda: load_programme(deal), faults)
    _collect(lambda: load_rules(deal.id), faults)
    retail = _collect(lambda: load_retail(deal), faults) or None
    if None not in register:
        faults.extend(_register_faults(deal, folder, *register))
    if None not in register and effects is not None:
        faults.extend(citation_faults(register[-1].values(), effects, shown(folder / PLAN)))
    if faults or programme is None:
        raise InputError(list(dict.fromkeys(faults)))
    verify_snapshots()
    verify_registrations()
    if panel:
        region_panel(deal)
    return deal, programme, retail


def check_plan(deal: Deal) -> dict[str, Reach]:
    """Find what the plan of a deal can show at most; computed once for what it rests on.

    Raises InputError for designs of which no figures could give a grade: then the plan has decided, and not the data.
    """
    # Estimators and their libraries take a second to import, which an annual report does without.
    from evaluation.analysis.plan_reach import reach_faults, reach_of_plan

    folder = register_dir(deal.id)

    def build() -> dict[str, Reach]:
        return reach_of_plan(deal, load_designs(folder=folder).values(), load_indicators(folder=folder))

    found = remember("plan-reach", (deal.id,), build)
    if faults := reach_faults(found, shown(folder / PLAN)):
        raise InputError(faults)
    return found


def check_portfolio_plan() -> None:
    """Check the plan of all deals together: its form, and that its indicators and themes are there.

    Raises InputError with every fault.
    """
    plan, place = load_portfolio_plan(), shown(data_dir() / PORTFOLIO_PLAN)
    library, themes = load_indicators(folder=data_dir() / "indicators"), load_register().themes
    faults = []
    for item in plan.outcomes.values():
        for field, found, allowed in (("series", item.series, library), ("theme", item.theme, themes)):
            if found not in allowed:
                faults.append(_unknown(place, f"outcomes.{item.id}.{field}", found, list(allowed)))
    raise_faults(faults)


def check_notebooks(names: Sequence[str]) -> None:
    """Check that each notebook is there, takes exactly the parameters of a run, and says the same wherever it runs.

    Raises InputError for every notebook that is missing, is not a notebook, takes other parameters, or would say
    something else than the run asks (`notebook_checks`, `notebook_lint`, `notebook_guard`): all at once.
    """
    faults: list[Fault] = []
    metadata: dict[str, object] = {}
    years = years_of_deals()
    for name in dict.fromkeys(names):
        path = notebook_path(name)
        found, content = file_faults(path)
        faults.extend(found)
        if content is None:
            continue
        notebook = nbformat.from_dict(content)
        metadata[name] = notebook.metadata.get("regiodeal")
        faults.extend(faults_of(shown(path), notebook, {**PARAMETERS, **COPIED.get(name, {})}, years))
    faults.extend(label_faults(list(metadata)))
    faults.extend(deal_faults(list(metadata), metadata))
    faults.extend(own_module_faults())
    if faults:
        raise InputError(list(dict.fromkeys(faults)))


def faults_of(
    file: str, notebook: NotebookNode, parameters: Mapping[str, type], years: Mapping[str, range]
) -> list[Fault]:
    """Judge a notebook by itself: its parameters, its cells, and what the guards refuse."""
    found = [*_parameter_faults(file, notebook, parameters, years), *cell_faults(file, notebook, parameters)]
    return [*found, *notebook_faults(file, notebook)]


def years_of_deals() -> dict[str, range]:
    """Return the years that a report can be over, by deal; none of a deal whose file is wrong, which is told itself."""
    years = {}
    for name in list_deals():
        with suppress(InputError):
            term = load_deal(name).term
            years[name] = range(term.first_year, term.last_year + 1)
    return years


def _targets_of_deals(deal: Deal) -> set[str]:
    """Return the targets of all deals: what was paid in a region may overlap with those of another deal there."""
    found = set(deal.target_ids)
    for name in list_deals():
        with suppress(InputError):
            found |= set(load_deal(name).target_ids)
    return found


def _collect(load: Callable, faults: list[Fault]):
    """Call what reads a part of the input; keep its faults instead of stopping at them."""
    try:
        return load()
    except InputError as error:
        faults.extend(error.faults)
        return None


def _register_faults(deal: Deal, folder: Path, indicators, not_measured, designs) -> list[Fault]:
    """Judge the indicators and the plan by the deal: results that it has, units that a panel has, nothing left out.

    The register that deals share is judged for a deal without a folder of its own: where it is not right for it, that
    folder is what lacks, and nothing of another deal is told.
    """
    faults = []
    where = shown(folder)
    for indicator in indicators.values():
        for name in set(indicator.results) - set(deal.result_ids):
            faults.append(_unknown(where, f"indicators.{indicator.id}.results", name, deal.result_ids))
    unknown = [item.result for item in not_measured if item.result not in deal.result_ids]
    faults += [_unknown(where, "not_measured", result, deal.result_ids) for result in unknown]
    units = [unit.id for unit in list_units(deal)]
    for design in designs.values():
        for key in ("unit", "comparison"):
            if getattr(design, key) not in (*units, None):
                own = list(dict.fromkeys(unit.id for unit in yardsticks(deal)))
                faults.append(_unknown(shown(folder / PLAN), f"designs.{design.id}.{key}", getattr(design, key), own))
    for name in list_uncovered(deal.result_ids, indicators, not_measured):
        expected = "an indicator, or a not_measured entry that says why there is none"
        faults.append(Fault(where, f"nothing on result {name}", expected))
    own = folder / deal.id
    if faults and folder.name != deal.id and deal.id != DEFAULT_DEAL:
        make = f"Maak {shown(own)}: regiodeal new deal {deal.id}"
        return [Fault(shown(own), "no folder", "the indicators and the plan of this deal", hint=make)]
    return faults


def _unknown(file: str, key: str, found: str, allowed: Sequence[str]) -> Fault:
    hint = did_you_mean(found, list(allowed))
    return Fault(file, repr(found), f"one of {', '.join(allowed)}", key=key, hint=hint)


def _parameter_faults(
    file: str, notebook: NotebookNode, allowed: Mapping[str, type], years: Mapping[str, range]
) -> list[Fault]:
    *most, last = allowed
    words = f"{', '.join(most)} and {last}"
    cells = [cell for cell in notebook.cells if "parameters" in tags_of(cell)]
    if len(cells) != 1:
        hint = None if cells else "Where one cell has just these: regiodeal check --fix"
        return [Fault(file, f"{len(cells)} cells tagged 'parameters'", f"one, with {words}", hint=hint)]
    place = name_cell(notebook.cells.index(cells[0]), cells[0])
    try:
        found = plain_assignments(source_of(cells[0]))
    except (SyntaxError, ValueError) as error:
        return [Fault(file, f"a parameters cell with more than plain values ({error})", words, key=place)]
    faults = []
    for name in sorted(set(found) | set(allowed)):
        if name not in allowed:
            hint = did_you_mean(name, list(allowed))
            faults.append(Fault(file, f"parameter {name!r}", f"only {words}", key=place, hint=hint))
        elif name not in found:
            faults.append(Fault(file, f"no parameter {name!r}", words, key=place))
        elif (expected := _expected(name, found[name], allowed[name], years, found.get("deal"))) is not None:
            faults.append(Fault(file, f"{name} = {found[name]!r}", expected, key=place))
    return faults


def _expected(name: str, value: object, kind: type, years: Mapping[str, range], deal: object) -> str | None:
    """Say what a parameter must be where it is something else; a deal that is not here is looked at in the notices."""
    possible = years.get(str(deal)) if name == "year" else None
    if type(value) is kind and (not possible or value in possible):
        return None
    if possible:
        return f"{name} to be a whole number from {possible[0]} to {possible[-1]}"
    return f"{name} to be {'a whole number' if kind is int else 'a text'}"
