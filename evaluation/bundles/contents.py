"""What goes into a bundle, and what stays at the office.

Only what is named here goes in: a file that somebody left in the data folder does not.  The private overlay never does.
A file that the run read and that would be missing is a fault of this list, and stops the bundle.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from importlib import resources
from pathlib import Path

import yaml

from evaluation.analysis.portfolio.progress import load_all_records
from evaluation.base.errors import PublishError, UsageError
from evaluation.base.fingerprints import folder_hashes
from evaluation.base.paths import package_dir, project_root
from evaluation.bundles.layout import Absent
from evaluation.bundles.one_deal import COUNTS, leave_others_out
from evaluation.bundles.run_folder import GoodRun
from evaluation.chapters.steps.retail_view import open_view
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import has_own_indicators, load_indicators, register_dir
from evaluation.inputs.records.programme import Programme
from evaluation.inputs.records.shared_records import share_records
from evaluation.inputs.retail.shared_retail import shared_retail_files
from evaluation.inputs.retail.tables import RetailTables
from evaluation.statistics.corrections import FILE, without_private
from evaluation.statistics.snapshots import list_snapshots, open_snapshot
from evaluation.statistics.sources.registry import load_registry
from evaluation.statistics.withheld import stand_in

_ABSENT = yaml.safe_load(resources.files("evaluation.bundles").joinpath("absent.yml").read_text(encoding="utf-8"))
_NEEDED = (
    "LICENSE", "README.md", "pyproject.toml", "environment.yml", "requirements.lock", "requirements-uv.lock",
    "_quarto.yml",
)  # fmt: skip
"""Without these the project cannot be set up or run elsewhere."""

_BESIDE = (
    "CITATION.cff", "Makefile", "codemeta.json", "requirements-*.lock", "_quarto-*.yml",
    "notebooks/*.ipynb", "notebooks/own/**/*.py", "reports/*.csv", "reports/*/*",
    "data/corrections.yml", "data/series_breaks.yml", "data/sources.yml", "data/subjects.yml", "data/methods/*",
    "data/regions/*.csv", "data/regions/*.yml", "data/programme/template.csv", "data/programme/disclosure.yml",
)  # fmt: skip

_OF_THE_FIRST = (
    "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "GLOSSARY.md", "docs/*.md",
    "data/own/*", "data/indicators/*.yml", "data/plans/*/*", "data/plans/allowed_signers",
    "data/programme/README.md", "data/retail/README.md",
)  # fmt: skip
"""What a deal with indicators of its own does without, but for what its run read: the other deals' own, and manuals
that take their examples from the deal that the project began with."""


def project_files(run: GoodRun) -> tuple[dict[str, bytes], tuple[Absent, ...]]:
    """Collect the project as others may have it, by the path in it, and say what was left out.

    Raises UsageError when a file is missing without which nobody can set the project up, or one that the run read.
    """
    root = project_root()
    if missing := [name for name in _NEEDED if not (root / name).is_file()]:
        raise UsageError(f"A bundle needs {', '.join(missing)} at the root of the project.")
    deal, programme, retail = run.checked
    programmes = {deal.id: programme, **_of_other_deals(run)}
    own = [name for item in programmes for name in (f"data/deal/{item}.yml", f"data/indicators/{item}/*.yml")]
    names = [*_NEEDED, *_matching(root, [*_BESIDE, *own]), *_snapshot_names()]
    is_apart = has_own_indicators(deal.id)
    if not is_apart:
        names += _matching(root, _OF_THE_FIRST)
    files = {name: (root / name).read_bytes() for name in names}
    if is_apart:
        asked = {name for name in _read(run) if name.startswith(("data/indicators/", "data/own/"))}
        files |= {name: (root / name).read_bytes() for name in asked}
        files = leave_others_out(files, _read(run), deal.id, has_retail=retail is not None)
    private = {(item.source, item.table) for item in list_snapshots(include_private=True) if item.private}
    files |= {name: without_private(files[name], private) for name in (f"data/{FILE}",) if name in files}
    package = package_dir()
    files |= {f"evaluation/{name}": (package / name).read_bytes() for name in folder_hashes(package)}
    are_aggregates = False
    for name, records in programmes.items():
        shared, left = share_records(load_deal(name), records)
        files |= {f"data/programme/{name}/{file}": content for file, content in shared.items()}
        are_aggregates |= left
    retail_place = f"data/retail/{deal.id}/"
    left_out = _retail_absent(retail)
    if retail is not None and left_out is None:
        files |= {name: (root / name).read_bytes() for name in _matching(root, [f"{retail_place}*"])}
    elif retail is not None:
        files |= {retail_place + name: content for name, content in _shared_retail(run, retail).items()}
    stand_ins = _stand_ins(deal.id, run.record.get("withheld", ()))
    _check_covered(run, files, (*(f"data/programme/{name}/" for name in programmes), retail_place))
    absent = (_absent("single deliveries") if are_aggregates else None, left_out, *_private_absent())
    files |= stand_ins
    return files, tuple(item for item in absent if item is not None)


def _of_other_deals(run: GoodRun) -> dict[str, Programme]:
    """Read the records that a run over all deals shows, beside those of its own deal."""
    if run.edition.kind != "portfolio":
        return {}
    return {name: records for name, records in load_all_records().items() if name != run.checked[0].id}


def check_traces(files: dict[str, bytes]) -> None:
    """Refuse a bundle that would tell on which machine or by whom it was made.

    Raises PublishError with the files that hold a path of this machine or the name of its user.
    """
    faults = [
        f"{name} holds {what}"
        for name, content in sorted(files.items())
        for what, trace in _traces()
        if trace.encode() in content
    ]
    if faults:
        raise PublishError("Nothing was written, for a bundle goes to others: " + "; ".join(faults) + ".")


def _traces() -> Iterator[tuple[str, str]]:
    """List what would give this machine or its user away."""
    yield "the path of this project", str(project_root())
    if len(Path.home().parts) > 2:  # not /root, which is the same everywhere
        yield "the path of a home folder", str(Path.home())
    name = _full_name()
    if " " in name:
        yield "the name of a user", name


def _full_name() -> str:
    """Return the name of who works here, as the machine has it; empty where it has none."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_gecos.partition(",")[0]
    except (ImportError, KeyError):  # Windows; a user without an entry
        return ""


def _matching(root: Path, patterns: Iterable[str]) -> list[str]:
    """List the files that patterns name, without hidden ones (an office program's lock file names its user)."""
    found = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    return sorted(path.relative_to(root).as_posix() for path in found if not path.name.startswith((".", "~")))


def _snapshot_names() -> Iterator[str]:
    for item in list_snapshots():
        place = f"data/snapshots/{item.source}/{item.vintage.isoformat()}/{item.table}"
        yield f"{place}.{item.format}"
        yield f"{place}.yml"
    yield COUNTS


def _retail_absent(retail: RetailTables | None) -> Absent | None:
    """Say why the premises stay out; None when they may go along: only what is made up hides nobody."""
    if retail is None or (retail.is_example and not retail.is_private):
        return None
    dataset = retail.dataset
    if not dataset.may_publish:
        return _absent("premises that are not told")
    kind = "licensed" if retail.is_private else "real"
    return _absent("premises", source=dataset.source, licence=dataset.licence, kind=kind)


def _absent(name: str, **words: str) -> Absent:
    return Absent(**{part: text.format(**words) for part, text in _ABSENT[name].items()})


def _shared_retail(run: GoodRun, retail: RetailTables) -> dict[str, bytes]:
    """Write what may go along of retail tables that stay at the office: the figures as the run could show them."""
    deal, year = run.checked[0], run.edition.year
    monitor = open_view(deal=deal.id, year=year, theme=deal.themes[0].id).monitor
    figures = {} if monitor is None else monitor.figures()
    names = ("unit", "year", "measure", "quantity")
    rows = [{**dict(zip(names, key, strict=True)), **asdict(figure)} for key, figure in figures.items()]
    return {name: text.encode() for name, text in shared_retail_files(retail.until(year), rows).items()}


def _stand_ins(deal: str, places: Iterable[str]) -> dict[str, bytes]:
    """Write what stands in the place of the private tables that the run read: which areas and years, without values."""
    files: dict[str, bytes] = {}
    registry = load_registry()
    asked = [item.calculation for item in load_indicators(folder=register_dir(deal)).values() if item.calculation]
    series = [part for item in asked for part in (*item.numerator, *item.denominator, *item.weights)]
    for place in places:
        source, vintage, table = place.split("/")
        snapshot = open_snapshot(source, table, vintage=vintage)
        if not snapshot.is_withheld:  # it became public since
            continue
        known = registry.tables.get(f"{source}/{table}")
        names = {item.name for item in known.measures} if known else set()
        names |= {part.measure for part in series if (part.source, part.table) == (source, table) and part.measure}
        files |= stand_in(snapshot.table, snapshot.metadata, names)
    return files


def _private_absent() -> Iterator[Absent]:
    """Tell of the private overlay who publishes it, where the public register says so, and not what it holds."""
    known = load_registry().publishers
    public = {(item.source, item.table, item.vintage) for item in list_snapshots()}
    private = [
        item
        for item in list_snapshots(include_private=True)
        if item.private and (item.source, item.table, item.vintage) not in public
    ]
    for source in sorted({item.source for item in private}):
        yield _absent("private figures", of=f" of {known[source].name}" if source in known else "")


def _read(run: GoodRun) -> set[str]:
    """List the files of the project that the run read."""
    return {name for inputs in run.inputs.values() for name, digest in inputs["files"].items() if digest is not None}


def _check_covered(run: GoodRun, files: dict[str, bytes], elsewhere: tuple[str, ...]) -> None:
    """Refuse when the bundle would not have a file that the run read, or has one that the run could not know."""
    if missing := sorted(name for name in _read(run) - files.keys() if not name.startswith(elsewhere)):
        raise UsageError(f"The run read {', '.join(missing)}, of which no bundle is made (evaluation/bundles).")
    known = {name for inputs in run.inputs.values() for name in inputs["names"]}
    data = {name for name in files if name.startswith("data/") and not name.startswith(elsewhere)}
    if new := sorted(data - known):
        raise UsageError(f"{', '.join(new)} came after the run. Run it anew: regiodeal run {run.edition.command}")
