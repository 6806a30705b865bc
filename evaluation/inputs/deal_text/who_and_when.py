"""Parties, term, duties and dated promises in the text of a deal."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from evaluation.base import dutch
from evaluation.inputs.deal_text.lines import Article, Item
from evaluation.inputs.deal_text.notations import Moment, find_moments, sentences
from evaluation.inputs.deal_text.parts_of_deal import Theme, short_title, under
from evaluation.inputs.deal_text.results_found import place_of, reference_of

_CALLED = re.compile(
    r"hierna(?:\s+(?:gezamenlijk|samen))?(?:\s+(?:te noemen|genoemd|ook))?\s*:?\s*[‘’'\"“„]?(?:de\s|het\s)?"
    r"([^‘’'\"”“;.()]{2,60})",
    re.IGNORECASE,
)
_TOGETHER = re.compile(r"gezamenlijk|samen", re.IGNORECASE)
_TITLE = 90
_STATE = re.compile(r"\b(?:minister|staatssecretaris|ministerie|rijk)\b", re.IGNORECASE)
_PARTY = re.compile(
    r"\b(?:minister|staatssecretaris|provincie|gedeputeerde staten|gemeenten?|gemeenschappelijke regeling|"
    r"recreatieschap|waterschap|wetterskip|hoogheemraadschap|regio|universiteit|"
    r"hogeschool|stichting|vereniging|openbaar lichaam|samenwerkingsverband|metropoolregio|"
    r"coöperatie|b\.v\.|kamer van koophandel|"
    r"college van|bestuur)\b",
    re.IGNORECASE,
)
_PERSON = re.compile(
    r"[,;]\s*(?:(?-i:(?:[A-Z]\.){1,5})\s|mevrouw|de heer|dhr|mevr|mw|namens|te dezen|dan wel|rechtsgeldig|"
    r"vertegenwoordigd|handelend|krachtens|hierna|ieder|drs|ir|mr)\b.*$",
    re.IGNORECASE,
)
_GROUP = re.compile(r"\b(?:alle )?partijen\b", re.IGNORECASE)
_FIRM = re.compile(
    r"^(?:uiterlijk|op \d|vóór|voor|in|medio|eind|begin|per|aan het eind|(?:de )?(?:eerste|tweede|1e|"
    r"2e) helft|kort na|na|q\d|k\d|(?:het )?(?:eerste|tweede|derde|vierde|laatste) kwartaal|\d{1,2} \w+|\w+ \d{4})",
    re.IGNORECASE,
)
_AT_LAST = re.compile(r"\b(?:uiterlijk|vóór)\s(?:in\s|op\s)?.{0,10}$", re.IGNORECASE)
_PROMISE = re.compile(
    r"\b(?:wordt|worden|zal|zullen|moet|moeten|gereed|klaar|op te stellen|opstellen|vast te stellen|"
        r"vastgesteld|besluit\w*|"
    r"bezien|starten|start|gestart|opgeleverd|voorzien|gesloten|aanvraag|operationeel|evalueren|geëvalueerd|afgerond|"
    r"vorm gekregen|spreken af)\b",
    re.IGNORECASE,
)  # fmt: skip


def find_parties(preamble: Article) -> list[dict]:
    """Find the parties: the first list with at least two ministers, provinces, municipalities and the like.

    Parameters
    ----------
    preamble : Article
        What stands before the first article.

    Returns
    -------
    list of dict
        Fields of `PartyAnswer`.
    """
    run: list[Item] = []
    for item in preamble.walk():
        called = _CALLED.search(item.words)
        is_beside = bool(run and called) and item.kind == "text" and not _GROUP.search(item.words[:40])  # no number
        is_listed = item.kind in ("number", "letter", "bullet") or is_beside
        is_listed = is_listed and _PARTY.search(item.words[:200]) is not None
        is_party = is_listed and (called is not None or _STATE.search(item.words[:40]) is not None)
        before = next((int(other.marker) for other in reversed(run) if other.kind == "number"), None)
        if is_party and (item.kind != "number" or before is None or int(item.marker) == before + 1):
            run.append(item)
        elif run and len(run) > 1 and item.kind == run[0].kind:
            break
    return [_party(item) for item in run] if len(run) > 1 else []


def _party(item: Item) -> dict:
    words = re.split(r"\bPartijen genoemd\b|\bpartijen genoemd\b", item.words)[0]
    names = [(_TOGETHER.search(match[0]) is not None, match[1].strip()) for match in _CALLED.finditer(words)]
    called = min(names)[1] if names else None
    bare = re.sub(r"\s*\(.*?\)", "", _PERSON.sub("", words)).strip(" ;.,")
    name = re.sub(r"^(?:de|het)\s+", "", bare, flags=re.IGNORECASE)
    is_state = _STATE.search(words[:60]) is not None
    if not is_state and called and (len(name) > 60 or name.lower() in called.lower()):
        name = called
    made = {"found_at": place_of(item), "name": name[:1].upper() + name[1:], "side": "rijk" if is_state else "regio"}
    return {**made, "abbreviation": called or name, "quote": words[:160]}


def side_note(preamble: Article, parties: Sequence[dict]) -> str | None:
    """Tell where the text groups its parties otherwise than by what they are.

    Parameters
    ----------
    preamble, parties : Article, sequence of dict
        As of `find_parties`, and what it found.

    Returns
    -------
    str | None
        In Dutch.
    """
    text = " ".join(item.words for item in preamble.walk())
    for match in re.finditer(
        r"[Pp]artijen\s+genoemd\s+onder\s+(\d+)\s+(?:tot en met|en|t/m)\s+(\d+)[^;]*?:\s*[‘'\"“](Rijk|Regio)", text
    ):
        first, last, side = int(match[1]), int(match[2]), match[3].lower()
        own = [number for number, party in enumerate(parties, 1) if party["side"] == side]
        if own and (own[0], own[-1]) != (first, last):
            return (
                f"De tekst noemt partij {first} tot en met {last} de kant {match[3]}; naar wat zij zijn, is dat "
                f"{own[0]} tot en met {own[-1]}. Kies zelf wat geldt."
            )
    return None


def find_term(article: Article | None) -> dict | None:
    """Find the first and the last day of the term.

    Parameters
    ----------
    article : Article | None
        On the term.

    Returns
    -------
    dict | None
        Fields of `TermAnswer`.
    """
    for item in article.walk() if article else ():
        for sentence in sentences(item.words):
            moments = find_moments(sentence)
            ends = re.search(
                r"\b(?:eindigt|loopt (?:af|tot|van)|geldt tot|van kracht tot|duurt tot|looptijd)", sentence
            )
            if ends is None or not moments:
                continue
            starts = re.search(
                r"\b(?:treedt in werking|met ingang van|geldt vanaf|loopt van)\b", sentence[: moments[0].end]
            )
            made = {"found_at": place_of(item), "quote": sentence, "ends_on": moments[-1].last}
            if starts and len(moments) > 1 and moments[0].last < moments[-1].last:
                made["starts_on"] = moments[0].last
            elif re.search(r"dag na (?:de )?(?:ondertekening|datum)", sentence):
                made["reading"] = "De eerste dag is die na de ondertekening; de tekst noemt die dag niet."
            return made
    return None


def find_articles(parts: Mapping[str, Article]) -> list[dict]:
    """Name the article of each part, and the paragraphs on the annual report and on the final evaluation.

    Parameters
    ----------
    parts : mapping of str to Article
        Of `parts_of`.

    Returns
    -------
    list of dict
        Fields of `ArticleAnswer`.
    """
    found = [
        {"part": part, "number": str(article.number), "title": article.title, "found_at": f"regel {article.first}"}
        for part, article in sorted(parts.items(), key=lambda row: (row[1].number, row[0]))
    ]
    wanted: tuple[tuple[str, str], ...] = (
        (
            "annual_report",
            r"(?=.*voortgangsrapportage)(?=.*(?:jaarlijks|per jaar|elk (?:kalender)?jaar|"
            r"ieder (?:kalender)?jaar|jaarlijkse|voorafgaande jaar))",
        ),
        ("final_evaluation", r"(?=.*(?:eindevaluatie|\bevalueert\b|geëvalueerd|evaluatie (?:van|na) de))"),
    )
    if (article := parts.get("monitoring")) is None:
        return found
    for part, pattern in wanted:
        item = next((item for item in article.items if re.search(pattern, item.words, re.IGNORECASE)), None)
        if item is not None:
            number = f"{article.number}.{item.marker}" if item.kind == "number" else str(article.number)
            found.append({"part": part, "number": number, "found_at": place_of(item), "quote": item.words[:160]})
    return found


def find_duties(article: Article | None) -> list[dict]:
    """Give the numbered paragraphs of the article on monitoring and evaluation.

    Parameters
    ----------
    article : Article | None
        On monitoring and evaluation.

    Returns
    -------
    list of dict
        Fields of `DutyAnswer`.
    """
    if article is None:
        return []
    return [
        {"found_at": place_of(item), "number": f"{article.number}.{item.marker}", "title": short_title(item.words),
         "text": " ".join(part.words for part in item.walk())}
        for item in article.items
        if item.kind == "number"
    ]  # fmt: skip


def find_milestones(
    articles: Iterable[Article], themes: Sequence[Theme], first_year: int, last: date, taken: Iterable[str]
) -> Iterator[dict]:
    """Find dated promises: sentences with a moment within the term, and words that something will be done by then.

    Parameters
    ----------
    articles, themes, first_year, last
        Where to look; which theme a heading is of; the years of the term.
    taken : iterable of str
        Sentences that gave a target already: their date is that of the target.

    Returns
    -------
    iterator of dict
        Fields of `MilestoneAnswer`.
    """
    own = set(taken)
    for article in articles:
        for item in article.walk():
            for sentence in sentences(item.words):
                if sentence in own:
                    continue
                for moment in find_moments(sentence):
                    is_promise = _PROMISE.search(sentence) or _AT_LAST.search(sentence[: moment.start + 10])
                    if (
                        is_promise
                        and first_year <= moment.last.year
                        and moment.last <= last
                        and _is_firm(sentence, moment)
                    ):
                        theme = next(
                            (theme for theme in themes if any(_holds(part, item) for part in theme.parts.values())),
                            None,
                        )
                        yield {
                            "found_at": place_of(item), "quote": sentence, "theme": theme.number if theme else None,
                            "title": _promise_title(sentence, moment), "due": moment.last, "due_text": moment.quote,
                            "reading": moment.reading, "reference": _where(article, theme, item),
                        }  # fmt: skip


def _is_firm(sentence: str, moment: Moment) -> bool:
    is_period = re.search(r"(?:periode|jaren|gedurende|looptijd)", moment.quote) is not None
    is_loose = is_period or moment.quote.lower().startswith(("tot ", "vanaf", "sinds", "van "))
    return not is_loose and _FIRM.match(moment.quote) is not None


def _holds(part: tuple[Article, Item], item: Item) -> bool:
    return any(inner is item for inner in part[1].walk())


def _promise_title(sentence: str, moment: Moment) -> str:
    """Take the words around the moment: the beginning of its clause, or the end where the moment stands later."""
    around = re.split(r"[;:]\s", sentence)
    own = next((part for part in around if moment.quote in " ".join(part.split())), sentence).strip(" ,.;")
    if moment.quote in own[:_TITLE]:
        return dutch.capital(dutch.first_words(own, _TITLE))
    stop = min(len(own), own.index(moment.quote) + len(moment.quote) + 25) if moment.quote in own else len(own)
    tail = own[:stop] if stop == len(own) else own[:stop].rsplit(" ", 1)[0] + " …"
    return "… " + tail[-_TITLE:].split(" ", 1)[-1]


def _where(article: Article, theme: Theme | None, item: Item) -> str:
    spoken_of = theme.parts.values() if theme is not None else ()
    for part, heading in spoken_of:
        child = next((child for child in under(heading) if any(inner is item for inner in child.walk())), None)
        if theme is not None and part is article and child is not None:
            return reference_of(article, theme, heading, child)
    top = next((top for top in article.items if any(inner is item for inner in top.walk())), None)
    if not article.number:
        return "Overwegingen"
    return (
        f"Art. {article.number}.{top.marker}" if top is not None and top.kind == "number" else f"Art. {article.number}"
    )
