"""Put the releases on the site that is published: the newest under ``/2021/``, each under ``/2021/uitgave-1/``."""

import filecmp
import json
import re
import shutil
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from evaluation.base import dutch
from evaluation.base.errors import PublishError, SnapshotError
from evaluation.base.paths import DEFAULT_DEAL, REPORT_FOLDER, write_text
from evaluation.inputs.deal import load_deal
from evaluation.publish.pages.html import parse_page
from evaluation.publish.site.years import refresh_years
from evaluation.release.archive import list_releases
from evaluation.release.certificate import Certified, publish_certificate, read_certificates
from evaluation.release.duties import write_duties
from evaluation.release.release_page import release_page, unsigned_lines
from evaluation.release.reuse.files import REUSE
from evaluation.release.reuse.interface import write_interface
from evaluation.release.shell import RELEASE_PAGE, change_pages, read_shell, with_note
from evaluation.release.signatures import Signature, missing_roles, signatures_of
from evaluation.release.signers import Signers, load_signers
from evaluation.release.statement import CERTIFICATES, PLOTLY, SIGNATURES, SITE, STATEMENT, Release, open_release

_HREF = re.compile(r'(?P<name>href|src|data-plotly|data-zoekindex)="(?P<address>[^"#:]*)(?P<place>#[^"]*)?"')
_SWITCH = re.compile(r'<nav\b[^>]*\bclass="jaren"[^>]*>.*?</nav>', re.DOTALL)
_HEAD = re.compile(r"</title>")
_NO_INDEX = '</title>\n<meta name="robots" content="noindex">'
_FOOTER = re.compile(r"</footer>")
_SHARED_PLOTLY = f'data-plotly="../../{PLOTLY}"'
_ACCOUNT = "verantwoording.html"
_END = re.compile(r'(<nav class="verder"|</main>)')


@dataclass(frozen=True, slots=True)
class Edition:
    """A release as it is published: what it is, who signed it, and who reproduced it."""

    folder: Path
    release: Release
    signatures: tuple[Signature, ...]
    certificates: tuple[Certified, ...]


def open_editions(deal_id: str, edition: str, signers: Signers) -> list[Edition]:
    """Open every release of an edition, the oldest first, each held to its statement, signatures and certificates.

    Raises SnapshotError when one of them is not what was released, signed or certified, or does not follow on the one
    before it.
    """
    found: list[Edition] = []
    for folder in list_releases(deal_id, edition):
        release = open_release(folder)
        statement = (folder / STATEMENT).read_bytes()
        signatures = signatures_of(statement, folder / SIGNATURES, signers)
        before = found[-1].release.sha256 if found else ""
        if (release.name, release.previous) != (folder.name, before):
            raise SnapshotError(f"{edition}/{folder.name} does not follow on the release before it.")
        if missing := missing_roles(signatures, release.roles):
            raise SnapshotError(f"{edition}/{folder.name} has lost the signature of {' and '.join(missing)}.")
        certificates = read_certificates(folder / CERTIFICATES, release, signers)
        found.append(Edition(folder, release, tuple(signatures), tuple(certificates)))
    return found


def place_releases(
    site: Path, *, address: str | None = None, today: date | None = None, deal: str = DEFAULT_DEAL
) -> None:
    """Put the releases in a copy of the site, each with the note that it needs; a report without one says so.

    `deal` is the one whose reports stand at the root.  The `address` of the site stands in how a release is cited,
    where it is known.  What is due stands as of `today`.

    Raises PublishError when a report in the site is another than its newest release; SnapshotError when a release is
    not what was released.
    """
    opened = {report: open_editions(*_of(report, site, deal)) for report in _reports(site)}
    for report, editions in opened.items():
        if editions:
            _check_newest(report, editions[-1])
            _place_newest(report, editions, address)
        else:
            _say_unsigned(report)
    for folder in {report.parent for report in opened}:
        refresh_years(folder)
    for report, editions in opened.items():
        for one in editions:
            _place_archived(report, one, editions, address)
    for report, editions in opened.items():
        for one in editions:
            _mend_links(report / one.release.name, report)
    found = [
        (report.relative_to(site).as_posix(), one.release) for report, editions in opened.items() for one in editions
    ]
    write_interface(site, found, address)
    for folder in {report.parent for report in opened}:
        own = {report.name: editions for report, editions in opened.items() if report.parent == folder}
        first = {name: editions[0].release for name, editions in own.items() if editions}
        about = load_deal(deal if folder == site else folder.name)
        write_duties(folder, about, first, set(own), today=today or date.today())


def _of(report: Path, site: Path, root: str) -> tuple[str, str, Signers]:
    """Say which deal and edition a report is of, and who may sign it."""
    deal_id = report.parent.name if report.parent != site else root
    return deal_id, report.name, load_signers(deal_id)


def _reports(site: Path) -> list[Path]:
    """List the reports of a site and of the sites of other deals in it."""
    return [
        path
        for path in sorted([*site.glob("*/"), *site.glob("*/*/")])
        if REPORT_FOLDER.fullmatch(path.name) and (path / "run.json").is_file()
    ]


def _check_newest(report: Path, newest: Edition) -> None:
    """Refuse a report that was made anew after its release: pages around it would show other numbers."""
    made = json.loads((report / "run.json").read_bytes()).get("results_sha256")
    if made != newest.release.results_sha256:
        name = report.name
        raise PublishError(
            f"The report of {name} was made anew after release {newest.release.number}, and has other numbers. Release "
            f"it too: regiodeal release {name}, and then regiodeal publish --to DIR --release {name}"
        )


def _place_newest(report: Path, editions: list[Edition], address: str | None) -> None:
    newest = editions[-1]
    shutil.rmtree(report)
    shutil.copytree(newest.folder / SITE, report, ignore=lambda folder, names: {REUSE} & {*names})
    shell = read_shell(report)
    page = release_page(shell, newest, editions, base=f"{newest.release.name}/", address=address)
    write_text(report / RELEASE_PAGE, page)
    _add_badges(report, editions, newest)


def _place_archived(report: Path, one: Edition, editions: list[Edition], address: str | None) -> None:
    """Put a release at its permanent address, a folder deeper than it was made for."""
    target = report / one.release.name
    shutil.copytree(one.folder / SITE, target)
    if (one.folder / SIGNATURES).is_dir():
        shutil.copytree(one.folder / SIGNATURES, target / SIGNATURES)
    for name in (STATEMENT, one.release.bundle):
        shutil.copy2(one.folder / name, target / name)
    for certified in one.certificates:
        publish_certificate(certified, target / CERTIFICATES / certified.name)
    write_text(target / RELEASE_PAGE, release_page(read_shell(target), one, editions, base="", address=address))
    plotly = _own_plotly(one, report, target)
    _add_badges(target, editions, one)
    switch = _SWITCH.search((report / "index.html").read_text(encoding="utf-8"))
    newest = editions[-1].release
    note = _banner(one.release, editions) if newest.number > one.release.number else ""

    def place(path: Path, text: str) -> str:
        if path.relative_to(target).parts[0] in (CERTIFICATES, REUSE):
            return text
        if switch:
            text = _SWITCH.sub(lambda _: switch[0], text, count=1)
        text = _HREF.sub(_deeper, text)
        text = text.replace(_SHARED_PLOTLY, plotly)
        text = _HEAD.sub(_NO_INDEX, text, count=1)
        if note:
            twin = path.relative_to(target).as_posix()
            there = twin if (report / twin).is_file() else "index.html"
            text = with_note(text, f'{note} <a href="../{there}">Naar de nieuwste uitgave</a>')
        return text

    change_pages(target, place)


def _own_plotly(one: Edition, report: Path, target: Path) -> str:
    """Keep the drawing program of a release with it where the site has another version by now; return the attribute."""
    own, shared = one.folder / PLOTLY, report.parent / PLOTLY
    if not own.is_file() or (shared.is_file() and filecmp.cmp(own, shared, shallow=False)):
        return _SHARED_PLOTLY
    (target / PLOTLY).parent.mkdir()
    shutil.copy2(own, target / PLOTLY)
    return f'data-plotly="{PLOTLY}"'


def _deeper(found: re.Match) -> str:
    """Lead to the same place from a folder deeper: of the site, or another release of this report."""
    address = found["address"]
    if address.startswith(("../", "uitgave-")):
        address = f"../{address}"
    return f'{found["name"]}="{address}{found["place"] or ""}"'


def _mend_links(folder: Path, report: Path) -> None:
    """Let what an older release says of other pages lead to the front page of the site where that page is gone."""
    front = "../../index.html" if (report.parent / "index.html").is_file() else "../index.html"

    def mend(path: Path, text: str) -> str:
        def check(found: re.Match) -> str:
            if found["name"] != "href" or not found["address"].startswith("../"):
                return found[0]
            target = path.parent / found["address"]
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                return f'href="{front}"'
            place = (found["place"] or "")[1:]
            if place and target.suffix == ".html" and place not in parse_page(target).xpath("//@id"):
                return f'href="{found["address"]}"'
            return found[0]

        return _HREF.sub(check, text)

    change_pages(folder, mend)


def _banner(release: Release, editions: list[Edition]) -> str:
    """Say on an old release that there is a newer one, and what was wrong in it."""
    newest = editions[-1].release
    after = editions[release.number].release
    words = f"Dit is uitgave {release.number} van {_day(release.date)}. Er is een nieuwere: uitgave {newest.number}."
    if after.erratum:
        words += f" <strong>In deze uitgave zat een fout:</strong> {escape(after.erratum)}"
    return words


def _add_badges(folder: Path, editions: list[Edition], shown: Edition) -> None:
    """Show in the footer who reproduced this report, and when it was changed since."""
    lines = []
    for one in editions[: shown.release.number]:
        number = one.release.number
        since = ""
        if number < shown.release.number:
            changed = _day(editions[number].release.date)
            since = f"; dat was uitgave {number}, het verslag is gewijzigd op {changed}"
        for item in one.certificates:
            words = f"Nagerekend door {escape(item.by)} op {_day(item.date)}: {escape(item.words)}{since}"
            lines.append(f'<p class="nagerekend"><a href="{RELEASE_PAGE}#nagerekend">{words}</a></p>')
    if lines:
        text = "\n".join(lines)
        change_pages(folder, lambda _, page: _FOOTER.sub(lambda _: f"{text}\n</footer>", page, count=1))


def _say_unsigned(report: Path) -> None:
    """Say on the account page of a report that nobody released or signed it."""
    path = report / _ACCOUNT
    if path.is_file():
        text = path.read_text(encoding="utf-8")
        write_text(path, _END.sub(lambda found: f"{unsigned_lines()}\n{found[1]}", text, count=1))


def _day(text: str) -> str:
    return dutch.day(date.fromisoformat(text))
