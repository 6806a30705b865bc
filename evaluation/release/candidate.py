"""Make a release candidate of a report, have it signed, and put it in the archive."""

import json
import re
import shutil
from datetime import date
from pathlib import Path

from evaluation.base.errors import PublishError, SnapshotError, UsageError
from evaluation.base.locks import LONGEST_WAIT, held
from evaluation.base.paths import build_dir, draft_folder, replace_folder, site_dir, write_bytes
from evaluation.bundles.archive import write_bundle
from evaluation.inputs.deal import load_deal
from evaluation.inputs.deal_parts import Region
from evaluation.inputs.editions import Edition
from evaluation.publish.pages.numbers import Codebook
from evaluation.publish.site.bundle_sums import SUMS, show_sums
from evaluation.release.addresses import keep_addresses, lost_addresses
from evaluation.release.archive import candidate_dir, keep, last_release
from evaluation.release.change_pages import CHANGES_TABLE, mark_revised, write_changes
from evaluation.release.changes import Changes, compare_bundles
from evaluation.release.labelling import check_labelling
from evaluation.release.prints import print_release
from evaluation.release.reuse.files import REUSE_PAGE, write_reuse
from evaluation.release.shell import CHANGES_PAGE, RELEASE_PAGE, change_pages, read_shell
from evaluation.release.signatures import (
    MINISIGN_SUFFIX,
    SSH_SUFFIX,
    Signature,
    find_signer,
    missing_roles,
    signatures_of,
)
from evaluation.release.signers import REPRODUCER, Signers, load_signers
from evaluation.release.statement import PLOTLY, SIGNATURES, SITE, STATEMENT, Release, open_release, write_statement

_DOI = re.compile(r"10\.\d{4,9}/\S+")
_FOOTER = re.compile(r'(<footer class="voet">\s*<p>\n?)')
_LINKS = "".join(
    f'    <a href="{page}">{words}</a>\n'
    for page, words in (
        (RELEASE_PAGE, "Over deze uitgave"),
        (CHANGES_PAGE, "Wat is er veranderd"),
        (REUSE_PAGE, "Cijfers en figuren hergebruiken"),
    )
)


def make_candidate(
    deal_id: str, edition: Edition, *, day: date, note: str = "", erratum: str = "", doi: str = ""
) -> Release:
    """Make the candidate of the next release of an edition: its pages, prints and bundle, with one sum over all.

    Every number is compared with that of the last release; each address of that keeps leading somewhere.

    Raises UsageError when there is no report or good run of the present inputs, or the first release corrects
    something; SnapshotError when the last release is not what was released; PublishError when the report on the site is
    of another run, or labels neighbourhoods.
    """
    site = site_dir(deal_id) / edition.id
    if not (site / "index.html").is_file():
        raise UsageError(f"There is no report of {edition.id}. Make it first: regiodeal report {edition.command}")
    if doi and not _DOI.fullmatch(doi):
        raise UsageError(f"--doi: got {doi!r}; expected something as 10.5281/zenodo.1234567")
    last = last_release(deal_id, edition.id)
    if erratum and last is None:
        raise UsageError("--erratum: there is no release before this one that could be corrected.")
    if last is not None and last[1].date > day.isoformat():
        raise UsageError(f"The last release is of {last[1].date}; this one cannot be of {day.isoformat()}.")
    number = 1 if last is None else last[1].number + 1
    target = candidate_dir(deal_id, edition.id)
    target.parent.mkdir(parents=True, exist_ok=True)
    busy = f"Another command makes a release of {edition.id}"
    with held(target.with_name(f".{edition.id}.lock"), busy), draft_folder(target.parent, edition.id) as draft:
        bundle = draft / f"{deal_id}-{edition.id}-uitgave-{number}.zip"
        written = write_bundle(deal_id, edition, bundle)
        (draft / SUMS).unlink(missing_ok=True)  # the statement has it
        shutil.copytree(site, draft / SITE)
        if (plotly := site.parent / PLOTLY).is_file():
            (draft / PLOTLY).parent.mkdir()
            shutil.copy2(plotly, draft / PLOTLY)
        run = json.loads((draft / SITE / "run.json").read_bytes())
        made = json.loads((build_dir() / "runs" / deal_id / edition.id / "run.json").read_bytes())
        if run["results_sha256"] != made["results_sha256"]:
            again = f"Make it again: regiodeal report {edition.command}"
            raise PublishError(f"The report of {edition.id} on the site is not of the last run. {again}")
        check_labelling(draft / SITE)
        show_sums(draft / SITE)
        changes = None if last is None else compare_bundles(last[0] / last[1].bundle, bundle, deal_id)
        words = Codebook(written.record), load_deal(deal_id).region
        _write_pages(draft / SITE, changes, words, number=number, note=note, erratum=erratum)
        release = Release(
            deal=deal_id, deal_name=written.record.deal_name, edition=edition.id, title=written.record.title,
            number=number, date=day.isoformat(), results_sha256=run["results_sha256"], bundle=bundle.name, note=note,
            erratum=erratum, doi=doi, roles=load_signers(deal_id).roles, previous=last[1].sha256 if last else "",
            changes=len(changes.all) if changes else 0,
        )  # fmt: skip
        print_release(draft / SITE, release, changes)
        _write_reuse(draft / SITE, release)
        if last is not None:  # after all that is made, so that what is gone is known
            keep_addresses(last[0] / SITE, draft / SITE, read_shell(draft / SITE), last[1].name)
        write_statement(release, run, draft)
        release = open_release(draft)
        replace_folder(draft, target)
    return release


def _write_pages(
    site: Path, changes: Changes | None, words: tuple[Codebook, Region], *, number: int, note: str, erratum: str
) -> None:
    """Add to the pages of a report what a release has: the page of changes, marks, links."""
    if changes is not None:
        mark_revised(site, changes)
    change_pages(site, lambda _, text: _FOOTER.sub(lambda found: found[1] + _LINKS, text, count=1))
    write_changes(site, changes, words, number=number, erratum=erratum, note=note)


def _write_reuse(site: Path, release: Release) -> None:
    """Add the files for reuse."""
    about = {
        "deal": release.deal, "deal_name": release.deal_name, "edition": release.edition, "title": release.title,
        "release": release.number, "date": release.date,
    }  # fmt: skip
    write_reuse(site, read_shell(site), about=about, place=release.name)


def open_candidate(deal_id: str, edition: Edition) -> tuple[Path, Release]:
    """Open the candidate of an edition, held to its statement.  Raises UsageError when there is none."""
    folder = candidate_dir(deal_id, edition.id)
    if not (folder / STATEMENT).is_file():
        raise UsageError(f"There is no release candidate of {edition.id}. Make it: regiodeal release {edition.id}")
    return folder, open_release(folder)


def add_signature(folder: Path, role: str, signature: bytes, signers: Signers) -> Signature:
    """Add a signature in a role to a candidate.

    Raises UsageError when the role has no key, SnapshotError when it is no good signature by a key of that role.
    """
    if not signers.approving(role):
        there = (
            ", ".join(sorted({item.role for item in signers.keys if item.role != REPRODUCER}))
            or "none: there is no list of signers"
        )
        raise UsageError(f"--role: got {role!r}; roles with a key: {there}.")
    statement = (folder / STATEMENT).read_bytes()
    whose = find_signer(statement, signature, signers.approving(role))
    if whose is None:
        raise SnapshotError(f"Got no good signature of this release by a key of {role}; nothing was added.")
    suffix = MINISIGN_SUFFIX if whose.key.startswith("minisign") else SSH_SUFFIX
    for other in (SSH_SUFFIX, MINISIGN_SUFFIX):
        (folder / SIGNATURES / f"{role}{other}").unlink(missing_ok=True)
    write_bytes(folder / SIGNATURES / f"{role}{suffix}", signature)
    return whose


def place_candidate(deal_id: str, edition: Edition) -> tuple[Release, list[Signature]]:
    """Put the candidate of an edition in the archive, as its next release.

    Raises SnapshotError when a byte was changed since it was made or a signature is not good; PublishError when a
    needed role has not signed, it does not follow on the last release, its comparison with that is missing or
    another, or an address of that leads nowhere.  Nothing is placed then.
    """
    lock = held(build_dir() / ".publish.lock", "Another command publishes the site", wait=LONGEST_WAIT)
    with lock:
        folder, release = open_candidate(deal_id, edition)
        signers = load_signers(deal_id)
        signatures = signatures_of((folder / STATEMENT).read_bytes(), folder / SIGNATURES, signers)
        if missing := missing_roles(signatures, sorted({*signers.roles, *release.roles})):
            told = f"not signed by {' and '.join(missing)}"
            raise PublishError(f"Release {release.number} of {edition.id} is {told} (regiodeal approve).")
        check_comparison(folder, release, edition)
        check_addresses(folder, release)
        keep(folder, release)
    shutil.rmtree(folder, ignore_errors=True)
    return release, signatures


def check_addresses(folder: Path, release: Release) -> None:
    """Refuse a release in which an address of the last one leads nowhere.  Raises PublishError with the first five."""
    last = last_release(release.deal, release.edition)
    if last is not None and (lost := lost_addresses(last[0] / SITE, folder / SITE)):
        more = f" and {len(lost) - 5} more" if len(lost) > 5 else ""
        raise PublishError(
            f"{len(lost)} addresses of release {last[1].number} lead nowhere in this candidate: "
            f"{', '.join(lost[:5])}{more}. Make it anew: regiodeal release {release.edition}"
        )


def check_comparison(folder: Path, release: Release, edition: Edition) -> None:
    """Refuse a release without its comparison with the last one, made anew here.

    Raises PublishError when it follows on another release, has no page of changes, or other changes than there are.
    """
    again = f"Make it anew: regiodeal release {edition.id}"
    last = last_release(release.deal, release.edition)
    if (release.number, release.previous) != ((1, "") if last is None else (last[1].number + 1, last[1].sha256)):
        raise PublishError(f"This candidate of {edition.id} does not follow on the last release. {again}")
    if f"{SITE}/{CHANGES_PAGE}" not in release.files:
        raise PublishError(f"This candidate of {edition.id} has no page of what changed. {again}")
    if last is None:
        return
    found = compare_bundles(last[0] / last[1].bundle, folder / release.bundle, release.deal)
    table = folder / SITE / CHANGES_TABLE
    rows = table.read_text(encoding="utf-8").splitlines()[1:] if table.is_file() else []
    told = {row.partition(",")[0] for row in rows}
    if len(found.all) != release.changes or told != {item.result_id for item in found.all}:
        raise PublishError(f"The page of changes of {edition.id} does not have the changes that there are. {again}")
