"""The register of indicators, and the declared designs of their analysis.

What people write in ``data/indicators/*.yml`` becomes immutable objects here.  Every fault is listed at once, and a
design that its indicator does not allow is refused.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from evaluation.base.errors import Fault, InputError, did_you_mean
from evaluation.base.paths import data_dir, shown
from evaluation.base.yaml_entries import build_entry, mapping_under, raise_faults, read_mapping
from evaluation.inputs.indicator_schema import Indicator, NotMeasured, Quotation
from evaluation.inputs.plan_schema import Design, WithoutDesign

PLAN = "plan.yml"
POPULATION = "inwoners"
"""Indicator by which regions of comparable size are found."""

_Listed = TypeVar("_Listed", NotMeasured, Quotation)
_EVER = 9999
PLAN_KEYS = {"designs", "notes", "revisions", "templates", "without_design"}


def register_dir(deal_id: str, data: Path | None = None) -> Path:
    """Return the folder with the indicators of a deal: its own, or else the one that deals of one make share.

    Parameters
    ----------
    deal_id, data : str, Path or None
        The deal, and the data folder; that of the project by default.

    Returns
    -------
    Path
        The folder that `load_indicators` and the others read.
    """
    shared = (data or data_dir()) / "indicators"
    return shared / deal_id if (shared / deal_id).is_dir() else shared


def has_own_indicators(deal_id: str) -> bool:
    """Tell whether a deal has a folder of indicators to itself, and not the one that the project began with.

    Parameters
    ----------
    deal_id : str
        The deal.

    Returns
    -------
    bool
    """
    return register_dir(deal_id) != register_dir("")


def load_indicators(*, folder: Path | None = None) -> dict[str, Indicator]:
    """Read the indicators of all themes, in the order of the themes and their files.

    Parameters
    ----------
    folder : Path | None
        Folder with a file for each theme; that of the project by default.

    Returns
    -------
    dict[str, Indicator]
        By id.

    Raises
    ------
    InputError
        With every fault in every file.
    """
    faults: list[Fault] = []
    found: dict[str, Indicator] = {}
    files: dict[str, Path] = {}
    for path, content in _theme_files(folder, faults):
        for key, fields in mapping_under(content, "indicators", path, faults).items():
            place = f"indicators.{key}"
            if files.setdefault(key, path) != path:
                faults.append(Fault(shown(path), f"{key} again", "each id once over all themes", key=place))
            item = build_entry(Indicator, fields, {"id": key, "theme": content.get("theme")}, path, place, faults)
            if item is not None:
                found[key] = item
    for item in found.values():
        if item.companion is not None and item.companion not in found and not faults:
            faults.append(_unknown(shown(files[item.id]), f"indicators.{item.id}.companion", item.companion, found))
    raise_faults(faults)
    return found


def load_population() -> Indicator:
    """Read the indicator that counts inhabitants, for what needs it where the register of a deal does not have it.

    Returns
    -------
    Indicator
        Of ``data/methods/population.yml``; its theme says nothing.

    Raises
    ------
    InputError
        With every fault in the file.
    """
    faults: list[Fault] = []
    path = data_dir() / "methods" / "population.yml"
    (name, fields), *_ = read_mapping(path, {POPULATION}, faults).items()
    item = build_entry(Indicator, fields, {"id": name, "theme": 1}, path, name, faults)
    raise_faults(faults)
    return cast(Indicator, item)


def load_not_measured(*, folder: Path | None = None) -> tuple[NotMeasured, ...]:
    """Read what no statistic measures, with what would measure it.

    Parameters
    ----------
    folder : Path | None
        As of `load_indicators`.

    Returns
    -------
    tuple[NotMeasured, ...]
        In the order of the themes and their files.

    Raises
    ------
    InputError
        With every fault in every file.
    """
    return _load_listed(NotMeasured, "not_measured", folder)


def load_quotations(*, folder: Path | None = None) -> tuple[Quotation, ...]:
    """Read the single figures that are quoted from public texts.

    Parameters
    ----------
    folder : Path | None
        As of `load_indicators`.

    Returns
    -------
    tuple[Quotation, ...]
        In the order of the themes and their files.

    Raises
    ------
    InputError
        With every fault in every file.
    """
    return _load_listed(Quotation, "quotations", folder)


def _load_listed(model: type[_Listed], name: str, folder: Path | None) -> tuple[_Listed, ...]:
    """Read the entries of a list that stands in the theme files; each is about a result of the file's theme."""
    faults: list[Fault] = []
    found: list[_Listed] = []
    for path, content in _theme_files(folder, faults):
        for number, fields in enumerate(content.get(name) or []):
            place = f"{name}.{number}"
            item = build_entry(model, fields, {}, path, place, faults)
            if item is not None and not item.result.startswith(f"{content.get('theme')}."):
                key = f"{place}.result"
                faults.append(Fault(shown(path), repr(item.result), "a result of the file's theme", key=key))
            found.append(item)
    raise_faults(faults)
    return tuple(found)


def load_designs(*, folder: Path | None = None) -> dict[str, Design]:
    """Read the declared designs from ``plan.yml``.

    Parameters
    ----------
    folder : Path | None
        As of `load_indicators`.

    Returns
    -------
    dict[str, Design]
        By id, in the order of the plan.

    Raises
    ------
    InputError
        With every fault: an unknown indicator, a method that its indicator does not allow, a second primary design in
        a theme.
    """
    indicators = load_indicators(folder=folder)
    path = (folder or data_dir() / "indicators") / PLAN
    faults: list[Fault] = []
    found: dict[str, Design] = {}
    primary: dict[tuple[int, bool], str] = {}
    content = read_mapping(path, PLAN_KEYS, faults)
    for key, fields in mapping_under(content, "designs", path, faults).items():
        item = build_entry(Design, fields, {"id": key}, path, f"designs.{key}", faults)
        if item is not None:
            found[key] = item
            faults.extend(_design_faults(item, indicators, primary, path))
    raise_faults(faults)
    return found


def load_without_design(*, folder: Path | None = None) -> tuple[WithoutDesign, ...]:
    """Read from ``plan.yml`` for which parts of the deal no comparison is possible, and why.

    Parameters
    ----------
    folder : Path | None
        As of `load_indicators`.

    Returns
    -------
    tuple[WithoutDesign, ...]
        In the order of the plan.

    Raises
    ------
    InputError
        With every fault.
    """
    path = (folder or data_dir() / "indicators") / PLAN
    faults: list[Fault] = []
    content = read_mapping(path, PLAN_KEYS, faults)
    found = [
        build_entry(WithoutDesign, fields, {}, path, f"without_design.{number}", faults)
        for number, fields in enumerate(content.get("without_design") or [])
    ]
    raise_faults(faults)
    return tuple(found)


def plan_hash(*, folder: Path | None = None) -> str:
    """Fingerprint what is declared, to show that it was declared before the outcome was seen.

    Parameters
    ----------
    folder : Path | None
        As of `load_indicators`.

    Returns
    -------
    str
        The sha256; the order, comments and layout of the file do not change it.
    """
    designs = load_designs(folder=folder)
    canonical = [designs[key].model_dump(mode="json") for key in sorted(designs)]
    text = json.dumps(canonical, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def list_uncovered(
    results: Iterable[str], indicators: Mapping[str, Indicator], not_measured: Iterable[NotMeasured]
) -> tuple[str, ...]:
    """List the results of the deal that have neither an indicator nor a statement that nothing measures them.

    Parameters
    ----------
    results : iterable of str
        Ids of the deal's intended results ("3.1").
    indicators, not_measured : mapping, iterable
        As of `load_indicators` and `load_not_measured`.

    Returns
    -------
    tuple[str, ...]
        Ids, in the order of `results`.
    """
    covered = {result for item in indicators.values() for result in item.results}
    covered |= {item.result for item in not_measured}
    return tuple(result for result in results if result not in covered)


def _design_faults(
    item: Design, indicators: Mapping[str, Indicator], primary: dict[tuple[int, bool], str], path: Path
) -> list[Fault]:
    place = f"designs.{item.id}"
    indicator = indicators.get(item.indicator)
    if indicator is None:
        return [_unknown(shown(path), f"{place}.indicator", item.indicator, indicators)]
    faults = []
    methods = {"method": item.method} | {
        f"robustness.{number}.method": variant.method
        for number, variant in enumerate(item.robustness)
        if variant.method is not None
    }
    for key, method in methods.items():
        if method not in indicator.allowed_methods:
            expected = f"a method that {indicator.id} allows: {', '.join(indicator.allowed_methods)}"
            faults.append(Fault(shown(path), repr(method), expected, key=f"{place}.{key}"))
    if item.exposure is not None:
        faults.extend(_exposure_faults(item, indicators, path))
    stop = indicator.stopping_break(item.pre[0], item.last_asked or _EVER)
    if stop is not None:
        window = f"{item.pre[0]} to {item.last_asked or 'the last figures'}"
        expected = f"a window without the break of {stop.year} ({stop.kind}), or a factor for it; {stop.note}"
        faults.append(Fault(shown(path), f"a window from {window}", expected, key=f"{place}.pre"))
    if item.primary:
        first = primary.setdefault((indicator.theme, item.has_placebos), item.id)
        if first != item.id:
            kind = "with placebo regions" if item.has_placebos else "before/after"
            expected = f"one primary design {kind} for theme {indicator.theme}; {first} is it"
            faults.append(Fault(shown(path), "a second primary design", expected, key=f"{place}.primary"))
    return faults


def _exposure_faults(item: Design, indicators: Mapping[str, Indicator], path: Path) -> list[Fault]:
    """Judge what a count is out of: counts both, or there is no rate of the two."""
    place, out_of = f"designs.{item.id}.exposure", item.exposure or ""
    if out_of not in indicators:
        return [_unknown(shown(path), place, out_of, indicators)]
    units = {name: indicators[name].unit_of_measure for name in (item.indicator, out_of)}
    expected = "two indicators of unit count: an outcome that is a rate has its exposure in it"
    wrong = [f"{name} in {unit}" for name, unit in units.items() if unit != "count"]
    return [Fault(shown(path), " and ".join(wrong), expected, key=place)] if wrong else []


def _theme_files(folder: Path | None, faults: list[Fault]) -> list[tuple[Path, dict]]:
    folder = folder or data_dir() / "indicators"
    paths = sorted(path for path in folder.glob("*.yml") if path.stem.partition("-")[0] != Path(PLAN).stem)
    if not paths:
        raise InputError(
            [Fault(shown(folder), "no indicator files", "a file for each theme, such as 3-veiligheid.yml")]
        )
    return [
        (path, read_mapping(path, {"theme", "templates", "indicators", "not_measured", "quotations"}, faults))
        for path in paths
    ]


def _unknown(file: str, key: str, word: str, known: Iterable[str]) -> Fault:
    return Fault(file, repr(word), "the id of an indicator", key=key, hint=did_you_mean(word, sorted(known)))
