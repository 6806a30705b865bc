"""What the example records are drawn from: kinds of projects and made-up dates; none of it is a real record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of made-up project.

    Attributes
    ----------
    running, planned, dropped : int
        How many of them.
    weight : float
        Size within the theme.
    others : tuple[float, float]
        What corporations and private parties bring, per euro of deal money.
    delivered : int
        What they delivered together by the end of 2022, in multiples of `step`, for `target` or in `unit`.
    where : tuple[str, ...]
        Municipalities; empty: one, taken in turn.
    once : bool
        Each project delivers on one day.
    """

    theme: int
    what: str
    approach: tuple[str, ...]
    result: str
    target: str = ""
    unit: str = ""
    delivered: int = 0
    step: int = 1
    running: int = 1
    planned: int = 0
    dropped: int = 0
    weight: float = 1.0
    others: tuple[float, float] = (0.0, 0.0)
    track: int = 2
    lead: str = "gemeente"
    where: tuple[str, ...] = ()
    once: bool = False


_HEERLEN = ("Heerlen",)
_ALL = ("Beekdaelen", "Brunssum", "Heerlen", "Kerkrade", "Landgraaf", "Simpelveld", "Voerendaal")
_HOMES = {"theme": 2, "result": "2.1", "track": 1}
_SHOPS = {"theme": 4, "track": 2}
_BORDER = {"theme": 5, "approach": ("5b",), "where": _ALL, "lead": "Stadsregio"}

PLACES = tuple(
    (name,)
    for name in (
        *("Heerlen", "Kerkrade", "Brunssum", "Landgraaf", "Heerlen", "Beekdaelen"),
        *("Kerkrade", "Heerlen", "Simpelveld", "Landgraaf", "Voerendaal", "Brunssum"),
    )
)
"""Municipalities in turn, for projects in one municipality."""

COMMITTED = {1: 0.93, 2: 0.90, 3: 0.96, 4: 0.84, 5: 0.79, 6: 0.94}
"""Share of the indicative budget of each theme that is committed by the end of 2022."""

PLANNED_SHARE = 0.07
"""Share of the budget of a theme that stands with its planned and dropped projects."""

KINDS = (
    Kind(1, "gezonde basisschool", ("1f", "1d"), "1.9", unit="deelnemende scholen", delivered=11,
         lead="onderwijsinstelling"),
    Kind(1, "kansrijke start voor jonge gezinnen", ("1f",), "1.4", unit="begeleide gezinnen", delivered=164),
    Kind(1, "verlengde schooldag", ("1i", "1j"), "1.5", unit="deelnemende leerlingen", delivered=930, running=2,
         weight=1.6, lead="onderwijsinstelling"),
    Kind(1, "van bijstand naar werk", ("1k", "1l"), "1.8", unit="geplaatste werkzoekenden", delivered=118, running=2,
         weight=1.4, others=(0.0, 0.15)),
    Kind(1, "begeleiding van jonge ouders", ("1k",), "1.7", unit="begeleide ouders", delivered=57, dropped=1),
    Kind(1, "leerwerkplek circulair bouwen", ("1m", "1l", "2n"), "1.3", unit="leerwerktrajecten", delivered=46,
         others=(0.1, 0.2), lead="onderwijsinstelling"),
    Kind(1, "samenwerken in de wijk", ("1a", "1b"), "1.2", unit="aangesloten partners", delivered=38,
         weight=0.6, lead="Stadsregio", where=_ALL),
    Kind(1, "taal- en rekencursussen", ("1k",), "1.6", unit="cursisten", delivered=212,
         lead="onderwijsinstelling", where=_ALL),
    Kind(1, "proefplek digitale zorg", ("1h",), "1.9", running=0, planned=1,
         lead="onderwijsinstelling", where=_HEERLEN),
    Kind(what="aankoop, tijdelijke verhuur en sloop", approach=("2a", "2d"), target="woningen-transitie", delivered=331,
         running=4, planned=1, weight=3.2, others=(0.2, 0.0), **_HOMES),
    Kind(what="sloop en nieuwbouw", approach=("2a", "2n"), target="woningen-sloop-nieuwbouw", delivered=96,
         running=2, weight=3.0, others=(0.6, 0.15), lead="woningcorporatie", **_HOMES),
    Kind(what="inponden", approach=("2a", "2e"), target="woningen-inponden", delivered=314, running=4,
         dropped=1, weight=2.2, others=(0.5, 0.0), lead="woningcorporatie", **_HOMES),
    Kind(what="woningverbetering met eigenaren", approach=("2a", "2e"), target="woningen-verbetering", delivered=172,
         running=3, planned=1, weight=1.6, others=(0.0, 0.3), **_HOMES),
    Kind(what="proef met de Renovatiemakelaar", approach=("2u",), target="renovatiemakelaar", delivered=3, running=2,
         weight=0.25, once=True, **_HOMES),
    Kind(what="geschiedenis van een mijnkolonie", approach=("2m",), target="mijnkolonie", delivered=1, weight=0.25,
         lead="Stadsregio", once=True, **_HOMES),
    Kind(what="woningen voor ouderen en kwetsbare groepen", approach=("2j", "2i"), target="wonen-zorg", delivered=97,
         running=2, planned=1, weight=1.5, others=(0.6, 0.0), lead="woningcorporatie", **_HOMES),
    Kind(what="groen en ontmoeting in de buurt", approach=("2d", "2o"), unit="ingerichte buurtplekken",
         delivered=13, weight=1.6, **_HOMES),
    Kind(what="verkenning van nieuwe financiering", approach=("2t", "2p", "2y"), weight=0.2,
         lead="Stadsregio", where=_ALL, **_HOMES),
    Kind(3, "samenwerking Veilig Ondernemen", ("3a",), "3.1", target="kvo", delivered=8, running=2, track=1,
         where=_ALL),
    Kind(3, "proeven met digitaal melden", ("3a",), "3.1", target="meldpilots", delivered=2, track=1, weight=0.8,
         where=("Heerlen", "Kerkrade")),
    Kind(what="investeren in een winkelcluster", approach=("4a",), result="4.1", target="winkelclusters",
         delivered=3, running=3, planned=1, weight=2.0, others=(0.0, 0.6), once=True, **_SHOPS),
    Kind(what="een andere functie voor winkelruimte", approach=("4b",), result="4.2", target="winkelruimte",
         delivered=11_850, step=10, running=3, dropped=1, weight=1.8, others=(0.0, 0.4), **_SHOPS),
    Kind(what="begeleiding van nieuwe ondernemers", approach=("4a",), result="4.3", target="ondernemers",
         delivered=44, running=2, weight=0.6, lead="Stadsregio", **_SHOPS),
    Kind(what="Duitse taallessen", result="5.1", unit="taallessen", delivered=640, **_BORDER),
    Kind(what="stages over de grens", result="5.1", unit="stages", delivered=83, weight=0.8, **_BORDER),
    Kind(what="deelfietsen over de grens", result="5.2", unit="deelfietsen", delivered=120, weight=1.5,
         others=(0.0, 0.2), **_BORDER),
    Kind(what="digitale zorg over de grens", result="5.3", unit="deelnemende instellingen", delivered=9, **_BORDER),
    Kind(what="ontmoetingen over de grens", result="5.4", unit="evenementen", delivered=27, weight=0.7,
         **_BORDER),
    Kind(what="opleiding voor startende ambtenaren", result="5.4", running=0, planned=1,
         **_BORDER),
    Kind(6, "cultuur en ontmoeting", ("6a", "6b"), "6.2", unit="evenementen", delivered=41,
         weight=1.5, where=_HEERLEN),
    Kind(6, "groene openbare ruimte", ("6b", "6d"), "6.1", unit="m² openbare ruimte", delivered=18_400,
         step=50, running=2, weight=2.0, where=_HEERLEN),
    Kind(6, "wonen in de binnenstad", ("6c",), "6.2", unit="woningen in de binnenstad", delivered=64, planned=1,
         weight=2.4, others=(0.3, 0.5), lead="woningcorporatie", where=_HEERLEN),
)  # fmt: skip

TRANCHES = (date(2019, 11, 15), date(2020, 6, 15), date(2021, 6, 15))
"""Made-up days of the instalments of Rijk."""

MILESTONES = {
    "retail-uitvoeringsprogramma": date(2019, 9, 10),
    "2r-prestatieafspraken": date(2019, 12, 12),
    "samenwerking-verkenning": date(2019, 10, 29),
    "2c-investeringsprogramma": date(2020, 2, 20),
    "rijk-eerste-termijn": TRANCHES[0],
    "overleg-vaste-momenten": date(2019, 11, 5),
    "5a-uitvoeringsprogramma": date(2020, 2, 27),
    "1e-coalitie": date(2020, 6, 25),
    "1e-uitvoeringsprogramma": date(2020, 10, 8),
    "1n-rif": date(2020, 6, 29),
    "samenwerking-operationeel": date(2021, 1, 14),
    "1n-rmc": date(2020, 7, 30),
    "4c-plancapaciteit-2020": date(2021, 2, 11),
    "voortgangsrapportage-2019": date(2020, 9, 24),
    "rijk-laatste-termijn": TRANCHES[-1],
    "4c-plancapaciteit-2021": date(2021, 12, 16),
    "verdeling-bezien-2021": date(2021, 11, 18),
    "voortgangsrapportage-2020": date(2021, 7, 8),
    "4c-plancapaciteit-2022": None,
    "verdeling-bezien-2022": date(2022, 11, 17),
    "voortgangsrapportage-2021": date(2022, 6, 30),
    "voortgangsrapportage-2022": None,
}
"""Dated promises of the deal, each with a made-up day on which it was kept (None: not yet); others have no record."""

STEPS = (
    ("1b", "bijeenkomst met partners", date(2020, 3, 19), date(2020, 9, 17)),
    ("1j", "regionaal plan voor onderwijs besproken", date(2021, 6, 30), date(2021, 10, 14)),
    ("2f", "aanvraag aardgasvrije wijken besproken", date(2020, 4, 30), date(2020, 4, 23)),
    ("2h", "afspraken over hulp bij wonen en zorg", date(2020, 12, 31), date(2021, 3, 25)),
    ("2l", "verkenning van regelingen voor wonen en zorg", date(2021, 12, 31), None),
    ("2s", "overzicht van woonopgaven die zijn blijven liggen", date(2021, 6, 30), date(2021, 6, 24)),
    ("2w", "eerste samenwerkingstafel met ontwikkelaars", date(2020, 10, 31), date(2020, 11, 26)),
    ("2y", "onderzoek naar particuliere woningen besproken", date(2022, 3, 31), date(2022, 5, 19)),
    ("5a", "stuurgroep begonnen", date(2019, 10, 31), date(2019, 10, 31)),
)
"""Made-up steps in elements of the approach: element, what, planned, done (None: not yet)."""

MEETINGS = (
    ("Overleg", "", 2019, 1),
    ("Overleg", "", 2020, 2),
    ("Overleg", "", 2021, 3),
    ("Overleg", "", 2022, 2),
    ("regiegroep", "", 2019, 2),
    ("regiegroep", "", 2020, 6),
    ("regiegroep", "", 2021, 8),
    ("regiegroep", "", 2022, 7),
    ("stuurgroep GROS", 5, 2019, 1),
    ("stuurgroep GROS", 5, 2020, 4),
    ("stuurgroep GROS", 5, 2021, 3),
    ("stuurgroep GROS", 5, 2022, 4),
)
"""Body, theme, year, number of meetings."""
