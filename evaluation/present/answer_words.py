"""Answers to "did it help?" in sentences that follow from a judged estimate; each has at most 25 words.

Neutral by rule (Art. 7.3): they say what was seen and what is excluded, and never why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.analysis.effects.estimate import GRADES, INDICATED, Deviation, Estimate
from evaluation.analysis.effects.scale import Direction
from evaluation.base import dutch
from evaluation.present import sentences
from evaluation.present.display import emphasis

NONE, COARSE, NOTHING, SOME, STRONG = GRADES
MOST_WORDS = 25
"""In a sentence that a council reads."""

IN_PERCENT = ", in procenten"
"""Behind the name of an outcome of which the estimate is in percent."""

NOT_COMPARED = "Niet te vergelijken met andere regio's."
SEE_CHAPTER = "Het hoofdstuk zegt waarom."
NO_MAIN = "Het plan heeft voor dit thema geen hoofdvraag."
NOT_THE_SAME = "Dat is niet hetzelfde als: de deal hielp niet."


@dataclass(frozen=True, slots=True)
class Answer:
    """A question of the plan with its judged estimate, and what its sentences need beside that.

    Attributes
    ----------
    wording, region, years : str    Of the outcome, of the region and of the years after the start, as in a sentence.
    is_main : bool    Whether it is the main question of its theme.
    estimate : Estimate
    plausible : float    Largest plausible effect of the plan, not negative, in the unit of the estimate.
    wanted : str    Which way the outcome is meant to move.
    unit_words : str    Unit of the estimate; "procent" is written as a sign.
    decimals : int    Of the numbers of the estimate.
    is_example : bool    Whether attribution was judged with records that are made up.
    """

    wording: str
    region: str
    years: str
    is_main: bool
    estimate: Estimate
    plausible: float
    wanted: Direction
    unit_words: str
    decimals: int
    is_example: bool = False

    @property
    def grade(self) -> Deviation:
        """How strong the evidence of a deviation is."""
        return self.estimate.deviation

    def number(self, value: float | None, *, signed: bool = False) -> str:
        """Write a number of the estimate with the decimals that it has; a percent sign where it is one."""
        written = dutch.number(value, self.decimals, signed=signed)
        return f"{written}%" if self.unit_words == "procent" and value is not None else written

    def amount(self, size: float) -> str:
        """Write a size with its unit."""
        return self.number(size) if self.unit_words == "procent" else f"{self.number(size)} {self.unit_words}"

    @property
    def largest(self) -> str:
        """The largest plausible effect with its unit, a whole number without decimals."""
        whole = replace(self, decimals=0) if float(self.plausible).is_integer() else self
        return whole.amount(self.plausible)

    @property
    def interval(self) -> str:
        """The ends of the interval, or a dash."""
        low, high = self.estimate.ci_low, self.estimate.ci_high
        return (
            "–"
            if low is None or high is None
            else f"{self.number(low, signed=True)} tot {self.number(high, signed=True)}"
        )


def answer_sentences(answer: Answer) -> list[str]:
    """Answer a question: the grade with its ground, what was found with its interval, and what that excludes."""
    return list(_sentences(answer))


def _sentences(answer: Answer) -> Iterator[str]:
    estimate = answer.estimate
    yield grade_sentence(answer)
    if estimate.deviation == NONE:
        yield SEE_CHAPTER
    if estimate.value is None:
        return
    side = "lager" if estimate.value < 0 else "hoger"
    amount = f"gemiddeld {answer.amount(abs(estimate.value))} {side}"
    found = f"In {answer.years} lag {answer.region} {amount} dan de vergelijking"
    yield f"{found}; het 95%-interval is {answer.interval}." if estimate.ci_low is not None else f"{found}."
    if estimate.deviation == NONE:
        return
    units = {"unit_words": answer.unit_words, "decimals": answer.decimals}
    yield from filter(None, [sentences.excluded_sentence(estimate, **units).strip()])
    if estimate.is_indicated:
        yield attribution_sentence(answer)


def grade_sentence(answer: Answer) -> str:
    """Say the grade of an estimate and the numbers that it follows from."""
    estimate, grade = answer.estimate, answer.grade
    if grade == NONE:
        return NOT_COMPARED
    if grade in INDICATED:
        chance = dutch.number(estimate.p_value, 3)
        adjusted = f", na correctie voor het aantal vragen {dutch.number(estimate.p_adjusted, 3)}"
        ground = f"plaats {sentences.rank_words(estimate)} in grootte, kans op toeval {chance}"
        return (
            f"{dutch.capital(grade)} van een verschil: {ground}{adjusted if estimate.p_adjusted is not None else ''}."
        )
    largest = f"{_move(answer)} van {answer.largest}, het grootste denkbare verschil,"
    if grade == COARSE:
        return f"De meting is te grof: ook {largest} past bij deze cijfers."
    return f"Geen aanwijzing van een verschil: {largest} past niet bij deze cijfers."


def _move(answer: Answer) -> str:
    """Name the plausible effect: of an outcome without a wanted way, the side that the interval still holds."""
    low, high, size = answer.estimate.ci_low, answer.estimate.ci_high, answer.plausible
    names = {"decrease": "een daling", "increase": "een stijging"}
    if answer.wanted != "ambiguous" or low is None or high is None:
        return names.get(answer.wanted, "een verschil")
    held = [name for name, end in (("een daling", -size), ("een stijging", size)) if low <= end <= high]
    return held[0] if len(held) == 1 else "een verschil"


def theme_grade(answers: Sequence[Answer]) -> Deviation:
    """Grade a theme: by its main question, or by its strongest other one where the plan has no main question."""
    asked = main_answers(answers) or answers
    return max((answer.grade for answer in asked), key=GRADES.index, default=NONE)


def theme_paragraphs(answers: Sequence[Answer]) -> list[str]:
    """Answer for a theme: each main question and what the others gave; without a main question each of the others."""
    if not answers:
        return [f"{NOT_COMPARED} {SEE_CHAPTER}"]
    mains = main_answers(answers)
    others = [answer for answer in answers if not answer.is_main]
    if not mains:
        is_one = len({answer.grade for answer in others}) == 1  # then the first line has said it of all
        told = [_named(item, with_grade=not is_one or item.estimate.is_indicated) for item in others]
        return [f"{NO_MAIN} {others_sentence(others, beside='')}", *told]
    beside = [others_sentence(others), *(_named(item) for item in others if item.estimate.is_indicated)]
    return [*map(_named, mains), *filter(None, beside)]


def excluded_lines(answers: Sequence[Answer]) -> list[str]:
    """Say in a sentence what the comparisons of a theme exclude, and name what else is indicated."""
    asked = main_answers(answers) or list(answers)
    known = [answer for answer in asked if answer.estimate.ci_low is not None]
    if not known:
        return [f"Niets: {dutch.uncapital(NOT_COMPARED)} {SEE_CHAPTER}"]
    if len(known) > 1 and all(answer.grade == NOTHING for answer in known):
        count = dutch.count_word(len(known))
        return [f"Bij geen van deze {count} uitkomsten past het grootste denkbare verschil."]
    told = []
    for answer in known:
        words = sentences.excluded_sentence(
            answer.estimate, unit_words=answer.unit_words, decimals=answer.decimals
        ).strip()
        name = f"{dutch.capital(answer.wording.removesuffix(IN_PERCENT))}. " if len(known) > 1 else ""
        told.append(f"{name}{words}")
        told += [attribution_sentence(answer)] if answer.estimate.is_indicated else []
    return [*told, *indicated_sentences([answer for answer in answers if answer not in asked])]


def _named(answer: Answer, *, with_grade: bool = True) -> str:
    told = answer_sentences(answer)
    if not with_grade and len(told) > 1:
        told = told[1:]
    return f"{emphasis(dutch.capital(answer.wording))}. {' '.join(told)}"


def main_answers(answers: Sequence[Answer]) -> list[Answer]:
    """Return those to main questions."""
    return [answer for answer in answers if answer.is_main]


def others_sentence(answers: Sequence[Answer], *, beside: str = "andere ") -> str:
    """Say what questions gave (`beside` a main one); nothing where there are none."""
    if not answers:
        return ""
    counts = [f"{dutch.count_word(len(mine))} keer {grade}" for grade in GRADES if (mine := _graded(answers, grade))]
    noun = "vergelijking" if len(answers) == 1 else "vergelijkingen"
    number = dutch.capital(dutch.count_word(len(answers)))
    return f"{number} {beside}{noun} in dit thema: {dutch.listing(counts)}."


def indicated_sentences(answers: Sequence[Answer]) -> list[str]:
    """Name the questions beside the main ones of which there is an indication, and what is said of the deal's part."""
    told = []
    for answer in answers:
        if not answer.is_main and answer.estimate.is_indicated:
            outcome = answer.wording.removesuffix(IN_PERCENT)
            told += [f"Buiten de hoofdvragen is er een {answer.grade} bij {outcome}.", attribution_sentence(answer)]
    return told


def attribution_sentence(answer: Answer) -> str:
    """Say what was judged of the deal's part in a difference that is indicated."""
    mark = " (beoordeeld met voorbeeldcijfers)" if answer.is_example else ""
    return f"Dat de deal dit verschil gaf, is {answer.estimate.attribution}{mark}."


def _graded(answers: Sequence[Answer], grade: str) -> list[Answer]:
    return [answer for answer in answers if answer.grade == grade]


_TOLD = {
    NONE: ("is niet met andere regio's te vergelijken", "zijn niet met andere regio's te vergelijken"),
    COARSE: ("is vergeleken en de meting is te grof", "zijn vergeleken en de meting is te grof"),
    NOTHING: ("is vergeleken zonder aanwijzing van een verschil", "zijn vergeleken zonder aanwijzing van een verschil"),
    SOME: ("is vergeleken met een aanwijzing van een verschil", "zijn vergeleken met een aanwijzing van een verschil"),
    STRONG: (
        "is vergeleken met een sterke aanwijzing van een verschil",
        "zijn vergeleken met een sterke aanwijzing van een verschil",
    ),
}


_SHORT = {COARSE: "te grof gemeten", NOTHING: "geen aanwijzing", SOME: "aanwijzing", STRONG: "sterke aanwijzing"}


def counted_words(grades: Sequence[Deviation]) -> str:
    """Count themes by grade, for a card.

    >>> counted_words(["te grof", "niet te vergelijken"])
    'één thema te grof gemeten en één niet te vergelijken'
    """
    found = [grade for grade in reversed(GRADES) if grade in grades]
    said = [f"{dutch.count_word(grades.count(grade))} {_SHORT.get(grade, grade)}" for grade in found]
    first, _, rest = said[0].partition(" ")
    noun = "thema" if grades.count(found[0]) == 1 else "thema's"
    return dutch.listing([f"{first} {noun} {rest}", *said[1:]])


def counted_sentences(graded: Mapping[str, Deviation]) -> list[str]:
    """Say for how many themes (name to grade) nothing can be compared, and apart from that what the others gave.

    >>> counted_sentences({"Wonen": "niet te vergelijken", "Veiligheid": "te grof"})[0]
    'Eén thema is vergeleken en de meting is te grof: Veiligheid.'
    """
    told = []
    for grade in reversed(GRADES):
        names = [name for name, mine in graded.items() if mine == grade]
        if names:
            one, many = _TOLD[grade]
            count = "Eén thema" if len(names) == 1 else f"{dutch.capital(dutch.count_word(len(names)))} thema's"
            sentence = f"{count} {one if len(names) == 1 else many}"
            named = f"{sentence}: {dutch.listing(names)}."
            told.append(named if len(named.split()) <= MOST_WORDS else f"{sentence}.")
    return told
