"""Walk a built site in headless Chromium, page by page, as a reader with a mouse, a keyboard, a phone or no scripts.

Every function is given pages or a folder, so that whatever is published is walked by the same code:
``python -m tests.browser.walk build/site`` walks a whole site, about three seconds a page on two processors: it tells
each page as it is done, and prints every fault.
"""

from __future__ import annotations

import functools
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import playwright
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

from evaluation.publish.pages.policy import POLICY

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
_TABS_LOOKED_AT = 12
_LONGEST_DRAWING = 60_000
_LONGEST_SEARCH = 30_000
_NOT_IN_PAGE = """() => [...document.querySelectorAll('.figuur-vlak[data-figuur]')].filter(area =>
    ![...area.querySelectorAll('svg.figuur-beeld')].some(one => one.getBoundingClientRect().width > 40
        && one.getBoundingClientRect().height > 40)
    && !(area.nextElementSibling && area.nextElementSibling.querySelector('button'))).map(area => area.id)"""
_SCRIPTS = """() => performance.getEntriesByType('resource').map(one => one.name)
    .filter(name => /plotly|figuren\\/(?!alle-cijfers)/.test(name))"""
_ASKED = """() => { const drawing = document.querySelector('.figuur-plotly svg.main-svg');
    return drawing && drawing.getBoundingClientRect().width > 40 && drawing.getBoundingClientRect().height > 40; }"""
_OUTSIDE = (Path(__file__).parent / "outside.js").read_text(encoding="utf-8")


def find_browser() -> str | None:
    """Return the path of a Chromium on PATH that says it is one, or None; whatever else is called so is passed over."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = (shutil.which(name, path=place) for name in BROWSERS for place in places if place)
    return next((path for path in found if path and browser_version(path)), None)


def browser_version(path: str) -> str | None:
    """Return what a Chromium says of itself, such as ``Chromium 140.0.7339.80``; None for another program."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    said = re.search(r"^(?:Chromium|Google Chrome)\S* \d+(?:\.\d+)+", done.stdout, re.MULTILINE)
    return said.group() if said and done.returncode == 0 else None


def own_node() -> str:
    """Return the Node.js of playwright's wheel, whatever PATH or the environment names."""
    name = "node.exe" if sys.platform == "win32" else "node"
    return str(Path(playwright.__file__).parent / "driver" / name)


def is_locked_axe() -> bool:
    """Tell whether the axe-core that is installed is the one that package-lock.json names."""
    package = AXE.with_name("package.json")
    if not (AXE.is_file() and package.is_file()):
        return False
    lock = json.loads((Path(__file__).parent / "package-lock.json").read_text(encoding="utf-8"))
    wanted = lock["packages"]["node_modules/axe-core"]["version"]
    return json.loads(package.read_text(encoding="utf-8"))["version"] == wanted


@contextmanager
def open_browser(path: str) -> Iterator[Browser]:
    """Start a headless Chromium that asks nothing of the network of its own accord."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = own_node()  # or else another variable of this name would choose one
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def serve(folder: Path, *, policy: str = POLICY) -> Iterator[str]:
    """Serve a folder on a free port of this machine, under a policy; yields the address without a slash at its end."""
    handler = functools.partial(type("Handler", (_QuietHandler,), {"policy": policy}), directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def list_pages(site: Path) -> list[str]:
    """List every page of a site, as addresses relative to it."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def walk(
    browser: Browser, address: str, pages: Sequence[str], done: Callable[[str], None] = lambda name: None
) -> list[str]:
    """Look at pages in every way that is checked here; `done` gets each when it was looked at.

    Returns
    -------
    list[str]
        Every fault, each with its page.
    """
    faults = []
    with _context(browser) as wide, _context(browser, java_script_enabled=False) as plain:
        for name in pages:
            found = [*look_at(wide, f"{address}/{name}"), *read_without_scripts(plain, f"{address}/{name}")]
            faults += [f"{name}: {fault}" for fault in found]
            done(name)
    return faults


def look_at(context: BrowserContext, address: str) -> list[str]:
    """Load a page once: console, hosts, figures, keyboard, axe in light and dark, and the width of a phone."""
    page = context.new_page()
    faults = _listen(page, address)
    try:
        page.goto(address, wait_until="load")
        faults += keyboard_faults(page)
        faults += figures_not_drawn(page)
        faults += search_faults(page)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            faults += [f"{fault} ({scheme})" for fault in axe_faults(page)]
        page.emulate_media(color_scheme="light")
        faults += phone_faults(page)
    finally:
        page.close()
    return faults


def figures_not_drawn(page: Page) -> list[str]:
    """Look for figures that are not in the page, for what is loaded before somebody asks, and ask for one."""
    faults = [f"a figure is not drawn: {name}" for name in page.evaluate(_NOT_IN_PAGE)]
    faults += [f"loaded before a reader asks for it: {name}" for name in page.evaluate(_SCRIPTS)]
    faults += page.evaluate(_OUTSIDE)
    button = page.locator(".figuur-wegen button", has_text="Interactief")
    if not button.count():
        return faults
    button.first.focus()
    page.keyboard.press("Enter")
    try:
        page.wait_for_function(_ASKED, timeout=_LONGEST_DRAWING)
    except TimeoutError:
        faults.append("a figure that a reader asks for is not drawn by plotly")
    page.keyboard.press("Enter")  # and back
    if page.locator(".figuur-plotly").count():
        faults.append("a figure does not go back to its drawing")
    return faults


def keyboard_faults(page: Page) -> list[str]:
    """Use the page with the keyboard alone: skip link, visible focus, what opens on request, tables that scroll."""
    faults = []
    page.keyboard.press("Tab")
    first = page.evaluate(
        """() => { const box = document.activeElement.getBoundingClientRect();
        return [document.activeElement.className, box.top >= 0 && box.height > 0]; }"""
    )
    if first != ["naar-inhoud", True]:
        faults.append(f"the first Tab leads to {first[0] or 'nothing'}, not to a visible skip link")
    for _ in range(_TABS_LOOKED_AT):
        seen = page.evaluate(
            """() => { const focused = document.activeElement, style = getComputedStyle(focused);
            return [style.outlineStyle, parseFloat(style.outlineWidth), focused.outerHTML.slice(0, 80)]; }"""
        )
        if seen[0] == "none" or seen[1] < 2:
            faults.append(f"focus cannot be seen on {seen[2]}")
        page.keyboard.press("Tab")
    skip = page.locator(".naar-inhoud")
    if skip.count():
        skip.focus()
        page.keyboard.press("Enter")
        if page.evaluate("document.activeElement.tagName") != "MAIN":
            faults.append("the skip link does not lead to the main part")
    summary = page.locator("main details:not([open]) > summary")
    if summary.count():
        summary.first.evaluate("node => { node.id = node.id || 'walked'; }")
        opener = page.locator("#walked")
        opener.focus()
        page.keyboard.press("Enter")
        if not opener.evaluate("node => node.parentElement.open"):
            faults.append("Enter does not open what opens on request")
        opener.evaluate("node => { node.removeAttribute('id'); }")
    loose = page.eval_on_selector_all(
        "main .tabel, main pre",
        "boxes => boxes.filter(box => box.scrollWidth > box.clientWidth + 1 && box.tabIndex < 0).length",
    )
    if loose:
        faults.append(f"{loose} boxes scroll and cannot be reached by keyboard")
    hidden = page.eval_on_selector_all(
        ".jaren a, nav a, .zoek input", "links => links.filter(link => link.tabIndex < 0).length"
    )
    if hidden:
        faults.append(f"{hidden} links of the navigation cannot be reached by keyboard")
    return faults


def search_faults(page: Page) -> list[str]:
    """Search for the title of the page by keyboard, and step into the results; they stay open for what follows."""
    if not page.locator("script[data-zoekindex]").count():
        return []
    field = page.locator("#zoekwoord")
    if not field.count():
        return ["there is no search box"]
    field.focus()
    field.fill(page.title())
    page.keyboard.press("Enter")
    here = page.url.partition("#")[0]
    try:
        page.wait_for_function(
            "here => [...document.querySelectorAll('.zoek-uitkomst a')].some(link => link.href.split('#')[0] === here)",
            arg=here,
            timeout=_LONGEST_SEARCH,
        )
    except TimeoutError:
        return ["search does not find the page by its title"]
    for _ in range(2):
        page.keyboard.press("Tab")
    if not page.evaluate("document.activeElement.matches('.zoek-uitkomst a')"):
        return ["Tab does not lead from the search box to the results"]
    return []


def axe_faults(page: Page) -> list[str]:
    """Run axe-core with everything open; returns each violation of WCAG 2.2 A and AA with the first place."""
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async tags => (await axe.run({runOnly: {type: 'tag', values: tags}})).violations"
        ".map(item => [item.id, item.nodes.length, item.nodes[0].target.join(' '), item.nodes[0].failureSummary])",
        list(WCAG),
    )
    return [f"axe {rule}: {count} times, first {place}: {' '.join(why.split())}" for rule, count, place, why in found]


def phone_faults(page: Page) -> list[str]:
    """Look at the page on a phone of 390 pixels: it must not scroll sideways."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(250)
    faults = [f"390 pixels: {fault}" for fault in page.evaluate(_OUTSIDE)]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width <= 390:
        return faults
    wide = page.evaluate(
        """() => [...document.querySelectorAll('body *')].filter(node => node.getBoundingClientRect().right > 391
        && !node.closest('.tabel, pre')).slice(0, 3).map(node => node.outerHTML.slice(0, 80))"""
    )
    return [*faults, f"390 pixels: the page is {width} wide: {wide}"]


def figure_faults(browser: Browser, address: str, pages: Sequence[str]) -> list[str]:
    """Look at the drawings of pages, wide and on a phone: words outside, axes that say one thing twice."""
    faults = []
    for width in (1280, 390):
        with _context(browser, java_script_enabled=False) as context:
            for name in pages:
                page = context.new_page()
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(f"{address}/{name}", wait_until="load")
                found = [fault for fault in page.evaluate(_OUTSIDE) if "keyboard" not in fault]
                faults += [f"{name}, {width} px: {fault}" for fault in found]
                page.close()
    return faults


def read_without_scripts(context: BrowserContext, address: str) -> list[str]:
    """Read the page with scripts blocked: its heading, its text, and the table of each figure must be there."""
    page = context.new_page()
    try:
        page.goto(address, wait_until="load")
        page.evaluate("document.querySelectorAll('details.bijlage').forEach(box => { box.open = true; })")
        faults = []
        if not page.locator("main h1").is_visible() or len(page.locator("main").inner_text()) < 40:
            faults.append("without scripts there is no text")
        faults += [f"without scripts: {fault}" for fault in page.evaluate(_OUTSIDE)]
        for area in page.locator(".figuur-vlak[data-gegevens]:has(.figuur-beeld)").all():
            if not area.locator(".figuur-beeld").first.is_visible():
                faults.append("without scripts a figure is not drawn")
        for figure in page.locator(".figuur").all():
            if not figure.locator("details.figuur-tabel > summary").is_visible():
                faults.append("without scripts a figure has no table")
        return faults
    finally:
        page.close()


@contextmanager
def _context(browser: Browser, **options: object) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="nl-NL", **options)
    context.set_default_timeout(60_000)
    try:
        yield context
    finally:
        context.close()


def _listen(page: Page, address: str) -> list[str]:
    """Note what goes wrong on a page while it is open, in the list that is returned."""
    heard: list[str] = []
    host = "/".join(address.split("/")[:3])
    page.on("console", lambda message: heard.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(f"script error: {error}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((host, "data:", "blob:"))
            else heard.append(f"asks another host: {request.url}")
        ),
    )
    page.on("response", lambda answer: heard.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None)
    return heard


class _QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without telling so."""

    policy = ""

    def end_headers(self) -> None:
        """Add the policy of the host."""
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


def main() -> int:
    """Walk the site that is named on the command line."""
    site = Path(sys.argv[1])
    path, pages = find_browser(), list_pages(site)
    if path is None or not pages:
        print("There is no Chromium on PATH." if path is None else f"There are no pages in {site}.")
        return 2
    print("In", browser_version(path), file=sys.stderr)
    count = itertools.count(1)
    with open_browser(path) as browser, serve(site) as address:
        faults = walk(browser, address, pages, lambda name: print(next(count), "of", len(pages), name, file=sys.stderr))
    print("\n".join(faults) or "No faults.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
