"""The money of a deal in its text: the split over themes, who brings what, and the instalments."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from evaluation.base import dutch
from evaluation.inputs.deal_text.lines import Article, Item
from evaluation.inputs.deal_text.notations import Euro, find_euros, sentences, table_scale
from evaluation.inputs.deal_text.parts_of_deal import Theme, find_theme

_TOTAL = re.compile(r"^\W*(?:totale?|totaal|samen|som)\b", re.IGNORECASE)
_STATE = re.compile(r"\b(?:Rijk|het rijk|Rijksbijdrage|Regio Envelop|minister\w*|staatssecretaris|rijksmiddelen)\b")
_REGION = re.compile(
    r"\b(?:[Dd]e\s+)?(?:Regio|regio|regionale\s+(?:bijdrage|cofinanciering|partijen|"
    r"partners))\b(?!\s+(?:Deal|Envelop))|\b[Cc]ofinanciering\b"
)
_OTHERS = re.compile(
    r"\b(?:(?:de\s+)?[Pp]rovincies?(?:\s+[A-Z]\w+(?:-[A-Z]\w+)*)?|(?:de\s+)?(?:gezamenlijke\s+)?[Gg]emeenten?(?:\s+[A-Z][\w’'-]+)?|"
    r"(?:[Ww]aterschap|[Ww]etterskip|[Hh]oogheemraadschap)(?:\s+[A-Z]\w+)?|[Uu]niversiteit\w*|[Hh]ogeschool\w*|"
    r"(?:het\s+)?bedrijfsleven|private\s+partijen|woningcorporaties|kennisinstellingen|Europese\s+\w+|EFRO|LEADER)\b"
)
_TRANCHE = re.compile(r"\btermijn(?:en)?\b|\btranches?\b", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d.])(20\d\d)(?!\d|[.,]\d)")


@dataclass(slots=True)
class Money:
    """What the text says of money: proposals as of `deal_answers`, and what it says in all."""

    amounts: list[dict] = field(default_factory=list)
    contributions: list[dict] = field(default_factory=list)
    tranches: list[dict] = field(default_factory=list)
    total: int | None = None
    not_used: list[str] = field(default_factory=list)


def find_money(article: Article, themes: Sequence[Theme], parties: Sequence[dict]) -> Money:
    """Find the split over themes, the contributions and the instalments in the article on money.

    Parameters
    ----------
    article, themes, parties : Article, sequence of Theme, sequence of dict
        What was found of them.

    Returns
    -------
    Money
        An amount that is none of these, or a range, is told under `not_used`.
    """
    money = Money()
    rows = [item for item in article.walk() if item.kind == "row"]
    _from_rows(article, rows, themes, parties, money)
    labelled: list[tuple[Item, int, str, Euro]] = []
    for item in article.walk():
        if item.kind == "row":
            continue
        own = list(_labelled(item))
        is_list = len(own) > 1 or (item.kind == "bullet" and len(own) == 1)
        labelled += own if is_list else []
        told = {number for _, number, _, _ in own} if is_list else set()
        text = " ".join(words for number, words in item.lines if number not in told)
        _from_sentences(article, item, text, (themes, parties), money)
    _from_labels(article, labelled, themes, parties, money)
    return money


def _labelled(item: Item) -> Iterator[tuple[Item, int, str, Euro]]:
    """Give the lines that are a label with one amount behind it."""
    for number, line in item.lines:
        euros = find_euros(line)
        if len(euros) == 1 and not line[euros[0].end :].strip(" .;,-–)"):
            label = re.sub(r"\(\s*$", "", line[: euros[0].start]).strip(" :–-\t.")
            if 2 < len(label) < 90 and not re.search(
                r"\b(?:bedraagt|bijdrage van|levert|reserveert|van|in totaal|met)$", label
            ):
                yield item, number, label, euros[0]


def _from_labels(
    article: Article, labelled: Sequence, themes: Sequence[Theme], parties: Sequence[dict], money: Money
) -> None:
    """Take the labels for themes, parties or the total; labels without words of a theme count by their order."""
    rest = [row for row in labelled if not _TOTAL.match(row[2])]
    matched = [find_theme(label, themes) for _, _, label, _ in rest]
    of_parties = [_side_of(label, parties) for _, _, label, _ in rest]
    is_ordered = len(rest) == len(themes) and sum(item is not None for item in matched) * 2 >= len(themes)
    for place, (item, number, label, euro) in enumerate(rest):
        theme = matched[place] or (themes[place] if is_ordered else None)
        at = {"found_at": f"regel {number}", "quote": f"{label}: {euro.quote}"}
        if euro.low != euro.high:
            money.not_used.append(f"regel {number}: {label}: {euro.quote} is een bandbreedte")
        elif theme is not None and all(row["theme"] != theme.number for row in money.amounts):
            money.amounts.append(
                {**at, "theme": theme.number, "amount_eur": euro.low, "reference": _reference(article, item)}
            )
        elif (brought := of_parties[place]) is not None:
            party, side, is_whole = brought
            money.contributions.append(
                {**at, "party": party, "side": side, "is_whole_side": is_whole, "amount_eur": euro.low,
                 "reference": _reference(article, item)})  # fmt: skip
        else:
            money.not_used.append(
                f"regel {number}: {label}: {euro.quote} hoort bij geen thema of partij die hier is gevonden"
            )
    totals = [euro.low for _, _, label, euro in labelled if _TOTAL.match(label)]
    money.total = money.total or (totals[0] if totals else None)


def _from_rows(
    article: Article, rows: Sequence[Item], themes: Sequence[Theme], parties: Sequence[dict], money: Money
) -> None:
    """Read a table: a row for each theme or party, and columns of amounts (of Rijk, Regio, or in all)."""
    if len(rows) < 3:
        return
    head = rows[0].cells
    scale = table_scale(
        " ".join([article.title, *(item.words for item in article.items if item.kind == "text"), *head])
    )
    sides = [None if not place else _side_of(cell, parties) for place, cell in enumerate(head)]
    whole = next((place for place, cell in enumerate(head) if place and re.search(r"tota", cell, re.IGNORECASE)), None)
    sums: dict[int, int] = {}
    for row in rows[1:]:
        values = {
            place: amount
            for place, cell in enumerate(row.cells)
            if place and (amount := _cell(cell, scale)) is not None
        }
        if not values:
            continue
        label = row.cells[0].strip("*_ ")
        amount = (
            values.get(whole)
            if whole is not None
            else (sum(values.values()) if any(sides) else next(iter(values.values())))
        )
        at = {"found_at": f"regel {row.first}", "quote": row.text, "reference": f"Art. {article.number}"}
        if _TOTAL.match(label):
            money.total = amount
            sums = values
        elif (theme := find_theme(label, themes)) is not None:
            money.amounts.append({**at, "theme": theme.number, "amount_eur": amount})
        elif side := _side_of(label, parties):
            money.contributions.append(
                {**at, "party": side[0], "side": side[1], "is_whole_side": side[2], "amount_eur": amount}
            )
        else:
            money.not_used.append(f"regel {row.first}: {row.text} hoort bij geen thema of partij die hier is gevonden")
    for place, side in enumerate(sides):
        if side and place in sums:
            at = {"found_at": f"regel {rows[-1].first}", "quote": f"{head[place]}: {rows[-1].cells[place]}"}
            money.contributions.append(
                {**at, "party": side[0], "side": side[1], "is_whole_side": side[2], "amount_eur": sums[place],
                 "reference": f"Art. {article.number}"})  # fmt: skip


def _cell(cell: str, scale: int) -> int | None:
    bare = cell.strip("*_ ")
    if re.fullmatch(r"(?:€\s*)?\d[\d.,]*(?:\s*(?:miljoen|mln\.?|duizend))?(?:,-)?(?:\s*euro)?", bare):
        euros = find_euros(bare if "€" in bare or "euro" in bare else f"€ {bare}", scale=scale)
        return euros[0].low if euros else None
    return None


def _from_sentences(
    article: Article, item: Item, text: str, known: tuple[Sequence[Theme], Sequence[dict]], money: Money
) -> None:
    themes, parties = known
    for sentence in sentences(text):
        euros = find_euros(sentence)
        quote = {
            "quote": sentence,
            "found_at": f"regel {item.first}" + (f"-{item.last}" if item.last > item.first else ""),
        }
        if _TRANCHE.search(sentence):
            _tranche(sentence, euros, {**quote, "reference": _reference(article, item)}, money)
            continue
        if split := _split(sentence, euros, themes):
            at = {**quote, "reference": _reference(article, item)}
            money.amounts += [{**at, "theme": theme, "amount_eur": euro.low} for theme, euro in split.items()]
            continue
        for place, euro in enumerate(euros):
            before = sentence[euros[place - 1].end if place else 0 : euro.start]
            after = sentence[euro.end : euros[place + 1].start if place + 1 < len(euros) else None]
            is_behind = re.match(r"[\s,]*(?:van|door|uit|komt van)\s", after) is not None
            sides = [_side_of(before, parties, last=True), _side_of(after, parties)]
            side = next(filter(None, sides[::-1] if is_behind else sides), None)
            if re.search(r"[x×]\s*$", before):
                continue  # what a table counts in
            together = _together(after if is_behind else before, parties)
            if re.search(r"\btota(?:al|le)\b|\bin totaal\b", before, re.IGNORECASE) or set(together) == {
                "Rijk",
                "Regio",
            }:
                money.total = money.total or euro.low
            elif side is None or together or euro.low != euro.high:
                why = "hoort bij geen thema of partij die hier is gevonden"
                if together:
                    why = f"is van {dutch.listing(together)} samen; de tekst zegt hier niet wat elk bijdraagt"
                if euro.low != euro.high:
                    why = "is een bandbreedte"
                money.not_used.append(f"{quote['found_at']}: {euro.quote} {why}: {sentence}")
            else:
                made = {"party": side[0], "side": side[1], "is_whole_side": side[2], "amount_eur": euro.low}
                money.contributions.append({**quote, **made, "reference": _reference(article, item)})


def _split(sentence: str, euros: Sequence[Euro], themes: Sequence[Theme]) -> dict[int, Euro]:
    """Read a split over all themes in one sentence, each theme before its amount; nothing where one does not fit."""
    starts = [sentence.rfind(":", 0, euros[0].start) + 1 if euros else 0, *(euro.end for euro in euros)]
    labels = [sentence[start : euro.start].strip(" ,;:") for start, euro in zip(starts, euros, strict=False)]
    found = [find_theme(re.sub(r"^en\s+(?:voor\s+)?", "", label), themes) for label in labels]
    split = {theme.number: euro for theme, euro in zip(found, euros, strict=True) if theme and euro.low == euro.high}
    return split if len(themes) > 1 and len(split) == len(euros) == len(themes) else {}


def _tranche(sentence: str, euros: Sequence[Euro], at: dict, money: Money) -> None:
    """Read an instalment: its amount with the years that stand nearest before it, or years alone."""
    starts = [match.start() for match in _TRANCHE.finditer(sentence)]
    for start, stop in zip([0, *starts[1:]], [*starts[1:], len(sentence)], strict=True):
        for euro in (item for item in euros if start <= item.start < stop):
            years = _YEAR.findall(sentence[start : euro.start])[-1:] or _YEAR.findall(sentence[euro.end : stop])[:1]
            if years and euro.low == euro.high:
                money.tranches.append({**at, "years": [int(years[0])], "amount_eur": euro.low})
            else:
                money.not_used.append(
                    f"{at['found_at']}: {euro.quote} is een termijn zonder jaar of met een bandbreedte"
                )
    if euros:
        return
    years = sorted({int(year) for year in _YEAR.findall(sentence)})
    if years:
        money.tranches.append({**at, "years": years, "amount_eur": None, "reading": "De tekst noemt hier geen bedrag."})


def _named(words: str, parties: Sequence[dict]) -> list[tuple[int, int, str, str, bool]]:
    """Find who a text speaks of: where, the name, the side, and whether it is the side as a whole."""
    found: list[tuple[int, int, str, str, bool]] = []
    for party in parties:
        for name in filter(None, (party.get("abbreviation"), party["name"])):
            for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", words):
                is_state = party["side"] == "rijk"
                found.append((*match.span(), "Rijk" if is_state else name, party["side"], is_state))
    found += [(*match.span(), "Rijk", "rijk", True) for match in _STATE.finditer(words)]
    found += [(*match.span(), "Regio", "regio", True) for match in _REGION.finditer(words)]
    found += [
        (*match.span(), re.sub(r"^(?:de|het)\s+", "", match[0]), "regio", False) for match in _OTHERS.finditer(words)
    ]
    return found


def _side_of(words: str, parties: Sequence[dict], *, last: bool = False) -> tuple[str, str, bool] | None:
    """Find who a text speaks of, the first or the last: name, side, and whether it is the side as a whole."""
    found = _named(words, parties)
    return (max if last else min)(found, key=lambda row: row[0])[2:] if found else None


def _together(words: str, parties: Sequence[dict]) -> list[str]:
    """Name the parties of which a text speaks in one breath ("de provincie en de gemeenten"); none where it is one."""
    places: list[tuple[int, int, str]] = []
    for start, end, name, _, _ in sorted(_named(words, parties), key=lambda row: (row[0], -row[1])):
        if not places or start >= places[-1][1]:
            places.append((start, end, name))
    joined: list[str] = []
    for (_, end, one), (start, _, other) in pairwise(places):
        if one != other and re.fullmatch(r"\s*(?:,|en|,?\s*alsmede|,?\s*en ook)\s*(?:de|het)?\s*", words[end:start]):
            joined += [one, other]
    return list(dict.fromkeys(joined))


def _reference(article: Article, item: Item) -> str:
    """Write the paragraph in which an item stands."""
    for top in article.items:
        if any(part is item for part in top.walk()):
            return f"Art. {article.number}.{top.marker}" if top.kind == "number" else f"Art. {article.number}"
    return f"Art. {article.number}"
