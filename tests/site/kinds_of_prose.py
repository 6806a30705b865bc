"""Each kind of block and inline that prose may hold, with the words of it that a reader has to find."""

from __future__ import annotations

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "an unlabelled table": ("| Kop | Aantal |\n|---|---:|\n| Naamloos | 12 |\n", ("Naamloos", "12")),
    "a table with a caption": (
        "| Kop | B |\n|---|---|\n| Bijgeschreven | 1 |\n\n: Eigen bijschrift\n",
        ("Bijgeschreven", "Eigen bijschrift"),
    ),
    "a table without a head": ("-------- -----\nKoploos  3\nTweede   4\n-------- -----\n", ("Koploos", "Tweede")),
    "a labelled table": (
        "| Kop | B |\n|---|---|\n| Gelabeld | 1 |\n\n: Met label {#tbl-WAAR-label}\n",
        ("Gelabeld", "Met label"),
    ),
    "a grid table": (
        "+-----------+---------+\n| Rooster   | B       |\n+===========+=========+\n"
        "| - puntje  | tweede  |\n| - stipje  | alinea  |\n+-----------+---------+\n",
        ("Rooster", "puntje", "stipje", "alinea"),
    ),
    "merged cells": (
        "+---------------------+\n| Samengevoegd        |\n+==========+==========+\n"
        "| Linkercel | Rechtercel |\n+-----------+------------+\n",
        ("Samengevoegd",),
    ),
    "a raw table": (
        '<table><caption>Ruwe titel</caption><thead><tr><th colspan="2">Overspannend</th></tr></thead>'
        '<tbody><tr><td rowspan="2">Hoogcel</td><td>Een</td></tr><tr><td>Tweecel</td></tr></tbody>'
        "<tfoot><tr><td>Voetcel</td><td>9</td></tr></tfoot></table>\n",
        ("Ruwe titel", "Overspannend", "Hoogcel", "Tweecel", "Voetcel"),
    ),
    "a table of a Styler": (
        '<style type="text/css">\n#T_a1_row0_col0 {color: red;}\n</style>\n<table id="T_WAAR">'
        '<thead><tr><th class="blank level0">&nbsp;</th><th id="T_WAAR_level0_col0" '
        'class="col_heading level0 col0">Opgemaakt</th></tr></thead><tbody><tr><th '
        'id="T_WAAR_level0_row0" class="row_heading">Rijnaam</th><td id="T_WAAR_row0_col0" '
        'class="data row0 col0">3,14</td></tr></tbody></table>\n',
        ("Opgemaakt", "Rijnaam", "3,14"),
    ),
    "a table of pandas": (
        '<div>\n<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th>'
        "<th>Dataframe</th></tr></thead><tbody><tr><th>0</th><td>Celwaarde</td></tr></tbody></table>"
        "\n</div>\n",
        ("Dataframe", "Celwaarde"),
    ),
    "an empty table": ("<table></table>\n", ()),
    "a table of uneven rows": (
        "<table><tr><td>Oneven</td></tr><tr><td>Langer</td><td>Rijtje</td></tr></table>\n",
        ("Oneven", "Langer", "Rijtje"),
    ),
    "a table in a list": ("- punt\n\n  | Kop | B |\n  |---|---|\n  | Lijsttabel | 1 |\n", ("Lijsttabel",)),
    "a table in a quotation": ("> | Kop | B |\n> |---|---|\n> | Citaattabel | 1 |\n", ("Citaattabel",)),
    "a table in a table": (
        "<table><tr><td><table><tr><td>Binnentabel</td></tr></table></td><td>Buitentabel</td></tr></table>\n",
        ("Binnentabel", "Buitentabel"),
    ),
    "nested lists": (
        "- eerste\n    - tweede laag\n        1. derde laag\n\n            alinea erin\n- laatste\n",
        ("tweede laag", "derde laag", "alinea erin", "laatste"),
    ),
    "an ordered list": (
        "c) letterlijst\nd) vervolg\n\n(@) voorbeeldregel\n",
        ("letterlijst", "vervolg", "voorbeeldregel"),
    ),
    "a task list": ("- [ ] taak open\n- [x] taak gedaan\n", ("taak open", "taak gedaan")),
    "a definition list": ("Begrip WAAR\n:   Omschrijving\n\n    tweede alinea\n", ("Omschrijving", "tweede alinea")),
    "a line block": ("| Regel een\n|    Regel twee\n", ("Regel een", "Regel twee")),
    "a quotation": ("> Citaatregel\n>\n> > binnencitaat\n", ("Citaatregel", "binnencitaat")),
    "code": (
        "```python\nuitkomst = 'codeblok'\n```\n\n    ingesprongen code\n\nen `regelcode` erin\n",
        ("codeblok", "ingesprongen code", "regelcode"),
    ),
    "a horizontal rule": ("voor de streep\n\n---\n\nna de streep\n\n***\n", ("voor de streep", "na de streep")),
    "a footnote": (
        "Met een noot.[^n]\n\n[^n]: Noottekst hier.\n\n    Tweede nootalinea.\n",
        ("Noottekst hier", "nootalinea"),
    ),
    "an inline footnote": ("Tekst^[Tussennoot.] verder.\n", ("Tussennoot",)),
    "mathematics": (
        "De formule $e = mc^2$ en\n\n$$\\sum_{i=1}^{n} \\frac{x_i}{n} = \\bar{x}$$\n\nna de formule\n",
        ("na de formule",),
    ),
    "emphasis": (
        "*schuin* **vet** ~~door~~ H~2~O x^2^ [klein]{.smallcaps} [lijn]{.underline} [geel]{.mark} 'enkel' "
        '"dubbel"\n',
        ("schuin", "vet", "door", "klein", "lijn", "geel", "enkel", "dubbel"),
    ),
    "a callout": (
        "::: {.callout-tip}\n## Kadertitel\n\nKadertekst\n\n- kaderpunt\n:::\n",
        ("Kadertitel", "Kadertekst", "kaderpunt"),
    ),
    "a callout that folds": (
        '::: {.callout-note collapse="true" title="Vouwtitel"}\nVouwtekst\n\n| A | B |\n|---|---|\n'
        "| Kadertabel | 1 |\n:::\n",
        ("Vouwtitel", "Vouwtekst", "Kadertabel"),
    ),
    "a division of its own": ("::: {.eigen #div-WAAR}\nDivisietekst\n:::\n", ("Divisietekst",)),
    "an empty heading": (
        "##\n\nOnder een lege kop\n\n### {#leeg-WAAR}\n\nEn nog een\n",
        ("Onder een lege kop", "En nog een"),
    ),
    "a heading with a link": (
        "## Kop met [koplink](https://example.org/) en `kopcode` en *kopnadruk*\n\nonder\n",
        ("koplink", "kopcode", "kopnadruk"),
    ),
    "a heading with a footnote": ("## Kop met noot^[Kopnoot.]\n\nonder\n", ("Kop met noot", "Kopnoot")),
    "deep headings": ("#### Vierde\n\na\n\n##### Vijfde\n\nb\n\n###### Zesde\n\nc\n", ("Vierde", "Vijfde", "Zesde")),
    "links": (
        "<https://example.org/kaal> [mail](mailto:a@example.org) [anker](#eind-WAAR) "
        "[titel](https://example.org 'T')\n\n"
        "[eind]{#eind-WAAR}\n",
        ("https://example.org/kaal", "mail", "anker", "eind"),
    ),
    "an image in a subfolder": ("![Beeldtekst](beelden/sub/stip.png){width=2cm}\n", ("Beeldtekst",)),
    "an image in a sentence": ("Een ![stip](beelden/sub/stip.png) in een zin\n", ("in een zin",)),
    "a drawing as an image": ("![Vectortekst](beelden/teken ing.svg)\n", ("Vectortekst",)),
    "a labelled image": (
        "![Plaatjesbijschrift](beelden/sub/stip.png){#fig-WAAR-plaat fig-alt='Stip'}\n",
        ("Plaatjesbijschrift",),
    ),
    "an image as data": (f"![Datatekst](data:image/png;base64,{PIXEL})\n", ("Datatekst",)),
    "a raw image": (f'<p>Ruw <img src="data:image/png;base64,{PIXEL}" alt="ruwe stip"> beeld</p>\n', ("beeld",)),
    "a raw drawing": (
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20" viewBox="0 0 40 20" role="img" '
        'aria-label="Ruwe tekening"><text x="2" y="12">SVGwoord</text></svg>\n',
        ("SVGwoord",),
    ),
    "a raw figure": (
        f'<figure><img src="data:image/png;base64,{PIXEL}" alt="x"><figcaption>Ruw bijschrift</figcaption></figure>\n',
        ("Ruw bijschrift",),
    ),
    "raw details": (
        "<details><summary>Samenvatting ruw</summary><p>Uitklaptekst</p></details>\n",
        ("Samenvatting ruw", "Uitklaptekst"),
    ),
    "raw HTML": (
        '<div align="center">\n<b>Ruwvet</b><br>na een breuk\n\n<kbd>Ctrl</kbd> <abbr title="x">afk</abbr> '
        "<sub>ond</sub><ins>inv</ins><mark>mrk</mark>\n\n<dl><dt>dterm</dt><dd>ddef</dd></dl>\n\n</div>\n\n<hr>\n",
        ("Ruwvet", "na een breuk", "Ctrl", "afk", "ond", "inv", "mrk", "dterm", "ddef"),
    ),
    "a comment": ("<!-- niemand ziet dit -->\n\nNa het commentaar\n", ("Na het commentaar",)),
    "a long word": (f"{'Langwoord' * 30}\n\n| A | B |\n|---|---|\n| {'Tabelwoord' * 20} | 1 |\n", ("Langwoord",)),
    "a long address": (f"<https://example.org/{'pad/' * 60}slotadres>\n", ("slotadres",)),
    "a wide table": (
        "|"
        + "|".join(f"K{n}" for n in range(24))
        + "|\n|"
        + "---|" * 24
        + "\n|"
        + "|".join(f"w{n}" for n in range(24))
        + "|\n",
        ("K23", "w23"),
    ),
    "right to left": ("Arabisch مرحبا en Hebreeuws שלום verder\n", ("Hebreeuws", "verder")),
    "other scripts": ("Grieks αβγ, Russisch Привет einde\n", ("Grieks αβγ", "Привет", "einde")),
    "combining characters": ("Cafe\u0301 en Z\u0351algo\u0300\u0301\u0302 slot\n", ("slot",)),
    "odd spaces": ("a\u00a0b c\u200bd e\u00adf g\u2011h\\\nharde breuk\n", ("harde breuk",)),
    "signs of typst": (
        "Een #let x = 1 en $5 en @niemand\\@ _ \\* ` < > [x] ~ = // /* \\\\ einde tekens\n".replace(
            "@niemand\\@", "naam\\@huis"
        ),
        ("einde tekens",),
    ),
    "a reference": ("Zie @tbl-doelen en [-@tbl-doelen] bij verwijzing.\n", ("bij verwijzing",)),
}


def prose(where: str) -> str:
    """Return all kinds as one text, with labels that stand nowhere else."""
    return "\n\n".join(f"Kind{index}\n\n{text}" for index, (text, _) in enumerate(KINDS.values())).replace(
        "WAAR", where
    )
