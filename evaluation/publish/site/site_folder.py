"""The whole site as a folder for any static host: complete, checked, and put in place at once."""

import html
import json
import re
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

from evaluation.base.errors import PublishError
from evaluation.base.paths import INCOMPLETE, REPORT_FOLDER, replace_folder, restore_folders
from evaluation.inputs.deal import load_deal
from evaluation.inputs.editions import report_title
from evaluation.inputs.retail.tables import retail_dataset
from evaluation.present.colours import COLOURS
from evaluation.publish.pages.checks import list_dead_links
from evaluation.publish.pages.cleanup import find_remote
from evaluation.publish.pages.policy import POLICY_TAG, find_foreign
from evaluation.publish.pages.search_index import list_public_pages, refresh_search
from evaluation.publish.site.catalogue import catalogue_json, results_entry
from evaluation.statistics.release import check_released

MARKER = ".regiodeal-site.json"
"""Says that a folder was written here, so that it may be replaced."""

_SHARE_IMAGE = "assets/deel.png"
_LARGEST_SITE = 15_000_000
_LARGEST_PAGE = 300_000
_PRINTED = (".pdf", ".docx")
_LEFT_OUT = re.compile(rf"\..*|.*{INCOMPLETE}")


def publish_site(site: Path, target: Path, *, address: str | None = None) -> Path:
    """Write the site to a folder that any static host serves; without its `address` there is no sitemap and no feed.

    Raises PublishError when there is no site, it has a fault (each is named), or `target` holds something else than
    what was written here before.  What stood in `target` then stays as it was.
    """
    address = _check_address(address)
    if not (site / "index.html").is_file():
        raise PublishError(f"There is no front page in {site.name}. Make it first with: regiodeal site")
    _check_target(target, site)
    target.parent.mkdir(parents=True, exist_ok=True)
    restore_folders(target.parent, target.name)
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        shutil.copytree(site, draft, dirs_exist_ok=True, ignore=_leave_out)
        refresh_search(draft)
        _write_host_files(draft, address)
        _check_released(draft)
        if faults := site_faults(draft):
            raise PublishError("The site is not right, so it is not published:\n  " + "\n  ".join(faults))
        replace_folder(draft, target)
    except OSError as error:
        raise PublishError(f"{target.name} could not be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
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
    """List every fault of a whole site: dead links, other hosts, and sizes."""
    faults = list_dead_links(site)
    faults += [f"{item} would load from another host" for item in find_remote(site)]
    faults += find_foreign(site)
    faults += [
        f"{path.relative_to(site).as_posix()} has {path.stat().st_size} bytes; at most {_LARGEST_PAGE} for a page"
        for path in sorted(site.rglob("*.html"))
        if path.stat().st_size > _LARGEST_PAGE
    ]
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file() and path.suffix not in _PRINTED)
    if size > _LARGEST_SITE:
        faults.append(f"the site has {size} bytes without what is made for print; at most {_LARGEST_SITE}")
    return faults


def _leave_out(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if _LEFT_OUT.fullmatch(name)}


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
    (site / "404.html").write_text(_not_found(address), encoding="utf-8", newline="\n")
    (site / _SHARE_IMAGE).write_bytes(draw_share_image())
    if catalogue := _catalogue(site, address):
        (site / "dcat.jsonld").write_text(catalogue, encoding="utf-8", newline="\n")
    if address:
        for page in pages:
            _write_preview(site / page, address, page)
        (site / "sitemap.xml").write_text(_sitemap(address, pages), encoding="utf-8", newline="\n")
        (site / "feed.xml").write_text(_feed(site, address), encoding="utf-8", newline="\n")
    marker = {"written_by": "regiodeal publish", "address": address, "pages": len(pages)}
    (site / MARKER).write_text(json.dumps(marker, indent=1) + "\n", encoding="utf-8", newline="\n")


def _write_preview(path: Path, address: str, page: str) -> None:
    """Add to a page what only a known address allows: its own address, its image and the feed."""
    text = path.read_text(encoding="utf-8")
    here = html.escape(address + page.removesuffix("index.html"))
    lines = (
        f'<link rel="canonical" href="{here}">\n'
        f'<link rel="alternate" type="application/atom+xml" title="Nieuwe verslagen" '
        f'href="{html.escape(address)}feed.xml">\n'
        f'<meta property="og:url" content="{here}">\n'
        f'<meta property="og:image" content="{html.escape(address)}{_SHARE_IMAGE}">\n'
        '<meta property="og:image:alt" content="Lijn die stijgt, als teken van een evaluatie met cijfers">\n'
    )
    path.write_text(text.replace("</head>", f"{lines}</head>", 1), encoding="utf-8", newline="\n")


def _not_found(address: str | None) -> str:
    home = f'<p><a href="{html.escape(address)}">Naar de eerste pagina</a></p>' if address else ""
    return (
        f'<!doctype html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n{POLICY_TAG}\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>Deze pagina is er niet</title>\n'
        "<style>:root { color-scheme: light dark } body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40rem; "
        "margin: 3rem auto; padding: 0 1rem }</style>\n</head>\n<body>\n<main>\n<h1>Deze pagina is er niet</h1>\n"
        "<p>Het adres klopt niet, of de pagina is verplaatst. Kijk of het adres goed is overgenomen.</p>\n"
        f"{home}\n</main>\n</body>\n</html>\n"
    )


def _sitemap(address: str, pages: list[str]) -> str:
    lines = "".join(
        f"<url><loc>{html.escape(address + page.removesuffix('index.html'))}</loc></url>\n" for page in pages
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n'
    )


def _feed(site: Path, address: str) -> str:
    """Write the Atom feed of the reports, the newest first; a report is dated by the day that it accounts for."""
    reports = [(f"{record['as_of']}T00:00:00Z", name, title) for name, title, record in _reports(site)]
    reports.sort(reverse=True)
    entries = "".join(
        f"<entry><id>{html.escape(address)}{name}/</id><title>{html.escape(title)}</title><updated>{day}</updated>"
        f'<link href="{html.escape(address)}{name}/"/></entry>\n'
        for day, name, title in reports
    )
    updated = reports[0][0] if reports else "1970-01-01T00:00:00Z"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl">\n'
        f"<id>{html.escape(address)}</id><title>Verslagen van de Regio Deal</title><updated>{updated}</updated>"
        "<author><name>Evaluatie van de Regio Deal</name></author>\n"
        f'<link rel="self" href="{html.escape(address)}feed.xml"/>\n{entries}</feed>\n'
    )


def _reports(site: Path) -> Iterator[tuple[str, str, dict]]:
    """Give the folder, the title and the record of each report."""
    for folder in sorted(path for path in site.iterdir() if path.is_dir() and REPORT_FOLDER.fullmatch(path.name)):
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        yield folder.name, f"{report_title(record['kind'], record['year'])}, {record['deal_name']}", record


def _catalogue(site: Path, address: str | None) -> str | None:
    """Describe the numbers of the reports for catalogues of data; None where there is no report."""
    entries = [
        results_entry(title, record, f"{name}/results.csv", (site / name / "results.csv").stat().st_size)
        for name, title, record in _reports(site)
    ]
    if not entries:
        return None
    publisher = entries[0].publisher
    title, words = f"Evaluatie van de {publisher}", f"De cijfers van de verslagen over de {publisher}, met hun bronnen."
    return catalogue_json(title, words, publisher, entries, address or "./")


def draw_share_image(width: int = 1200, height: int = 630) -> bytes:
    """Draw the image of a shared link as PNG, in the colours of the site: the band of the term and a line."""
    ground, band, line = (bytes.fromhex(COLOURS[role][1:]) for role in ("bg", "surface", "parkstad"))
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
