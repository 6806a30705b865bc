"""What is asked in the terminal about a new deal, in Dutch: a few questions, and what was found in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

import typer

from evaluation.base import dutch
from evaluation.base.errors import Fault, InputError
from evaluation.base.text import without_controls
from evaluation.cli.new_deal_agreed import side_total
from evaluation.inputs.deal_answers import (
    Answer,
    Contribution,
    DealAnswers,
    PartyAnswer,
    TargetAnswer,
    TermAnswer,
    ThemeAmount,
    ThemeAnswer,
    Words,
)
from evaluation.inputs.deal_text.notations import find_euros, find_moments
from evaluation.inputs.deal_text.numbers_agreed import Agreed, find_agreed
from evaluation.inputs.deal_text.results_found import target_title, unit_label
from evaluation.statistics.areas.treatment_schema import RegioDeal

_GROUPS = {
    "term": "de looptijd", "parties": "de partijen", "articles": "de artikelen", "themes": "de thema's",
    "goals": "de doelen", "results": "de resultaten", "approach": "de aanpak", "targets": "de aantallen",
    "amounts": "de bedragen per thema",
    "contributions": "de bijdragen", "tranches": "de termijnen",
    "milestones": "de afspraken met een datum", "duties": "de taken",
}  # fmt: skip
_SHOWN = ("confirmed", "found_at", "quote", "reading", "goals", "results", "approach")


@dataclass(frozen=True, slots=True)
class Given:
    """What stands on the command line, each in the words of its question; empty where it does not."""

    themes: str = ""
    results: str = ""
    ends: str = ""
    state: str = ""
    region: str = ""
    amounts: str = ""
    targets: str = ""


def complete_answers(
    known: RegioDeal, answers: DealAnswers, given: Given, ask: Callable[[str, str], str] | None
) -> DealAnswers:
    """Add to answers what is given on the command line, and ask what is not known yet.

    Parameters
    ----------
    known, answers, given : RegioDeal, DealAnswers, Given
        Of the register, of a file or text, and of the command line.
    ask : callable | None
        Puts a question with a default and returns the answer; None: nobody is there, and what lacks stays open.

    Returns
    -------
    DealAnswers

    Raises
    ------
    InputError
        With every answer that cannot be read, and what is expected.
    """
    faults: list[Fault] = []
    found = answers.model_copy()
    put = ask or (lambda _question, default: default)
    if not found.themes:
        text = given.themes or put("Welke thema's heeft de deal? (titels, met ; ertussen)", "")
        found = found.model_copy(update={"themes": tuple(ThemeAnswer(title=part) for part in _parts(text))})
    if found.themes and not any(theme.results for theme in found.themes):
        text = given.results or put("Beoogde resultaten? (nummer van het thema: resultaat; nummer: resultaat)", "")
        found = _with_results(found, text, faults)
    if _needs_end(known, found):
        year = f" In het register staat {known.ends.day.year}." if known.ends else ""
        found = _with_end(found, given.ends or put(f"Laatste dag van de looptijd?{year} (31-12-2027)", ""), faults)
    found = _with_money(known, found, given, put, faults)
    if found.text is None and not found.targets:
        text = given.targets or put(
            "Afgesproken aantallen? (nummer van het thema: 40 haltes uiterlijk 31 december 2026; ...; leeg: geen)", ""
        )
        found = _with_targets(found, text, faults)
    if faults:
        raise InputError(faults)
    return found


def confirm_found(answers: DealAnswers, ask: Callable[[str], str], tell: Callable[[str], None]) -> DealAnswers:
    """Show everything that was found in a text, with its place, and keep what somebody says is right.

    Parameters
    ----------
    answers : DealAnswers
        Of `propose`.
    ask, tell : callable
        Puts a question and returns ``j``, ``n`` or ``a`` (all that is left of this kind); writes a line.

    Returns
    -------
    DealAnswers
        Every answer confirmed or refused.
    """
    decided: dict[str, bool] = {}
    whole: set[str] = set()
    for place, item in answers.walk():
        if not item.is_open:
            continue
        parent = next((up for up in _above(place) if up in decided), None)
        if parent is not None and not decided[parent]:
            decided[place] = False  # of a theme that is refused nothing counts
            continue
        kind = re.sub(r"\.\d+$", "", place).rsplit(".", 1)[-1]
        tell("")
        tell(without_controls(_told(item)).replace("?", "?"))
        for label, words in (("plaats", item.found_at), ("tekst", item.quote), ("let op", item.reading)):
            if words:
                tell(f"  {label}: {without_controls(words)}")
        if kind in whole:
            decided[place] = True
            continue
        answer = ask(f"Klopt dit? j(a), n(ee), a(lles wat er nog van {_GROUPS.get(kind, kind)} komt)")
        decided[place] = answer in ("j", "a")
        if answer == "a":
            whole.add(kind)
    return _with_decisions(answers, decided)


def _with_decisions(answers: DealAnswers, decided: dict[str, bool]) -> DealAnswers:
    """Write the decisions into the answers, by their places."""

    def settle(node, place: str):
        updates: dict = {}
        for name in type(node).model_fields:
            value = getattr(node, name)
            if isinstance(value, Answer):
                updates[name] = settle(value, f"{place}{name}.")
            elif isinstance(value, tuple) and value and isinstance(value[0], Answer):
                updates[name] = tuple(settle(item, f"{place}{name}.{number}.") for number, item in enumerate(value, 1))
        if place.rstrip(".") in decided:
            updates["confirmed"] = decided[place.rstrip(".")]
        return node.model_copy(update=updates)

    return settle(answers, "")


def _above(place: str) -> Iterable[str]:
    parts = place.split(".")
    return (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))


def _told(item: Answer) -> str:
    """Write what was found as one line: its fields in words."""
    if isinstance(item, ThemeAnswer):
        return f"Thema: {item.title}"
    if isinstance(item, PartyAnswer):
        side = "het Rijk" if item.side == "rijk" else "de Regio"
        return f"Partij: {item.name} ({item.abbreviation or '-'}), kant van {side}"
    if isinstance(item, Words):
        return f"{item.title or dutch.first_words(item.text, 90)} [{item.reference or '-'}]"
    fields = {
        name: value
        for name, value in item.model_dump().items()
        if name not in _SHOWN and value not in (None, False, ())
    }
    return f"{type(item).__name__.removesuffix('Answer')}: " + ", ".join(
        f"{name} {value}" for name, value in fields.items()
    )


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _numbered(text: str, n_themes: int, what: str, faults: list[Fault]) -> list[tuple[int, str]]:
    """Read ``1: words; 2: words``; with one theme the number may be left out."""
    found = []
    for part in _parts(text):
        match = re.match(r"(\d{1,2})\s*:\s*(.+)$", part)
        number, words = (int(match[1]), match[2]) if match else (1, part)
        if (match is None and n_themes > 1) or not 1 <= number <= n_themes:
            faults.append(
                Fault(
                    what,
                    repr(part),
                    f"het nummer van een thema (1 tot en met {n_themes}), een dubbele punt en de woorden",
                )
            )
        else:
            found.append((number, words))
    return found


def _with_results(answers: DealAnswers, text: str, faults: list[Fault]) -> DealAnswers:
    rows = _numbered(text, len(answers.themes), "resultaten", faults)
    themes = tuple(
        theme.model_copy(
            update={
                "results": tuple(
                    Words(text=words, title=words[:1].upper() + words[1:]) for at, words in rows if at == number
                )
            }
        )
        for number, theme in enumerate(answers.themes, 1)
    )
    return answers.model_copy(update={"themes": themes})


def _needs_end(known: RegioDeal, answers: DealAnswers) -> bool:
    is_known = known.ends is not None and known.ends.precision == "day"
    return not (is_known or (answers.term is not None and answers.term.counts and answers.term.ends_on))


def _with_end(answers: DealAnswers, text: str, faults: list[Fault]) -> DealAnswers:
    if not text.strip():
        return answers
    day = read_day(text)
    if day is None:
        faults.append(Fault("laatste dag", repr(text), "een dag, zoals 31-12-2027 of 2027-12-31"))
        return answers
    return answers.model_copy(update={"term": TermAnswer(ends_on=day)})


def read_day(text: str) -> date | None:
    """Read a day as people write it.

    >>> read_day("2027-12-31"), read_day("31-12-2027"), read_day("12 juli 2024"), read_day("2027")
    (datetime.date(2027, 12, 31), datetime.date(2027, 12, 31), datetime.date(2024, 7, 12), None)
    """
    bare = text.strip()
    try:
        return date.fromisoformat(bare)
    except ValueError:
        moments = [item for item in find_moments(bare) if re.search(r"\d{1,2}[\s/-]\w+[\s/-]\d{4}$", item.quote)]
        return moments[0].last if len(moments) == 1 else None


def read_euros(text: str) -> int | None:
    """Read one amount; a bare number is whole euros.

    >>> read_euros("15 miljoen"), read_euros("€ 1,5 mln"), read_euros("1.500.000"), read_euros("veel")
    (15000000, 1500000, 1500000, None)
    """
    found = find_euros(text if re.search(r"€|euro|EUR", text) else f"€ {text.strip()}")
    return found[0].low if len(found) == 1 and found[0].low == found[0].high else None


def _with_money(
    known: RegioDeal, answers: DealAnswers, given: Given, put: Callable[[str, str], str], faults: list[Fault]
) -> DealAnswers:
    """Add the contributions of both sides and the split over themes, where they are not known."""
    contributions = list(answers.contributions)
    asked = (
        ("rijk", "Rijk", given.state, "Bijdrage van het Rijk? (bijvoorbeeld 15 miljoen)", known.state is not None),
        (
            "regio",
            "Regio",
            given.region,
            "Bijdrage van de Regio, alle partijen samen? (bijvoorbeeld 15 miljoen)",
            False,
        ),
    )
    for side, party, text, question, is_known in asked:
        if is_known or side_total(answers, side) is not None:
            continue
        reply = text or put(question, "")
        amount = read_euros(reply) if reply.strip() else None
        if amount is not None:
            contributions.append(Contribution(party=party, side=side, is_whole_side=True, amount_eur=amount))
        elif reply.strip():
            faults.append(Fault(f"bijdrage van {party}", repr(reply), "een bedrag, zoals 15 miljoen of 15.000.000"))
    answers = answers.model_copy(update={"contributions": tuple(contributions)})
    if answers.amounts or not answers.themes:
        return answers
    reply = given.amounts or put(
        f"Bedrag per thema, in de volgorde van de {len(answers.themes)} thema's? (met ; ertussen)", ""
    )
    values = [read_euros(part) for part in _parts(reply)]
    if reply.strip() and (None in values or len(values) != len(answers.themes)):
        faults.append(
            Fault(
                "bedrag per thema",
                repr(reply),
                f"{len(answers.themes)} bedragen met ; ertussen, zoals 3 miljoen; 500.000",
            )
        )
        return answers
    rows = tuple(
        ThemeAmount(theme=number, amount_eur=amount) for number, amount in enumerate(values, 1) if amount is not None
    )
    return answers.model_copy(update={"amounts": rows})


def _with_targets(answers: DealAnswers, text: str, faults: list[Fault]) -> DealAnswers:
    """Read agreed numbers as a text writes them; each is of the result that names what it counts, or else the first."""
    made = []
    for number, words in _numbered(text, len(answers.themes), "aantallen", faults):
        found = find_agreed(words, needs_intention=False)
        if len(found) != 1 or found[0].is_change or found[0].at_most:
            faults.append(
                Fault(
                    "aantallen",
                    repr(words),
                    "één aantal met wat er wordt geteld, zoals 40 haltes uiterlijk 31 december 2026",
                )
            )
            continue
        item = found[0]
        results = answers.themes[number - 1].results
        own = [place for place, row in enumerate(results, 1) if item.noun.split()[-1].lower() in row.text.lower()]
        made.append(_target(item, number, own[0] if own else 1))
    return answers.model_copy(update={"targets": tuple(made)})


def _target(item: Agreed, theme: int, result: int) -> TargetAnswer:
    """Make the answer of a number that somebody gave."""
    is_one = item.high is None
    when = {"by": item.moment.last, "by_note": f"Zoals opgegeven: '{item.moment.quote}'."} if item.moment else {}
    level = {"baseline": item.baseline[0], "baseline_year": item.baseline[1]} if item.baseline else {}
    return TargetAnswer(
        theme=theme,
        result=result,
        title=target_title(item),
        quantity=item.quantity,
        quantity_to=item.high,
        unit_of_measure=item.unit_of_measure,
        unit_label=unit_label(item),
        at_least=item.at_least and is_one,
        approximate=item.approximate and is_one,
        direction="decrease" if item.falls and item.baseline else "increase",
        **when,
        **level,
    )


def prompt(question: str, default: str) -> str:
    """Ask in the terminal; an empty answer is allowed, and leaves open what is asked.

    Parameters
    ----------
    question, default : str, str
        In Dutch.

    Returns
    -------
    str
    """
    return typer.prompt(question, default=default, show_default=bool(default))


def prompt_letter(question: str) -> str:
    """Ask for j, n or a until it is one of these.

    Parameters
    ----------
    question : str
        In Dutch.

    Returns
    -------
    str
    """
    while (answer := str(typer.prompt(question)).strip().lower()[:1]) not in ("j", "n", "a"):
        typer.echo("Antwoord met j, n of a.")
    return answer
