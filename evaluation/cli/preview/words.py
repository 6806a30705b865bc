"""What is wrong with a notebook, in Dutch: for the bar above a previewed page, and the terminal beside it."""

import re
from collections.abc import Iterable, Mapping

from evaluation.base.errors import Fault
from evaluation.publish.record import plain_message
from evaluation.run import notebook_guard as guards
from evaluation.run.notebook_files import FIX, MERGED

Pairs = tuple[tuple[str, str], ...]

_FOUND: Pairs = (
    (r"an import of all names \(\*\)", "alle namen worden geladen (*)"),
    (r"an import of (.+) on line (\d+)", r"regel \2 laadt \1"),
    (r"the (?:path|address) (.+) on line (\d+)", r"regel \2 noemt \1"),
    (r"(.+) without a seed on line (\d+)", r"regel \2 trekt willekeurig, zonder beginwaarde: \1"),
    (r"code that is not Python \(line (\d+):? .*\)", r"regel \1 is geen Python"),
    (r"code that is not Python .*", "dit is geen Python"),
    (r"('.+') on line (\d+), which nothing gives", r"regel \2 gebruikt \1, en geen cel geeft dat"),
    (r"(\w+) given anew on line (\d+)", r"regel \2 geeft \1 een andere waarde"),
    (r"a call of (\w+) on line (\d+)", r"regel \2 roept \1 aan"),
    (r"(open_\w+|\w+)\((.*)\)", r"\1(\2) opent iets anders"),
    (r"parameters that an earlier run left", "hier staan parameters die een eerdere run achterliet"),
    (r"the marks of a merge on line (\d+)", r"regel \1 heeft merktekens van een samenvoeging in git"),
    (r"no file", "het bestand is er niet"),
    (r"a file that is not a notebook.*", "dit bestand is geen notebook"),
    (r"nbformat .*", "dit notebook heeft een andere vorm"),
    (r"(\d+) cells tagged 'parameters'", r"\1 cellen hebben het label 'parameters'"),
    (r"a parameters cell with more than plain values.*", "in de cel met parameters staat meer dan losse waarden"),
    (r"no parameter '(\w+)'", r"de parameter \1 ontbreekt"),
    (r"parameter '(\w+)'", r"\1 is geen parameter"),
    (r"(\w+) = (.+)", r"daar staat \1 = \2"),
    (r"no caption", "er is geen bijschrift"),
    (r"the label (.+), which (.+) has too", r"het label \1 staat ook in \2"),
    (r"the label (.+)", r"daar staat het label \1"),
    (r"no id|the id .*", "de cel heeft geen eigen id"),
    (r"kernel .*", "het notebook heeft een andere kernel"),
    (r"(\d+) headings of the first level", r"er zijn \1 koppen van het eerste niveau"),
    (r"another first cell", "de eerste cel is geen titel"),
    (r"the parameters in cell (\d+).*", r"de parameters staan in cel \1"),
    (r"line ends of Windows.*|letters apart.*", "er staan tekens van een ander systeem in de tekst"),
    (r"no deal|.*\"deal\".*", "het notebook zegt niet bij welke deal het hoort"),
    (r"(.+) on line (\d+)", r"regel \2 gebruikt \1"),
    (r"nothing", "hier ontbreekt iets"),
    (r"a byte order mark in front", "vóór de tekst staat een verborgen teken"),
    (r"[\[{\"'\d].*|null|true|false", r"hier staat \g<0>"),
)
_EXPECTED: Pairs = (
    (re.escape(guards.FIGURES), "Gebruik figures(\"...\"), of file(\"naam.csv\") voor een bestand in data/own."),
    (re.escape(guards.OWN_FILE), "Zet het bestand in data/own en noem zijn naam: file(\"naam.csv\")."),
    (re.escape(guards.SHOWN), "Gebruik show(...): het rapport schrijft figuren, tabellen en downloads zelf."),
    (re.escape(guards.CLOCK), "Gebruik het jaar van de run: een pagina van later moet hetzelfde zeggen."),
    (re.escape(guards.SEED), "Gebruik numpy.random.default_rng(getal)."),
    (re.escape(guards.STATE), "Geef random_state=..., een getal."),
    (re.escape(guards.NO_SHELL), "Laat de machine erbuiten: een hoofdstuk is op elke andere hetzelfde."),
    (re.escape(guards.DESK), "Gebruik: from evaluation import open_year, show."),
    (re.escape(guards.NO_IMPORT), "Gebruik wat is vastgelegd, zoals pandas, numpy, scipy, statsmodels en plotly."),
    (r"plain Python, .*", "Schrijf gewoon Python, zonder opdrachten met % of !."),
    (r"a name from a cell above", "Gebruik een naam uit een cel erboven."),
    (r"(.+) as the run gives them", r"Laat \1 zoals de run die geeft."),
    (r"no way around the parameters", "Gebruik de parameters van de run."),
    (r"(\w+=\w+), so that .*|the run's own: (.+)", "Gebruik de parameters van de run: deal=deal, year=year."),
    (r"none: a run adds its own", "Haal ze weg."),
    (re.escape(MERGED), "Kies een van beide versies, of voeg ze samen met nbdime."),
    (r"the notebook of this chapter", "Zet het notebook terug."),
    (r"(\w+) to be a whole number from (\d+) to (\d+)", r"\1 moet een geheel getal van \2 tot en met \3 zijn."),
    (r"(\w+) to be a whole number", r"\1 moet een geheel getal zijn."),
    (r"(\w+) to be a text", r"\1 moet een tekst zijn."),
    (r"(?:one, with |only )?(\w+(?:, \w+)* and \w+)", r"Daar horen alleen \1."),
    (r'a line #\| (\w+)-cap: "..." below the label', r'Zet er een regel bij: #| \1-cap: "...".'),
    (r"fig- or tbl- with small letters.*", "Begin met fig- of tbl-, en gebruik kleine letters, cijfers en streepjes."),
    (r"a label of its own", "Geef het een eigen label."),
    (r"an id that no other cell has", "Geef de cel een eigen id."),
    (r"kernel '(.+)'", r"Kies de kernel \1."),
    (r"one, the title of the chapter.*|a first cell with.*", "Begin met één titel (# Titel)."),
    (r"the parameters in the second cell.*", "Zet ze in de tweede cel, onder de titel."),
    (r"line ends of one character.*", "Gebruik gewone regeleinden en letters."),
    (r"nbformat 4.*", "Sla het op in JupyterLab."),
    (r"a value of type .*|what nbformat has there", "Zo is het geen heel notebook; sla het op in JupyterLab."),
    (r"UTF-8 without it", "Haal het weg."),
    (r"the deal of the theme.*|\{\"deal.*|one of .*", "Zet de deal in de metadata van het notebook."),
)  # fmt: skip
_HINTS: Pairs = (
    (re.escape(FIX), "Herstel het met: regiodeal check --fix"),
    (r"Did you mean (.+)\?", r"Bedoel je \1?"),
    (r"Where one cell has just these.*", "Herstel het met: regiodeal check --fix"),
)
_SHOWN: Pairs = (
    (r"shows a widget.*", "toont een widget; gebruik show(...) met een figuur of tabel."),
    (r"shows a plotly figure by itself.*", "toont een figuur zonder bron; gebruik show(figuur, source=...)."),
    (r"shows HTML with a script.*", "toont HTML met een script of formulier; gebruik show(...)."),
    (r"shows something from another host.*", "toont iets van een andere website; zet het beeld in reports/."),
    (r"shows a picture without words.*", 'toont een beeld zonder beschrijving; geef show(figuur, alt="...").'),
    (r"shows (\d+) figures or tables under one label.*", r"toont \1 figuren of tabellen onder één label; één per cel."),
    (r"shows a (\w+) without a label.*", "toont iets zonder label; zet #| label: en een bijschrift boven de cel."),
    (r"shows a (figure|table) under the label (.+?):.*", r"heeft het label \2: een figuur heeft fig-, een tabel tbl-."),
    (r"(?:shows|prints) ([\d,]+) characters.*", r"toont te veel (\1 tekens); laat een deel of een tabel zien."),
)
_ENDED: Pairs = (
    (r"(?:.*the kernel was ended by signal (\d+) \((\w+).*?\))(?:, at ([\d,]+) MB of memory)?",
     r"de kernel eindigde door signaal \1 (\2), met \3 MB geheugen"),
    (r"the kernel ended with exit code (\d+)(?:, at ([\d,]+) MB of memory)?", r"de kernel stopte zelf (code \1)"),
    (r"the kernel was lost.*|Kernel died.*", "de kernel viel weg"),
    (r"the notebook ended before this cell", "het notebook eindigde vóór deze cel"),
    (r"this cell shows more than (\d+) MB.*", r"de cel toont meer dan \1 MB; laat een deel of een tabel zien"),
    (r"(?s).*[Tt]imed? ?out.*", "de cel duurde te lang"),
)  # fmt: skip


def faults_in_dutch(faults: Iterable[Fault]) -> str:
    """Say the first fault of each kind, and how many there are more of it."""
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault.expected if _match(fault.expected, _EXPECTED) else fault.file, []).append(fault)
    lines = []
    for first, *more in kinds.values():
        rest = f" En nog {len(more)} van deze soort." if more else ""
        lines.append(f"{_fault(first)}{rest}")
    return "\n".join(lines)


def shown_in_dutch(faults: Iterable[tuple[str, str]]) -> str:
    """Say what cells show that a page cannot."""
    return "\n".join(f"{place.replace('cell', 'Cel', 1)} {_match(words, _SHOWN) or words}" for place, words in faults)


def error_in_dutch(told: Mapping[str, object]) -> str:
    """Say where a notebook stopped, and why; what Python itself says stays as it is."""
    number, label, line = told.get("number"), told.get("cell"), told.get("line")
    place = f"in cel {number} ({label})" if number and label else f"in de cel “{label}”" if label else "bij de start"
    place = f"{place}, regel {line}" if line else place
    message = plain_message(str(told["message"]))
    own = _match(message, _ENDED)
    why = own[:1].upper() + own[1:] if own else f"{told['name']}: {message}"
    code = f"\n{told['code']}" if told.get("code") else ""
    names = f"\nLaatst aangeroepen: {', '.join(map(str, told['names']))}." if told.get("names") else ""
    return f"Het notebook stopte {place}. {why.rstrip('.')}.{code}{names}"


def _fault(fault: Fault) -> str:
    place = str(fault.key or "").replace("cell ", "cel ", 1)
    where = f"{place[:1].upper()}{place[1:]}" if place else fault.file
    found = _match(fault.found, _FOUND) or f"gevonden: {fault.found}"
    way = _match(fault.expected, _EXPECTED) or f"Verwacht: {fault.expected}."
    hint = _match(fault.hint or "", _HINTS)
    return f"{where}: {found}. {way}{f' {hint}' if hint else ''}"


def _match(text: str, pairs: Pairs) -> str | None:
    for pattern, words in pairs:
        if found := re.fullmatch(pattern, text):
            return found.expand(words)
    return None
