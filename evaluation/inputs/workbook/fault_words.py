"""What is wrong in a workbook, in Dutch: for each fault what stands there and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from evaluation.base.errors import Fault
from evaluation.inputs.workbook.incoming import PERSONAL_CELL
from evaluation.inputs.workbook.layout import FIXED, LIST_SHEET, TITLES, Column

_DAY = r"(\d{4})-(\d\d)-(\d\d)"
_STATES = {**FIXED["project_status"], **FIXED["payment_kind"], **FIXED["milestone_kind"]}
_LIST = f"Kies een waarde uit de lijst (blad {LIST_SHEET})."

_MENDING: tuple[tuple[str, str], ...] = (
    (PERSONAL_CELL, "Haal persoonsgegevens weg: een BSN of e-mailadres hoort hier niet. Is het een ander nummer, schrijf het dan anders."),
    (r"a value", "Vul een waarde in."),
    (r"a text", "Vul dit in."),
    (r"an identity of letters, digits.*", "Gebruik alleen letters, cijfers, - en _, zonder spaties, zoals P012."),
    (r"an identity that no other row has; row (\d+) has it too", "Geef elke rij een eigen nummer; rij {0} heeft dit nummer ook."),
    (r"a plain number with at most 2 decimals.*", "Vul een getal in met hoogstens twee decimalen, zonder punt bij duizendtallen, zoals 12500 of 12500,50."),
    (r"a number that is stored as it is shown", "Het vakje toont iets anders dan erin staat. Typ het bedrag of getal zelf, met de notatie Getal."),
    (r"text without parts that are struck through", "Haal weg wat is doorgehaald, of haal de doorhaling weg."),
    (r"one choice of the list", f"De code en de woorden horen niet bij elkaar. {_LIST}"),
    (r"a number", "Vul een getal in."),
    (r"a date", "Vul een datum in, zoals 1-3-2020."),
    (r"a number above 0", "Vul een getal boven 0 in."),
    (r"an amount of 0 or more", "Vul een bedrag van 0 of meer in; 0 als er niets is."),
    (r"an amount other than 0", "Vul een bedrag in dat niet 0 is, of haal de rij weg."),
    (r"an amount above 0, or a correction.*", "Een bedrag onder nul is een correctie: schrijf bij Opmerking waarom."),
    (r"a whole number of (.+)", "Vul een heel getal in; geteld worden {0}."),
    (rf"a date as YYYY-MM-DD, from {_DAY} to {_DAY}", "Vul een datum in van {2}-{1}-{0} tot en met {5}-{4}-{3}, zoals 1-3-2020."),
    (rf"a date as YYYY-MM-DD, from {_DAY} to {_DAY}; there is no such day", "Deze dag bestaat niet. Vul een datum in van {2}-{1}-{0} tot en met {5}-{4}-{3}."),
    (r"a date, as the status is (\w+)", "Vul de dag in, want de stand is {0}."),
    (r"a date in date_planned or in date_done", "Vul de datum volgens plan in, of de datum waarop het gedaan is."),
    (rf"a day on or after started_on \({_DAY}\)", "Vul een dag in die niet vóór de dag van beginnen ligt ({2}-{1}-{0})."),
    (r"an empty cell, as the status is (\w+)", "Maak dit vakje leeg, want de stand is {0}; of pas de stand aan."),
    (r"an empty cell, as the kind is (\w+)", "Maak dit vakje leeg, want de soort is {0}; of pas de soort aan."),
    (r"an empty cell: a tranche goes.*", "Maak dit vakje leeg: een termijn gaat van het Rijk naar de Provincie, niet naar een project."),
    (r"an empty cell: this target is measured.*", "Maak dit vakje leeg: dit doel wordt gemeten met een statistiek en niet met prestaties."),
    (r"an empty cell, or (.+) as the target counts", "Maak dit vakje leeg, of vul {0} in: dat is wat het afgesproken aantal telt."),
    (r"the project_id of the (\w+)", "Kies het project waar deze {0} bij hoort."),
    (r"the project_id of what was delivered", "Kies het project dat dit heeft geleverd."),
    (r"the project_id of a row in projects", f"Kies een projectnummer dat op blad {TITLES['projects']} staat, of voeg het project daar toe."),
    (r"Rijk, as the kind is tranche", "Kies Rijk: een termijn komt van het Rijk."),
    (r"a result of the theme of (\S+) \(theme (\d+)\).*", "Kies een resultaat van thema {1}, of van een onderdeel van de aanpak dat bij project {0} staat."),
    (r"a target of result (\S+); (\S+) belongs to result (\S+)", "Kies een aantal van resultaat {0}; {1} hoort bij resultaat {2}."),
    (r"a unit in a Dutch word.*", "Schrijf wat er is geteld, zoals taallessen; er is geen afgesproken aantal gekozen."),
    (r"a municipality of (\S+): (.+)", "Kies een gemeente van project {0}: {1}."),
    (r"a municipality of the region.*", _LIST),
    (r"municipalities of the region.*", "Kies gemeenten van de regio, met een puntkomma ertussen, elk één keer."),
    (r"approach elements of Article 4.*", f"Kies onderdelen van artikel 4, zoals 2a; 2u, met een puntkomma ertussen, elk één keer (blad {LIST_SHEET})."),
    (r"criteria of Article 4.*", "Kies criteria met een puntkomma ertussen, zoals 1; 2, elk één keer."),
    (r"at least one element of theme (\d+): (.+)", "Kies ook een onderdeel van het eigen thema {0}: {1}."),
    (r"a milestone of theme (\d+); (\S+) belongs to theme (\d+)", "Kies een afspraak van thema {0}; {1} hoort bij thema {2}."),
    (r"a milestone of the deal.*", _LIST),
    (r"an intended result of Article 3.*", _LIST),
    (r"a target of the deal.*", f"{_LIST} Laat het leeg als de deal geen aantal noemt."),
    (r"who met, such as.*", "Vul in wie overlegde, zoals Overleg of regiegroep."),
    (r"what the milestone is", "Schrijf wat de mijlpaal is."),
    (r"'(.+)', as in row (\d+)", "Schrijf het zoals in rij {1}: {0}."),
    (r"one of: (.+)", _LIST),
    (r"one value in each cell", "Splits de samengevoegde cellen en vul elk vakje apart in."),
    (r"\d+ values, as in the header", "Haal weg wat rechts van de laatste kolom staat."),
    (r"only the sheets (.+)", "Haal dit blad weg; een werkmap heeft alleen de bladen van het sjabloon."),
    (r"the sheet of the template", "Zet dit blad terug: neem het over uit een nieuw sjabloon."),
    (r"a row (.+)", "Zet de rij '{0}' terug: neem blad Gegevens over uit een nieuw sjabloon."),
    (r"only (.+)", "Haal deze kolom weg; alleen de kolommen van het sjabloon worden gelezen."),
    (r"each column once", "Haal de dubbele kolom weg."),
    (r"a name above each column", "Haal de kolom zonder kop weg, of zet de kop van het sjabloon erboven."),
    (r"a column (\w+)", "Zet deze kolom terug: neem de kop over uit een nieuw sjabloon."),
    (r"a header with the columns .*", "Zet de koppen van het sjabloon terug op rij 1."),
    (r"at least one project", "Vul ten minste één project in."),
    (r"an example only over an example", "Kies voorlopig of vastgesteld: voorbeeldcijfers komen niet in de plaats van echte."),
)  # fmt: skip

_FOUND: tuple[tuple[str, str], ...] = (
    (r"(.+), shown as '(.*)'", "Er staat {0}, en Excel toont {1}"),
    (r"(.+), shown as a time", "Er staat {0}, en Excel toont een tijd"),
    (r"'(.*)', of which '(.*)' is struck through", "Er staat '{0}', waarvan '{1}' is doorgehaald"),
    (r"'(.*)', a code with the words of another", "Er staat '{0}'"),
    (r"an empty cell", "Dit vakje is leeg"),
    (r"a formula without a stored value", "Een formule zonder uitkomst; open en bewaar de werkmap in Excel"),
    (r"the error (.+)", "De fout {0} van een formule"),
    (r"merged cells (.+)", "Samengevoegde cellen {0}"),
    (r"a number that may be a BSN", "Een nummer dat een BSN kan zijn"),
    (r"an e-mail address", "Een e-mailadres"),
    (r"a column that must not be there", "Een kolom met persoonsgegevens"),
    (r"an unknown column", "Een kolom die niet in het sjabloon staat"),
    (r"the same column twice", "Een kolom die er al is"),
    (r"no such column", "Deze kolom ontbreekt"),
    (r"no name above column (\d+)", "Kolom {0} heeft geen kop"),
    (r"an unknown sheet", "Een blad dat niet in het sjabloon staat"),
    (r"no such sheet", "Dit blad ontbreekt"),
    (r"no such row", "Deze rij ontbreekt"),
    (r"\d+ values", "Er staat iets rechts van de laatste kolom"),
    (r"an empty (sheet|first row)", "De koppen ontbreken"),
    (r"a first row without .*", "De koppen ontbreken"),
    (r"a header without rows", "Er staat geen rij"),
    (r"(-?[\d.]+) without a note", "{0} zonder opmerking"),
)
_HINTS: tuple[tuple[str, str], ...] = (
    (r"Did you mean '(.+?)'\?.*", "Bedoelt u {0}?"),
    (r"Separate them with semicolons.*", "Gebruik puntkomma's en geen komma's."),
    (r"A thousands sign or a third decimal\?.*", "Is de punt of komma een teken voor duizendtallen? Laat het dan weg."),
    (r"It has a letter in it.*", "Er staat een letter in: een O voor een 0, of een l voor een 1?"),
    (r"Is it a date in the workbook\?.*", "Is dit een datum? Geef het vakje dan de notatie Datum."),
)


def found_in_dutch(fault: Fault, value: str) -> str:
    """Say what stands there.

    Parameters
    ----------
    fault, value : Fault, str
        The fault, and the cell as it was filled in.

    Returns
    -------
    str
        A sentence without its full stop.
    """
    return _match(fault.found, _FOUND) or f"Er staat '{value}'"


def mending_in_dutch(fault: Fault, column: Column | None, lists: Mapping[str, Mapping[str, str]]) -> str:
    """Say how to mend a fault.

    Parameters
    ----------
    fault, column, lists : Fault, Column or None, mapping
        The fault, its column, which explains itself where nothing more is known, and as of `layout.lists_of`.

    Returns
    -------
    str
        One or more sentences.
    """
    said = _match(fault.expected, _MENDING)
    if said is None:
        said = f"Dit kan hier niet. {column.help if column else 'Vergelijk met een nieuw sjabloon.'}"
    labels = lists.get(column.choices, {}) if column else {}
    if labels and said.startswith(_LIST) and len(labels) <= 7:
        said = said.replace(_LIST, f"Kies een van: {', '.join(labels.values())}.")
    hint = _match(fault.hint or "", _HINTS, labels)
    return f"{said} {hint}" if hint else said


def _match(text: str, table: tuple[tuple[str, str], ...], labels: Mapping[str, str] | None = None) -> str | None:
    words = {**_STATES, **(labels or {})}
    for pattern, dutch in table:
        found = re.fullmatch(pattern, text)
        if found:
            return dutch.format(*(words.get(part, part) for part in found.groups()))
    return None
