"""What a registration says in words, in Dutch: what was done, what decides, and what a reader must know."""

METHOD_WORDS = {
    "own_trend": (
        "Eigen trend: de cijfers van de regio zelf, gladgestreken met een trend die uitdooft (Holt, van statsmodels; "
        "niveau 0,8, trend 0,2, demping 0,9; de trend begint bij nul). Deze drie getallen zijn vooraf één keer "
        "gekozen, met de fouten uit het verleden van alle gebieden en cijfers samen."
    ),
    "comparison": (
        "Andere gebieden: het laatste cijfer van de regio, dat zich verder beweegt zoals dezelfde methode verwacht van "
        "het gemiddelde van de andere COROP-gebieden."
    ),
    "scale": (
        "Bedragen, aantallen en cijfers per inwoner zijn voorspeld in logaritmen, percentages in logits: zo kan geen "
        "voorspelling kleiner worden dan nul of groter dan alles."
    ),
    "intervals": (
        "Marges: dezelfde voorspelling is ook gemaakt vanuit elk eerder jaar, met alleen de cijfers tot dan, voor de "
        "regio en alle COROP-gebieden met half tot dubbel zoveel inwoners. De marge van 80% (95%) is de fout die "
        "daarvan 80% (95%) niet overschreed, even ver vooruit. Reikt het verleden niet zo ver vooruit, dan is de fout "
        "van de langste termijn verbreed naar het aantal jaren; dat staat erbij (extended)."
    ),
    "events": (
        "Kansen: van 'de afstand tot Nederland is kleiner dan in het laatste jaar' en 'het cijfer is beter dan in het "
        "laatste jaar', uit de eigen trend en de fouten daarvan in het verleden."
    ),
}

RULES = {
    "statistic": (
        "De verandering van het laatste jaar vóór het venster naar het gemiddelde van het venster, naast die van de "
        "andere gebieden met hetzelfde beginniveau (het residu van een regressie van verandering op beginniveau over "
        "de andere gebieden), gedeeld door de gemiddelde fout van hetzelfde residu in het verleden van het gebied."
    ),
    "p_value": (
        "Het deel van alle gebieden, de regio meegeteld, waarvan dit getal minstens zo groot is. De gecorrigeerde p "
        "neemt per gebied het grootste getal van alle hoofdvragen (of van alle bijvragen) samen."
    ),
    "niet te vergelijken": "Van de regio of van genoeg andere gebieden (minstens 19) is er geen cijfer.",
    "sterke aanwijzing": (
        "Gecorrigeerde p hoogstens 0,05, en naast de eigen trend (het verschil met die voorspelling, min dat van de "
        "andere gebieden) hetzelfde teken met p hoogstens 0,10."
    ),
    "aanwijzing": "Niet gecorrigeerde p hoogstens 0,10, en naast de eigen trend hetzelfde teken.",
    "te grof": "Geen van beide, en het aannemelijke effect ligt nog in de marge van 95%.",
    "geen aanwijzing": "Geen van beide, en het aannemelijke effect ligt niet in de marge van 95%.",
    "scores": (
        "Elk later jaar: ligt het cijfer binnen de marge van 80% en 95%, de intervalscore (Gneiting en Raftery 2007) "
        "en van elke kans de Brierscore. Cijfers die bij de registratie al bekend waren, tellen niet mee."
    ),
    "interim": "Tot alle jaren van het venster er zijn, is een oordeel een tussenstand.",
}

_LIMIT = "Een voorspelling is geen doel en geen oordeel. Komt een cijfer anders uit, dan zegt dat nog niet waardoor."
_NO_TEXT = (
    "De tekst van deze deal is niet gezien: de uitkomsten en het aannemelijke effect zijn die uit het analyseplan van "
    "de deal waar hij op volgt."
)
_NO_LIST = "De lijst van gemeenten van deze deal is niet gezien; het zijn die van de regio waar hij naar heet."
_NO_END = "Tot wanneer deze deal loopt, is niet gezien; voorspeld zijn de vier jaren na het jaar waarin hij begon."
_BEFORE = (
    "Eerdere deals lopen door in de cijfers tot nu toe. Wat hier wordt gevraagd is of de jaren hierna anders zijn dan "
    "die cijfers deden verwachten."
)
_FEW_YEARS = (
    "Fouten van gebieden in hetzelfde jaar hangen samen: de marges rusten op weinig jaren (origins), al zijn het veel "
    "gebieden."
)


def limits_of(*, has_own_text: bool, has_list: bool, has_end: bool) -> list[str]:
    """Say what a reader must know, in Dutch.

    Parameters
    ----------
    has_own_text, has_list, has_end : bool, bool, bool
        Whether the text of the deal, the list of its municipalities, and the end of its term were seen.

    Returns
    -------
    list[str]
        Sentences.
    """
    unseen = [
        text for is_seen, text in ((has_own_text, _NO_TEXT), (has_list, _NO_LIST), (has_end, _NO_END)) if not is_seen
    ]
    return [_LIMIT, *unseen, _BEFORE, _FEW_YEARS]


def pool_words(regions: int, with_deal: int) -> str:
    """Say with which regions is compared, in Dutch.

    Parameters
    ----------
    regions, with_deal : int
        COROP areas; those in which a municipality has a Regio Deal of its own.

    Returns
    -------
    str
    """
    told = f"in {with_deal} daarvan heeft een gemeente zelf een Regio Deal"
    return f"De {regions} andere COROP-gebieden; {told}. Het verschil is dus niet dat met gebieden zonder deal."
