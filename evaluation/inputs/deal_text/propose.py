"""Propose what the text of a deal says: who, where, themes, results, numbers, money and dates, with their places."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import shown
from evaluation.base.text import normalised
from evaluation.inputs.deal_answers import DealAnswers
from evaluation.inputs.deal_text.lines import Article, read_articles
from evaluation.inputs.deal_text.money_found import Money, find_money
from evaluation.inputs.deal_text.notations import find_moments
from evaluation.inputs.deal_text.numbers_agreed import find_agreed
from evaluation.inputs.deal_text.parts_of_deal import Theme, find_theme, parts_of, short_title, theme_word, themes_of
from evaluation.inputs.deal_text.results_found import (
    emphasis_in_approach,
    results_in_rows,
    target_found,
    targets_found,
    theme_found,
)
from evaluation.inputs.deal_text.who_and_when import (
    find_articles,
    find_duties,
    find_milestones,
    find_parties,
    find_term,
    side_note,
)

_LAST_DAY = date(2100, 12, 31)


def read_text(path: Path) -> str:
    """Read the text of a deal.

    Parameters
    ----------
    path : Path
        Plain text or Markdown in UTF-8.

    Returns
    -------
    str

    Raises
    ------
    InputError
        When it is no text: a PDF or a Word file is to be saved as text first.
    """
    try:
        content = path.read_bytes()
        if content.startswith((b"%PDF", b"PK\x03\x04")):
            raise InputError(
                [Fault(shown(path), "een PDF of Word-bestand", "gewone tekst: sla het op als .txt of .md")]
            )
        text = normalised(content.decode("utf-8-sig"))
    except FileNotFoundError:
        raise InputError([Fault(shown(path), "geen bestand", "de tekst van de deal, als .txt of .md")]) from None
    except UnicodeDecodeError as error:
        raise InputError([Fault(shown(path), f"geen tekst in UTF-8 (byte {error.start})", "gewone tekst")]) from None
    if not text.strip():
        raise InputError([Fault(shown(path), "een leeg bestand", "de tekst van de deal")])
    return text


def propose(text: str, deal_id: str, *, name: str = "tekst", first_year: int = 0) -> DealAnswers:
    """Propose answers from the text of a deal; nothing of it is confirmed.

    Parameters
    ----------
    text, deal_id, name : str
        The text, which deal it is of, and what its file is called.
    first_year : int
        Of the term: what is dated earlier is no promise.

    Returns
    -------
    DealAnswers
        Everything with `found_at`; what was seen and cannot be used as it stands under `not_used`.
    """
    articles = read_articles(text)
    parts = parts_of(articles)
    preamble = next(article for article in articles if article.number == 0)
    themes = themes_of(parts, articles)
    parties = find_parties(preamble)
    money = find_money(parts["money"], themes, parties) if "money" in parts else Money()
    found = [theme_found(theme) for theme in themes]
    not_used = list(money.not_used)
    targets = list(_targets(themes, found, not_used))
    if "results" in parts and not any(theme.get("results") for theme in found):
        _without_headings(parts["results"], themes, found, targets, not_used)
    term = find_term(parts.get("term"))
    if note := side_note(preamble, parties):
        parties = [{**party, "reading": note} for party in parties]
    last = term["ends_on"] if term else _LAST_DAY
    taken = [target["quote"] for target in targets]
    dated = [preamble, *([parts["approach"]] if "approach" in parts else [])]
    milestones = list(find_milestones(dated, themes, first_year, last, taken))
    sum_note = _sums(money)
    return DealAnswers.model_validate({
        "deal": deal_id,
        "text": f"{name}, sha256 {hashlib.sha256(text.encode()).hexdigest()[:16]}",
        "term": term, "theme_word": theme_word(themes), "themes": found,
        "targets": [{name: value for name, value in item.items() if name != "key"} for item in targets],
        "amounts": money.amounts,
        "contributions": _each_once(money.contributions), "total_eur": money.total, "tranches": money.tranches,
        "milestones": milestones, "parties": parties, "articles": find_articles(parts),
        "duties": find_duties(parts.get("monitoring")), "not_used": [*not_used, *sum_note],
    })  # fmt: skip


def _targets(themes: Sequence[Theme], found: Sequence[dict], not_used: list[str]) -> Iterable[dict]:
    """Give the targets of all themes; what is no level or no single number goes to what is not used."""
    for theme, words in zip(themes, found, strict=True):
        emphasis = emphasis_in_approach(theme)
        for made in targets_found(theme, words.get("results", [])):
            key, unusable = made["key"], made.pop("unusable", None)
            if unusable:
                not_used.append(f"{made['found_at']}: {unusable}: {made['quote']}")
                continue
            word, where = emphasis.get((made["quantity"], key), (None, ""))
            if word and word not in made and "element" not in made:
                said = "ten minste" if word == "at_least" else "ongeveer"
                made[word], made["reading"] = True, f"{made['reading']} {where} zegt '{said}'."
            yield made


def _without_headings(
    article: Article, themes: Sequence[Theme], found: list[dict], targets: list[dict], not_used: list[str]
) -> None:
    """Take results in a table, or a list without headings, to the theme that they name; the others are told."""
    rows = results_in_rows(article)
    items = [item for item in article.walk() if item.kind in ("number", "letter", "bullet") and len(item.words) > 15]
    rows = rows or [{"result": item.words, "found_at": f"regel {item.first}", "marker": item.marker} for item in items]
    for place, row in enumerate(rows, 1):
        theme = find_theme(row.get("theme") or row["result"], themes)
        if theme is None and len(themes) == 1:
            theme = themes[0]
        if theme is None:
            not_used.append(f"{row['found_at']}: bij welk thema hoort dit resultaat? {row['result']}")
            continue
        results = found[theme.number - 1].setdefault("results", [])
        number = row.get("marker", "")
        reference = f"Art. {article.number}.{number}" if number.isdigit() else f"Art. {article.number}, {place}e punt"
        when = row.get("by", "")
        moment = next(iter(find_moments(f"in {when}") or find_moments(when)), None)
        words = row["result"].removeprefix(f"{theme.heading.title}:").strip()
        results.append(
            {"found_at": row["found_at"], "text": row["result"], "title": short_title(words), "reference": reference}
        )
        told = f"{row.get('quantity', '')} {row['result']}".strip()
        for agreed in find_agreed(told, needs_intention=False)[:3]:
            made = target_found(agreed, row["found_at"], reference, agreed.moment or moment)
            if why := made.pop("unusable", None):
                not_used.append(f"{row['found_at']}: {why}: {told}")
                continue
            targets.append({"theme": theme.number, "result": len(results), **made})


def _each_once(contributions: Iterable[dict]) -> list[dict]:
    """Keep what a party brings once: the same amount again is the same contribution."""
    kept: dict[tuple, dict] = {}
    for item in contributions:
        kept.setdefault((item["party"], item["amount_eur"]), item)
    return list(kept.values())


def _of_side(contributions: Sequence[dict], side: str) -> int:
    """Sum what a side brings: what is told of it as a whole, or else its parties together."""
    own = [item for item in contributions if item["side"] == side]
    whole = [item["amount_eur"] for item in own if item["is_whole_side"]]
    return whole[0] if whole else sum(item["amount_eur"] for item in own)


def _sums(money: Money) -> list[str]:
    """Tell sums in the text that do not fit."""
    told = []
    split = sum(item["amount_eur"] for item in money.amounts)
    brought = sum(_of_side(money.contributions, side) for side in ("rijk", "regio"))
    for words, amount in (("de bedragen per thema", split), ("de bijdragen van Rijk en Regio", brought)):
        if money.total and amount and amount != money.total:
            told.append(f"{words} zijn samen {amount} euro; de tekst noemt in totaal {money.total} euro")
    return told
