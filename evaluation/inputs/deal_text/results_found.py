"""Goals, intended results, approach and agreed numbers, theme by theme, with their place in the text."""

import re
from collections.abc import Iterator, Mapping, Sequence

from evaluation.base.text import page_slug
from evaluation.inputs.deal_text.lines import Article, Item
from evaluation.inputs.deal_text.notations import Moment, find_moments
from evaluation.inputs.deal_text.numbers_agreed import Agreed, find_agreed
from evaluation.inputs.deal_text.parts_of_deal import Theme, short_title, under

_BENCHMARK = re.compile(
    r"\b(?:\w+se?\s+)?gemiddeld\w*\s+(?:niveau\s+)?(?:van\s+(?:de\s+provincie|het\s+land|Nederland)|)|"
    r"(?:Limburgs|Fries|Drents|Gronings|Brabants|Gelders|Zeeuws|Overijssels|Utrechts|Flevolands|Hollands|landelijk|"
    r"provinciaal|nationaal)e?\s+gemiddelde", re.IGNORECASE)  # fmt: skip
_ROW_HEADS = {
    "theme": re.compile(r"thema|opgave|programmalijn|pijler|spoor", re.IGNORECASE),
    "result": re.compile(r"resulta|omschrijving|wat\b|indicator|doel\b", re.IGNORECASE),
    "quantity": re.compile(r"aantal|streefwaarde|streefgetal|hoeveel|doelwaarde|target", re.IGNORECASE),
    "by": re.compile(r"jaar|wanneer|uiterlijk|datum|gereed|planning", re.IGNORECASE),
}


def place_of(item: Item) -> str:
    """Name the lines of an item as its reader finds them.

    Parameters
    ----------
    item : Item
        With what stands under it.

    Returns
    -------
    str
    """
    last = max([item.last, *(child.last for child in item.walk())])
    return f"regel {item.first}" if last <= item.first else f"regel {item.first}-{last}"


def words_found(item: Item, reference: str) -> dict:
    """Make the proposal of a goal, a result or an element of the approach from an item.

    Parameters
    ----------
    item, reference : Item, str
        And where it stands, as `reference_of` writes it.

    Returns
    -------
    dict
        Fields of `Words`.
    """
    text = " ".join(part.words for part in item.walk())
    title = item.title or short_title(text)
    moments = [moment for moment in find_moments(item.words) if not moment.quote.lower().startswith(("vanaf", "van "))]
    made: dict = {"found_at": place_of(item), "title": title, "text": " ".join(text.split()), "reference": reference}
    if moments:
        made["by"], made["reading"] = moments[-1].last, moments[-1].reading
    if _BENCHMARK.search(text) and "gemiddeld" in text.lower():
        made["towards_benchmark"] = True
    return made


def theme_found(theme: Theme) -> dict:
    """Make the proposal of a theme with its goals, results and approach.

    Parameters
    ----------
    theme : Theme
        Of `themes_of`.

    Returns
    -------
    dict
        Fields of `ThemeAnswer`.
    """
    made: dict = {"found_at": place_of(_only(theme.heading)), "title": theme.title}
    for part in ("goals", "results", "approach"):
        if part in theme.parts:
            article, heading = theme.parts[part]
            made[part] = [words_found(item, reference_of(article, theme, heading, item)) for item in under(heading)]
    return made


def results_in_rows(article: Article) -> list[dict[str, str]]:
    """Read a table of results: each row by what the heads of its columns say.

    Parameters
    ----------
    article : Article
        On the results.

    Returns
    -------
    list of dict
        Keys theme, result, quantity, by (only columns that are there) and found_at.
    """
    rows = [item for item in article.walk() if item.kind == "row"]
    if len(rows) < 3:
        return []
    head = [next((key for key, words in _ROW_HEADS.items() if words.search(cell)), "") for cell in rows[0].cells]
    if "result" not in head:
        return []
    made = []
    for row in rows[1:]:
        if all(re.fullmatch(r":?-{2,}:?|", cell) for cell in row.cells):
            continue
        cells = {key: cell for key, cell in zip(head, row.cells, strict=False) if key and cell}
        if cells.get("result"):
            made.append({**cells, "found_at": place_of(row)})
    return made


def targets_found(theme: Theme, results: Sequence[Mapping]) -> Iterator[dict]:
    """Give the numbers that are agreed in the results and the approach of a theme.

    A number that the approach repeats is not given again; a sum of numbers that stand under it is their group.

    Parameters
    ----------
    theme, results : Theme, sequence of mapping
        And the results that were found of it.

    Returns
    -------
    iterator of dict
        As of `target_found`, with theme, result and element.
    """
    given: list[tuple[float, str]] = []
    if "results" in theme.parts:
        article, heading = theme.parts["results"]
        for number, item in enumerate(under(heading), 1):
            for made in _of_result(item, reference_of(article, theme, heading, item)):
                given.append((made["quantity"], made["key"]))
                yield {"theme": theme.number, "result": number, **made}
    if "approach" in theme.parts:
        article, heading = theme.parts["approach"]
        for number, element in enumerate(under(heading), 1):
            reference = reference_of(article, theme, heading, element)
            for item in element.walk():
                for agreed in find_agreed(item.words, needs_intention=True):
                    if (agreed.quantity, _key(agreed)) in given:
                        continue
                    given.append((agreed.quantity, _key(agreed)))
                    result = 1 if len(results) == 1 else None
                    made = _of_item(agreed, item, reference)
                    yield {"theme": theme.number, "result": result, "element": number, **made}


def emphasis_in_approach(theme: Theme) -> dict[tuple[float, str], tuple[str, str]]:
    """Find where the approach says "at least" or "about" of a number, by the number: with the words and the place.

    Parameters
    ----------
    theme : Theme
        Of `themes_of`.

    Returns
    -------
    dict
        Quantity and what is counted, to at_least or approximate and the reference.
    """
    found: dict[tuple[float, str], tuple[str, str]] = {}
    if "approach" in theme.parts:
        article, heading = theme.parts["approach"]
        for element in under(heading):
            for item in element.walk():
                for agreed in find_agreed(item.words, needs_intention=True):
                    word = "at_least" if agreed.at_least else "approximate" if agreed.approximate else None
                    if word:
                        found.setdefault(
                            (agreed.quantity, _key(agreed)), (word, reference_of(article, theme, heading, element))
                        )
    return found


def _of_result(item: Item, reference: str) -> Iterator[dict]:
    """Give the numbers of a result; where those under it add up to its own, these with one group and its moment."""
    own = find_agreed(item.words, needs_intention=False)
    below = [(child, agreed) for child in item.children for agreed in find_agreed(child.words, needs_intention=False)]
    counted = sum(agreed.quantity for _, agreed in below)
    whole = next((agreed for agreed in own if below and agreed.quantity == counted), None)
    for agreed in own:
        if agreed is not whole:
            yield _of_item(agreed, item, reference)
    for child, agreed in below:
        place = item.children.index(child) + 1
        sign = re.sub(r", \de streepje$", "", reference)
        made = _of_item(agreed, child, f"{sign}, {place}e punt", above=whole or (own[0] if own else None))
        if whole is not None:
            made["group"] = page_slug(whole.noun.split()[-1]) or "samen"
        yield made


def _key(agreed: Agreed) -> str:
    """Name what is counted: only of the same words, "nieuwe ondernemers", the approach repeats a result."""
    return agreed.unit_of_measure if agreed.unit_of_measure != "count" else agreed.noun.lower()


def _of_item(agreed: Agreed, item: Item, reference: str, *, above: Agreed | None = None) -> dict:
    """Make the proposal of a number of an item; one without a moment has that of the number that it is a part of."""
    return target_found(agreed, place_of(_only(item)), reference, agreed.moment or (above.moment if above else None))


def target_found(agreed: Agreed, place: str, reference: str, when: Moment | None) -> dict:
    """Make the proposal of a target of an agreed number.

    Parameters
    ----------
    agreed, place, reference, when : Agreed, str, str, Moment | None
        Where it stands, and by when; None where the text says nothing of that.

    Returns
    -------
    dict
        Fields of `TargetAnswer`; beside them ``key``, what is counted, and ``unusable``, why it is no target.
    """
    is_level = agreed.baseline is not None or agreed.unit_of_measure == "pct"
    is_one = agreed.high is None
    made = {
        "found_at": place, "quote": agreed.quote, "title": target_title(agreed),
        "quantity": agreed.quantity, "unit_of_measure": agreed.unit_of_measure, "unit_label": unit_label(agreed),
        "direction": "decrease" if agreed.falls and is_level else "increase", "reference": reference,
        "key": _key(agreed),
    }  # fmt: skip
    made |= {name: True for name in ("at_least", "approximate") if getattr(agreed, name) and is_one}
    if not is_one:
        made["quantity_to"] = agreed.high
    if agreed.baseline is not None:
        made["baseline"], made["baseline_year"] = agreed.baseline
    if when is not None:
        made["by"], made["by_note"] = when.last, when.reading
    else:
        said = "De tekst zegt: binnen de looptijd" if agreed.by_term else "De tekst noemt geen datum"
        made["by_note"] = f"{said}; hier het einde van de looptijd."
    made["reading"] = made["by_note"]
    if agreed.is_change or agreed.at_most:
        made["unusable"] = _why(agreed)
    return made


def _why(agreed: Agreed) -> str:
    return "een verandering zonder niveau" if agreed.is_change else "een getal dat niet als doel is op te nemen"


def unit_label(agreed: Agreed) -> str:
    """Name the unit of a number as a reader sees it.

    Parameters
    ----------
    agreed : Agreed
        Of `find_agreed`.

    Returns
    -------
    str
    """
    return {"m2": "m²", "pct": "%", "EUR": "euro"}.get(agreed.unit_of_measure, agreed.unit or agreed.noun)


def target_title(agreed: Agreed) -> str:
    """Name what is counted in the words behind the number; of a level what it is a level of.

    Parameters
    ----------
    agreed : Agreed
        Of `find_agreed`.

    Returns
    -------
    str
    """
    if agreed.baseline is not None:
        return short_title(agreed.noun)
    if agreed.unit_of_measure in ("pct", "EUR"):
        return short_title(agreed.quote)
    plain = re.sub(r"(?<=\d)\.(?=\d{3})", "", agreed.quote)
    last = agreed.high if agreed.high is not None else agreed.quantity
    behind = re.search(rf"\b{last:.15g}(?:\s*(?:m²|m2|hectare|ha|km)\d?)?\s+(.*)", plain)
    words = behind[1] if behind else agreed.noun
    if agreed.moment is not None and agreed.moment.quote in words:
        words = re.sub(r"\s+(?:is|zijn|wordt|worden)$", "", words.split(agreed.moment.quote)[0].strip())
    cut = re.split(r"[.,;:()]", re.sub(r"^(?:aan|van)\s+", "", words))[0].strip()
    return short_title(cut if len(cut) > 3 else agreed.noun)


def _only(item: Item) -> Item:
    return Item(item.kind, item.marker, first=item.first, last=item.last)


def reference_of(article: Article, theme: Theme, heading: Item, item: Item) -> str:
    """Write where an item stands as a lawyer does: "Art. 3.2, 1e streepje", "Art. 4.2m".

    Parameters
    ----------
    article, theme, heading, item : Article, Theme, Item, Item
        The heading of the theme in that article, and the item under it.

    Returns
    -------
    str
    """
    numbered = heading.kind == "number" or (heading.kind == "letter")
    start = f"Art. {article.number}" + (
        f".{heading.marker}" if numbered else f", thema {theme.number}" if heading.kind in ("named", "heading") else ""
    )
    if item.kind == "letter":
        return f"{start}{item.marker}" if numbered else f"{start}, onder {item.marker}"
    if item.kind == "number":
        return f"{start}.{item.marker}"
    alike = [child for child in under(heading) if child.kind == item.kind]
    place = next((number for number, child in enumerate(alike, 1) if child is item), 1)
    sign = (
        {"-": "streepje", "–": "streepje", "—": "streepje"}.get(item.marker, "punt")
        if item.kind == "bullet"
        else "alinea"
    )
    return f"{start}, {place}e {sign}"
