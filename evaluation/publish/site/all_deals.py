"""What all Regio Deals together show about the themes of one deal: a sentence on its pages, with the way to the rest.

Written anew whenever a report is published, from the numbers of the portfolio that stands in the site: so it is never
older than that, and gone where there is none.  It is no part of a run, and so of no bundle, PDF or Word document.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markupsafe import Markup

from evaluation.base.paths import FINAL, INTERIM, PORTFOLIO, write_text
from evaluation.inputs.chapter_list import page_of
from evaluation.inputs.deal import Deal, load_deal
from evaluation.inputs.indicators import load_indicators, register_dir
from evaluation.inputs.portfolio_plan import Outcome, load_portfolio_plan
from evaluation.present.pooled_words import excluded_sentence, found_sentence, read_pooled, together_sentences
from evaluation.present.results import read_csv

_ASIDE = re.compile(r'\n<aside class="alle-deals".*?</aside>', re.DOTALL)
_LEAD = re.compile(r'<div class="lead">.*?</div>', re.DOTALL)
_ANSWERS = re.compile(r'<ul class="kerncijfers">.*?</ul>(?:\s*<ul class="kerncijfers">.*?</ul>)*', re.DOTALL)
"""The cards of a first page: what all deals show comes after the answers about this one."""


def refresh_all_deals(site: Path) -> None:
    """Say on the first page and the pages of themes, of the site and of the account of the whole term.

    Pages that are right already are left alone.
    """
    told = dict(_pages(site))
    for page in [page for folder in ("", FINAL, INTERIM) for page in (site / folder).glob("*.html")]:
        text = page.read_text(encoding="utf-8")
        aside = _written(told[page], "" if page.parent == site else "../") if told.get(page) else ""
        place = _ANSWERS if _ANSWERS.search(text) else _LEAD
        fresh = place.sub(lambda before, aside=aside: f"{before[0]}{aside}", _ASIDE.sub("", text), count=1)
        if fresh != text:
            write_text(page, fresh)


def _pages(site: Path) -> Iterator[tuple[Path, list[str]]]:
    """Give the pages with the sentences that they are to say; none where there is no portfolio."""
    folder = site / PORTFOLIO
    if not (folder / "index.html").is_file():
        return
    deal = load_deal(json.loads((folder / "run.json").read_text(encoding="utf-8"))["deal"])
    pooled = read_pooled(read_csv((folder / "results.csv").read_text(encoding="utf-8")), load_portfolio_plan())
    headlines = [item for item in pooled if item.outcome.headline]
    first = together_sentences(headlines) if headlines else []
    yield site / "index.html", first
    for name in (FINAL, INTERIM):
        yield site / name / "index.html", first
    themes = _themes_by_outcome(deal, [item.outcome for item in pooled])
    for theme in deal.themes:
        mine = [item for item in pooled if theme.id in themes[item.outcome.id]]
        chosen = [item for item in mine if item.outcome.headline] or mine[:1]
        told = [f"{found_sentence(item)} {excluded_sentence(item)}" for item in chosen]
        yield site / f"{page_of(theme)}.html", told
        for name in (FINAL, INTERIM):
            yield site / name / f"e{theme.slug}.html", told


def _themes_by_outcome(deal: Deal, outcomes: Sequence[Outcome]) -> dict[str, set[int]]:
    """Return the themes of a deal that follow the figures of an outcome, under whichever name."""
    library, own = load_indicators(), load_indicators(folder=register_dir(deal.id)).values()
    found = {}
    for outcome in outcomes:
        calculation = getattr(library.get(outcome.series), "calculation", None)
        figures = calculation.numerator if calculation else ()
        found[outcome.id] = {
            item.theme
            for item in own
            if item.id == outcome.series or (figures and item.calculation and item.calculation.numerator == figures)
        }
    return found


def _written(told: Sequence[str], root: str) -> str:
    """Write the sentences, with the way to the portfolio, which stands at `root` from the page."""
    lines = Markup("").join(Markup("<li>{}</li>").format(sentence) for sentence in told)
    way = Markup('<a href="{}{}/index.html">Alle Regio Deals samen</a>').format(root, PORTFOLIO)
    shown = Markup('\n<aside class="alle-deals" aria-label="Alle Regio Deals samen"><p>{}:</p><ul>{}</ul></aside>')
    return shown.format(way, lines)
