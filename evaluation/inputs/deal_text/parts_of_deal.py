"""Which article of a deal is about what, and what its themes are."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.base import dutch
from evaluation.inputs.deal_text.lines import NAMED, Article, Item

_PARTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("results", r"resulta"),
        ("goals", r"\bdoel(?:en|stelling\w*)?\b|\bopgaven?\b|\bthema"),
        ("money", r"middelen|financi|bekostig|begroting|budget|bijdrage|kosten"),
        ("monitoring", r"monitor|evaluati|voortgang|verantwoording|leren"),
        ("governance", r"governance|sturing|organisatie|overleg|samenwerking(?!.*aanpak)"),
        ("approach", r"aanpak|\binzet\b|activiteit|maatregel|\bprojecten\b|uitvoering(?!.*(?:recht|unie))"),
        ("term", r"inwerking|looptijd|\bduur\b|begin en einde"),
    )
)
_SUBHEADS: tuple[tuple[str, re.Pattern], ...] = (
    ("results", re.compile(r"^(?:de\s+)?(?:beoogde?\s+)?resulta\w*", re.IGNORECASE)),
    ("goals", re.compile(r"^(?:de\s+)?(?:doel(?:en|stelling\w*)?|ambitie)\b", re.IGNORECASE)),
    ("approach", re.compile(r"^(?:de\s+)?(?:aanpak|inzet|activiteiten|maatregelen|acties|projecten)\b", re.IGNORECASE)),
)
_CUT = re.compile(
    r"(?:[,;:(]|\s(?:door|zodat|waarbij|waarin|waarmee|waardoor|met daarbij|mede|in de vorm van|"
    r"ten behoeve van|dat|die|"
    r"inclusief|bijvoorbeeld|om te|onder andere|op basis van)\s)"
)
_NO_THEME = re.compile(r"\b(?:partijen|volgende|namelijk|artikel|hierbij|te weten)\b", re.IGNORECASE)
_LONGEST = 80


@dataclass(slots=True)
class Theme:
    """A theme with what each part of the text says about it.

    Attributes
    ----------
    number : int    Its place in the deal, from 1.
    parts : dict of part to (Article, heading)    Where that part speaks of it.
    """

    number: int
    title: str
    heading: Item
    article: Article
    parts: dict[str, tuple[Article, Item]]


def parts_of(articles: Iterable[Article]) -> dict[str, Article]:
    """Find which article is about what, by its title; an article on two things counts for both.

    Parameters
    ----------
    articles : iterable of Article
        Of `read_articles`.

    Returns
    -------
    dict[str, Article]
        Only what was found; the first article that fits counts.
    """
    found: dict[str, Article] = {}
    numbered = [article for article in articles if article.number]
    for article in numbered:
        names = [name for name, pattern in _PARTS if pattern.search(article.title)]
        if "money" in names or "monitoring" in names:
            names = [name for name in names if name not in ("approach", "governance", "goals", "results")]
        for name in names:
            found.setdefault(name, article)
    if "money" not in found:
        counts = {article.number: sum("€" in item.words for item in article.walk()) for article in numbered}
        if counts and max(counts.values()) > 1:
            found["money"] = next(item for item in numbered if counts[item.number] == max(counts.values()))
    for article in numbered:
        if "term" not in found and any(re.search(r"\beindigt\b", item.words) for item in article.walk()):
            found["term"] = article
    return found


def themes_of(articles: Mapping[str, Article], everything: Sequence[Article]) -> list[Theme]:
    """Find the themes, and where each part of the deal speaks of them.

    Parameters
    ----------
    articles, everything : mapping, sequence of Article
        Of `parts_of`, and all articles.

    Returns
    -------
    list[Theme]
        By the titles of the first part that names them; empty where no part has headings.
    """
    lists = {name: _headings(articles[name]) for name in ("goals", "results", "approach") if name in articles}
    lists = {name: items for name, items in lists.items() if items}
    if not lists:
        return _listed_themes(everything)
    lead = max(lists, key=lambda name: len(lists[name]))
    lead = next(
        (name for name in ("goals", "results", "approach") if len(lists.get(name, ())) == len(lists[lead])), lead
    )
    themes = [
        Theme(number, _without_brackets(item), item, articles[lead], {lead: (articles[lead], item)})
        for number, item in enumerate(lists[lead], 1)
    ]
    for name, items in lists.items():
        for place, item in enumerate(items):
            same_order = len(items) == len(themes)
            theme = themes[place] if same_order else find_theme(item.title, themes)
            if theme is not None:
                theme.parts.setdefault(name, (articles[name], item))
    for theme in themes:
        for name, item in _subheads(theme.heading):
            theme.parts[name] = (theme.article, item)
    return themes


def theme_word(themes: Sequence[Theme]) -> str | None:
    """Return how the headings call the themes, where they all call them one thing other than thema.

    Parameters
    ----------
    themes : sequence of Theme
        Of `themes_of`.

    Returns
    -------
    str | None
    """
    called = {
        match[1].lower() if (match := NAMED.match(theme.heading.lines[0][1] if theme.heading.lines else "")) else ""
        for theme in themes
    }
    word = (
        next(iter(called)).split()[0]
        if len({item.split()[0] if item else "" for item in called}) == 1 and "" not in called
        else ""
    )
    return word if word not in ("", "thema") else None


def find_theme(words: str, themes: Sequence[Theme]) -> Theme | None:
    """Find the theme that a label is about: by the words that it shares with a title, or by its abbreviation.

    Parameters
    ----------
    words, themes : str, sequence of Theme
        Such as "Veiligheid/ondermijning".

    Returns
    -------
    Theme | None
        None where no theme, or more than one, fits as well.
    """
    number = re.match(r"(?:thema|opgave|programmalijn|pijler|lijn)?\s*(\d{1,2})\s*[.:)–-]", words, re.IGNORECASE)
    label = _stems(words)
    scores = []
    for theme in themes:
        heading = theme.heading.title
        title = _stems(heading)
        shared = len(label & title) / max(1, min(len(label), len(title)))
        if re.search(rf"\({re.escape(words.strip())}\)", heading, re.IGNORECASE):
            shared = 2
        if number and int(number[1]) == theme.number:
            shared += 0.5
        scores.append(shared)
    best = max(scores, default=0)
    return themes[scores.index(best)] if best >= 0.5 and scores.count(best) == 1 else None


def short_title(text: str) -> str:
    """Take the first part of a text as its title; whoever confirms it may write another.

    >>> short_title("Het vergroten van kansen van kinderen in de eerste jaren van hun leven, zodat achterstand daalt.")
    'Het vergroten van kansen van kinderen in de eerste jaren van hun leven'

    Parameters
    ----------
    text : str
        In the words of the deal.

    Returns
    -------
    str
    """
    words = re.sub(r"\s+", " ", text).strip().rstrip(".;:")
    first = re.split(r"(?<=[a-z)])\.\s+(?=[A-Z])", words)[0]
    if len(first) > _LONGEST:
        cuts = [match.start() for match in _CUT.finditer(first) if 25 <= match.start() <= _LONGEST]
        first = first[: cuts[-1]] if cuts else dutch.first_words(first, _LONGEST - 2)
    return dutch.capital(first.strip(" ,;:("))


def under(heading: Item) -> list[Item]:
    """Return what stands directly under a heading: its list where it has one, else its paragraphs.

    Parameters
    ----------
    heading : Item
        Of a theme.

    Returns
    -------
    list[Item]
    """
    if len(heading.children) == 1 and heading.children[0].kind == "text" and heading.children[0].children:
        return heading.children[0].children  # a list behind an opening sentence
    lists = [item for item in heading.children if item.kind != "text"]
    found = lists or heading.children
    for item in heading.children:
        if item.kind == "text" and item.children and not lists:
            found = item.children
    return found or ([heading] if heading.text else [])


def _headings(article: Article) -> list[Item]:
    """Return the headings of an article that stand beside each other: the first level on which there is one."""
    level = [item for item in article.items]
    while level:
        found = [
            item for item in level if item.title and _subhead(item) is None and _NO_THEME.search(item.title) is None
        ]
        if found and (len(found) > 1 or found[0].kind in ("heading", "named") or found[0].children):
            return found
        level = [child for item in level for child in item.children]
    return []


def _subhead(item: Item) -> str | None:
    return next((name for name, pattern in _SUBHEADS if pattern.match(item.title) and len(item.title) < 45), None)


def _subheads(heading: Item) -> list[tuple[str, Item]]:
    return [(name, item) for item in heading.children if item.title and (name := _subhead(item)) is not None]


def _listed_themes(everything: Sequence[Article]) -> list[Theme]:
    """Find themes that are only listed: behind a sentence that says they are thema's, opgaven or pijlers."""
    for article in everything:
        for item in article.walk():
            short = [child for child in item.children if len(child.words) < 120 and child.kind != "text"]
            if len(short) > 1 and re.search(r"(?:thema['’]s|opgaven|pijlers|programmalijnen)[^.]*:$", item.words):
                for child in short:
                    child.title, child.text = child.words.rstrip(".;: "), ""
                    child.title = re.sub(r"[;,]?\s+en$", "", child.title)
                return [Theme(n, dutch.capital(child.title), child, article, {}) for n, child in enumerate(short, 1)]
    return []


def _without_brackets(item: Item) -> str:
    title = re.sub(r"\s*\([^)]*\)", "", item.title).strip(" :.") or item.marker
    return dutch.capital(title)


def _stems(words: str) -> set[str]:
    """Return the first letters of the words that say something."""
    bare = re.sub(r"[^\w\s]", " ", words.lower())
    return {word[:6] for word in bare.split() if len(word) > 3 and not word.isdigit()}
