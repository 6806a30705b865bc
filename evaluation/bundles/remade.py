"""What a bundle says beside what this package makes itself: its descriptions, its notebooks, and the project here.

Whoever forges a bundle can write all sums in it anew; what this package writes of the same files he can not.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from evaluation.base.errors import UsageError
from evaluation.base.fingerprints import folder_hashes
from evaluation.base.paths import package_dir, project_root
from evaluation.base.zips import read_json
from evaluation.bundles import layout
from evaluation.bundles.altered import FileChange, find_changes
from evaluation.bundles.describe import describe, record_of
from evaluation.bundles.layout import PROJECT, RUN, RUN_FILES, BundleRecord

_MOST_YAML, _MOST_OF_RUN = 2_000_000, 200
_PACKAGE = f"{PROJECT}evaluation/"
_CELLS_NAMED = 5


def check_descriptions(
    record: BundleRecord, files: Mapping[str, bytes], *, is_older: bool = False
) -> Iterator[FileChange]:
    """Make README, licence and the descriptions for machines anew, and name those that are not as they would be.

    Of the published bundle they may be others where another version of the package made it (`is_older`).
    """
    content = {name: text for name, text in files.items() if name.startswith((PROJECT, RUN))}
    try:
        if sum(len(text) for name, text in content.items() if name.endswith(".yml")) > _MOST_YAML:
            raise ValueError("its metadata are too large")
        if sum(name.startswith(RUN) for name in content) > _MOST_OF_RUN:
            raise ValueError("it has more notebooks than a report")
        expected = record_of(content, record.absent)
        made = describe({**content, layout.ORIGINALS: files.get(layout.ORIGINALS, b"")}, expected)
    except Exception as error:  # what it is made of was written by others, and may be anything
        words = f"cannot be made anew of what is in this bundle ({type(error).__name__})"
        yield FileChange(layout.README, "unlike", note=words)
        return
    note = "is not what this package writes of these files" + (" (another version of it made them)" if is_older else "")
    for name, text in made.items():
        if files.get(name) != text:
            found = find_changes(name, text, files.get(name, b""))
            yield FileChange(name, "unlike", found.places, found.count, note, is_older)
    for name in sorted(files.keys() - made.keys() - content.keys() - {layout.ORIGINALS, layout.SUMS}):
        yield FileChange(name, "unlike", note="is no part of a bundle")


def check_notebooks(
    expected: Mapping[str, bytes], got: Mapping[str, bytes], *, harmless: str = ""
) -> Iterator[FileChange]:
    """Name the executed notebooks, and the record of the run, that are not what running the bundle here gave.

    `harmless` says why they may differ without anybody's doing: other versions, or another processor.
    """
    for name in sorted({*expected, *got} - {*RUN_FILES}):
        if name not in got:
            yield FileChange(RUN + name, "unlike", note="is not made by running this bundle")
        elif expected.get(name) != got[name]:
            cells = _cells(expected.get(name, b""), got[name])
            note = f"is not what running it gives{cells}" + (f" ({harmless})" if harmless else "")
            yield FileChange(RUN + name, "unlike", note=note, is_harmless=bool(harmless))
    try:
        before, now = (read_json(files["run.json"]) for files in (expected, got))
    except (KeyError, ValueError):
        yield FileChange(f"{RUN}run.json", "unlike", note="cannot be read")
        return
    told = ("deal", "deal_name", "edition", "kind", "year", "as_of", "status", "plan_hash", "snapshots", "dataset")
    if other := [name for name in told if before.get(name) != now.get(name)]:
        yield FileChange(f"{RUN}run.json", "unlike", note=f"is not what running it gives: {', '.join(other)}")


def find_others(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """List the files of the bundle's project that are others than those of the package and project of this command.

    They may be others because the bundle is older, or because somebody altered it.  Of another deal than those here,
    only code that is not here is listed: its data cannot be.
    """
    package = package_dir()
    try:
        root = project_root()
    except UsageError:
        root = package.parent
    own = {f"{_PACKAGE}{name}": package / name for name in folder_hashes(package)}
    names = {name for name in files if name.startswith(PROJECT)}
    places = {name: root / name.removeprefix(PROJECT) for name in names if not name.startswith(_PACKAGE)} | own
    there = {name for name in names & places.keys() if places[name].is_file()}
    differ = {name for name in there if places[name].read_bytes() != files[name]}
    is_of_here = any(name.startswith(f"{PROJECT}data/deal/") for name in there)
    added = {name for name in names - there if is_of_here or name.startswith(_PACKAGE) or _is_code(name)}
    return tuple(sorted(differ | added | (own.keys() - names)))


def _is_code(name: str) -> bool:
    return PurePosixPath(name).suffix in (".py", ".pth", ".ipynb", ".so", ".pyd", ".pyc", ".cfg", ".toml")


def _cells(expected: bytes, got: bytes) -> str:
    """Name the first cells that differ, where both can be read."""
    try:
        before, now = ([str(cell) for cell in read_json(content)["cells"]] for content in (expected, got))
    except (KeyError, TypeError, ValueError, RecursionError):
        return ""
    if len(before) != len(now):
        return f": {len(before)} cells, and not {len(now)}"
    places = [str(place) for place, pair in enumerate(zip(before, now, strict=True), start=1) if pair[0] != pair[1]]
    more = " and more" if len(places) > _CELLS_NAMED else ""
    return f": cell {', '.join(places[:_CELLS_NAMED])}{more}" if places else ": its metadata"


def read_run(folder: Path) -> dict[str, bytes]:
    """Read the files of a run, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and not path.is_symlink()}
