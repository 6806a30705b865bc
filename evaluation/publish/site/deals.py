"""The way to every deal that has reports, on the first page of all, when there are more deals than one."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from evaluation.base.errors import InputError
from evaluation.base.paths import DEFAULT_DEAL, REPORT_FOLDER, site_dir, write_text
from evaluation.inputs.deal import list_deals, load_deal
from evaluation.publish.pages.policy import POLICY_TAG

_NAV = re.compile(r'<nav class="deals"[^>]*>.*?</nav>\n?', re.DOTALL)


def refresh_deals() -> Path | None:
    """Lead from ``build/site/index.html`` to every other deal with reports; without such a page, list all in one.

    Returns
    -------
    Path | None
        The page; None where there are reports of one deal at most.
    """
    root = site_dir(DEFAULT_DEAL)
    index, found = root / "index.html", dict(_with_reports(root))
    own = index.is_file() and '<nav class="jaren"' in index.read_text(encoding="utf-8")
    if len(found) < 2:
        return None
    listed = {address: name for address, name in found.items() if not (own and address == "index.html")}
    links = Markup("").join(
        Markup('<li><a href="{}">{}</a></li>').format(address, name) for address, name in listed.items()
    )
    label = "Andere Regio Deals" if own else "Regio Deals"
    nav = Markup('<nav class="deals" aria-label="{}"><p>{}:</p><ul>{}</ul></nav>\n').format(label, label, links)
    text = index.read_text(encoding="utf-8") if index.is_file() else _empty_page()
    fresh = _NAV.sub("", text).replace("</main>", f"{nav}</main>", 1)
    if fresh != text:
        write_text(index, fresh)
    return index


def _with_reports(root: Path) -> Iterator[tuple[str, str]]:
    """Give the address and the name of each deal that has pages: its front page, or its last report."""
    for deal_id in list_deals():
        folder = site_dir(deal_id)
        reports = sorted(path.name for path in folder.glob("*") if REPORT_FOLDER.fullmatch(path.name))
        made = [name for name in reports if (folder / name / "index.html").is_file()]
        is_front = (folder / "index.html").is_file() and (deal_id != DEFAULT_DEAL or bool(made))
        if not made and not is_front:
            continue
        page = folder / "index.html" if is_front else folder / made[-1] / "index.html"
        try:
            yield page.relative_to(root).as_posix(), load_deal(deal_id).name
        except InputError:
            continue  # its file is told by the commands on that deal


def _empty_page() -> str:
    text = (resources.files("evaluation.publish.site") / "deals.html.j2").read_text(encoding="utf-8")
    made = Environment(undefined=StrictUndefined, autoescape=True, keep_trailing_newline=True).from_string(text)
    return made.render(policy=Markup(POLICY_TAG))
