"""The whole site as a folder for any static host: complete, checked, and put in place at once."""

import json
import re
import shutil
import struct
import zlib
from collections.abc import Callable, Iterator
from importlib import resources
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from evaluation.base.errors import PublishError
from evaluation.base.locks import LONGEST_WAIT, held
from evaluation.base.paths import INCOMPLETE, REPORT_FOLDER, build_dir, draft_folder, replace_folder
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import report_title
from evaluation.inputs.retail.tables import retail_dataset
from evaluation.present.colours import COLOURS
from evaluation.publish.pages.checks import list_dead_links
from evaluation.publish.pages.cleanup import find_remote
from evaluation.publish.pages.policy import POLICY_TAG, find_foreign
from evaluation.publish.pages.search_index import is_archived, list_public_pages, refresh_search
from evaluation.publish.site.bundle_sums import show_sums
from evaluation.publish.site.catalogue import catalogue_json, results_entry
from evaluation.publish.site.packed_results import PACKED, pack_results
from evaluation.statistics.release import check_released

MARKER = ".regiodeal-site.json"
"""Says that a folder was written here, so that it may be replaced."""

_SHARE_IMAGE = "assets/deel.png"
_LARGEST_SITE = 20_000_000
_LARGEST_PAGE = 200_000
_PRINTED = (".pdf", ".docx")
_DRAFT = "-regiodeal-draft"
"""Nobody else names a folder so, and what was left under it may go."""

_SKIPPED = re.compile(rf"\..*|.*{INCOMPLETE}")


def publish_site(
    site: Path, target: Path, *, address: str | None = None, prepare: Callable[[Path], None] = lambda draft: None
) -> Path:
    """Write the site to a folder that any static host serves; without its `address` there is no sitemap and no feed.

    `prepare` changes the copy that is published before it is checked: it puts the releases in their places.

    Raises PublishError when there is no site, it has a fault (each is named), or `target` holds something else than
    what was written here before.  What stood in `target` then stays as it was.
    """
    address = _check_address(address)
    if not (site / "index.html").is_file():
        raise PublishError(f"There is no front page in {site.name}. Make it first with: regiodeal site")
    _check_target(target, site)
    target.parent.mkdir(parents=True, exist_ok=True)
    alone = held(build_dir() / ".publish.lock", "Another command publishes the site", wait=LONGEST_WAIT)
    with alone, draft_folder(target.parent, f"{target.name}{_DRAFT}") as draft:
        shutil.copytree(site, draft, dirs_exist_ok=True, ignore=lambda _, names: set(filter(_SKIPPED.fullmatch, names)))
        show_sums(draft)
        _check_released(draft)
        prepare(draft)
        _check_released(draft)  # and of what was published before
        pack_results(draft)
        refresh_search(draft)
        _write_host_files(draft, address)
        if faults := site_faults(draft):
            raise PublishError("The site is not right, so it is not published:\n  " + "\n  ".join(faults))
        replace_folder(draft, target)
    return target


def _check_released(site: Path) -> None:
    """Refuse a site with a number that is private by now, in the pages around the reports or in any report."""
    for record in sorted(site.rglob("run.json")):
        both = (record, record.with_name("results.csv"))
        files = {item.relative_to(site).as_posix(): item.read_bytes() for item in both if item.is_file()}
        deal = json.loads(record.read_bytes()).get("deal")
        check_released(files, retail_dataset(load_deal(deal)) if deal else None)


def _check_address(address: str | None) -> str | None:
    """Return the address of the site with a slash at its end, or None where it is not known."""
    if not address:
        return None
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise PublishError(f"The address of the site: got {address!r}; expected something as https://example.org/deal/")
    return address.rstrip("/") + "/"


def site_faults(site: Path) -> list[str]:
    """List every fault of a whole site: dead links, other hosts, and sizes (of the site without its archive)."""
    faults = list_dead_links(site)
    faults += [f"{item} would load from another host" for item in find_remote(site)]
    faults += find_foreign(site)
    faults += [
        f"{path.relative_to(site).as_posix()} has {path.stat().st_size} bytes; at most {_LARGEST_PAGE} for a page"
        for path in sorted(site.rglob("*.html"))
        if path.stat().st_size > _LARGEST_PAGE
    ]
    size = sum(
        path.stat().st_size
        for path in site.rglob("*")
        if path.is_file() and path.suffix not in _PRINTED and not is_archived(path, site)
    )
    if size > _LARGEST_SITE:
        faults.append(f"the site has {size} bytes without its archive and prints; at most {_LARGEST_SITE}")
    return faults


def _check_target(target: Path, site: Path) -> None:
    """Refuse a folder in which something else stands: nobody's files are removed."""
    if target.resolve() == site.resolve() or site.resolve().is_relative_to(target.resolve()):
        raise PublishError(f"{target.name} holds the site itself; name another folder.")
    if target.resolve().is_relative_to(site.resolve()):
        raise PublishError(f"{target.name} lies in the site itself; name another folder.")
    if not target.exists():
        return
    if not target.is_dir():
        raise PublishError(f"{target.name} is a file; name a folder.")
    if any(target.iterdir()) and not (target / MARKER).is_file():
        raise PublishError(f"{target.name} holds files that are no site of ours, and is left as it is.")


def _write_host_files(site: Path, address: str | None) -> None:
    """Write what a host needs beside the pages: a page for a wrong address; with a known address the rest."""
    (site / ".nojekyll").write_bytes(b"")
    pages = [path.relative_to(site).as_posix() for path in list_public_pages(site)]
    (site / _SHARE_IMAGE).write_bytes(draw_share_image())
    texts = {"404.html": _filled("404.html", policy=Markup(POLICY_TAG), address=address)}
    if catalogue := _catalogue(site, address):
        texts["dcat.jsonld"] = catalogue
    if address:
        shown = [page.removesuffix("index.html") for page in pages]
        for page, name in zip(pages, shown, strict=True):
            lines = _filled("hoofd.html", address=address, page=name, image=_SHARE_IMAGE)
            texts[page] = (site / page).read_text(encoding="utf-8").replace("</head>", f"{lines}</head>", 1)
        texts["sitemap.xml"] = _filled("sitemap.xml", address=address, pages=shown)
        # A report is dated by the day that it accounts for; the newest comes first.
        reports = sorted(((f"{record['as_of']}T00:00:00Z", *words) for *words, record in _reports(site)), reverse=True)
        texts["feed.xml"] = _filled("feed.xml", address=address, reports=reports)
    marker = {"written_by": "regiodeal publish", "address": address, "pages": len(pages)}
    texts[MARKER] = json.dumps(marker, indent=1) + "\n"
    for name, text in texts.items():
        (site / name).write_text(text, encoding="utf-8", newline="\n")


def _filled(name: str, **values: object) -> str:
    """Fill a template that stands beside this module."""
    text = (resources.files("evaluation.publish.site") / f"{name}.j2").read_text(encoding="utf-8")
    options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    return Environment(undefined=StrictUndefined, **options).from_string(text).render(**values)


def _reports(site: Path) -> Iterator[tuple[str, str, dict]]:
    """Give the folder, the title and the record of each report."""
    for folder in sorted(path for path in site.iterdir() if path.is_dir() and REPORT_FOLDER.fullmatch(path.name)):
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        yield (
            folder.name,
            f"{report_title(record['kind'], record['year'], record['edition'])}, {record['deal_name']}",
            record,
        )


def _catalogue(site: Path, address: str | None) -> str | None:
    """Describe the numbers of the reports for catalogues of data; None where there is no report."""
    entries = [
        results_entry(title, record, f"{name}/{PACKED}", (site / name / PACKED).stat().st_size)
        for name, title, record in _reports(site)
    ]
    if not entries:
        return None
    publisher = entries[0].publisher
    title, words = f"Evaluatie van de {publisher}", f"De cijfers van de verslagen over de {publisher}, met hun bronnen."
    return catalogue_json(title, words, publisher, entries, address or "./")


def draw_share_image(width: int = 1200, height: int = 630) -> bytes:
    """Draw the image of a shared link as PNG, in the colours of the site: the band of the term and a line."""
    ground, band, line = (bytes.fromhex(COLOURS[role][1:]) for role in ("bg", "surface", "region"))
    points = [(140, 440), (350, 380), (560, 400), (770, 270), (980, 180)]
    rows = []
    for y in range(height):
        row = bytearray(ground * width)
        row[600 * 3 : 900 * 3] = band * 300
        for (x0, y0), (x1, y1) in pairwise(points):
            low, high = sorted((y0, y1))
            if low - 10 <= y <= high + 10:
                for x in range(x0, x1 + 1):
                    if abs(y0 + (y1 - y0) * (x - x0) / (x1 - x0) - y) <= 8:
                        row[x * 3 : x * 3 + 3] = line
        for x0, y0 in points:
            if abs(y - y0) <= 22:
                half = int((22**2 - (y - y0) ** 2) ** 0.5)
                row[(x0 - half) * 3 : (x0 + half + 1) * 3] = line * (2 * half + 1)
        rows.append(b"\0" + bytes(row))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )
