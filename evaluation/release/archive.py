"""Where releases stand: the candidate in ``build/release``, what was published for good in ``releases/``."""

import shutil
from pathlib import Path

from evaluation.base.errors import UsageError
from evaluation.base.paths import build_dir, draft_folder, project_root, replace_folder
from evaluation.publish.pages.search_index import ARCHIVE_FOLDER
from evaluation.release.statement import CERTIFICATES, SIGNATURES, STATEMENT, Release, open_release, read_statement


def candidate_dir(deal_id: str, edition: str) -> Path:
    """Return the folder of the release candidate of an edition."""
    return build_dir() / "release" / deal_id / edition


def archive_dir(deal_id: str, edition: str) -> Path:
    """Return the folder in which the releases of an edition are kept: never edited, never removed."""
    return project_root() / "releases" / deal_id / edition


def list_releases(deal_id: str, edition: str) -> list[Path]:
    """List the folders of the releases of an edition, the oldest first.

    Raises UsageError when one is missing between the first and the last: an address would be gone.
    """
    parent = archive_dir(deal_id, edition)
    found = {}
    for path in parent.iterdir() if parent.is_dir() else ():
        if path.is_dir() and (number := ARCHIVE_FOLDER.fullmatch(path.name)):
            found[int(number[1])] = path
    if missing := [number for number in range(1, max(found, default=0) + 1) if number not in found]:
        raise UsageError(
            f"releases/{deal_id}/{edition} has no uitgave-{missing[0]}: get it back, its address is cited."
        )
    return [found[number] for number in sorted(found)]


def last_release(deal_id: str, edition: str) -> tuple[Path, Release] | None:
    """Open the newest release of an edition, held to its statement; None where there is none."""
    folders = list_releases(deal_id, edition)
    return (folders[-1], open_release(folders[-1])) if folders else None


def known_release(deal_id: str, edition: str, bundle_sha256: str) -> tuple[Path, Release] | None:
    """Find the release of an edition that has a bundle with this sum."""
    for folder in list_releases(deal_id, edition):
        release = read_statement((folder / STATEMENT).read_bytes())
        if release.bundle_sha256 == bundle_sha256:
            return folder, release
    return None


def keep(folder: Path, release: Release) -> Path:
    """Put a candidate in the archive, whole, under its number.  Raises UsageError when that is taken."""
    parent = archive_dir(release.deal, release.edition)
    target = parent / release.name
    if target.exists():
        raise UsageError(f"releases/{release.deal}/{release.edition}/{release.name} is there already, and stays.")
    parent.mkdir(parents=True, exist_ok=True)
    with draft_folder(parent, release.name) as draft:
        for name in {*(Path(file).parts[0] for file in release.files), STATEMENT, SIGNATURES}:
            source = folder / name
            if source.is_dir():
                shutil.copytree(source, draft / name)
            elif source.is_file():
                shutil.copy2(source, draft / name)
        open_release(draft)
        (draft / CERTIFICATES).mkdir()
        replace_folder(draft, target)
    return target
