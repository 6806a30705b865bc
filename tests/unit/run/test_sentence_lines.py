"""One sentence per line: what is parted, what is left alone, and that no reader sees a difference."""

import json

import pypandoc
import pytest

from evaluation.run.sentence_lines import one_per_line

PARTED = {
    "Eerst dit. Dan dat.": "Eerst dit.\nDan dat.",
    "Geld uit de thema's. Die verdeling is 5% (artikel 5.7). 42 projecten? Ja! *Zo* is het.": (
        "Geld uit de thema's.\nDie verdeling is 5% (artikel 5.7).\n42 projecten?\nJa!\n*Zo* is het."
    ),
    "'Het mag.' 's Avonds niet. @fig-a toont dat. [Zie](b.html). `x` ook.": (
        "'Het mag.'\n's Avonds niet.\n@fig-a toont dat.\n[Zie](b.html).\n`x` ook."
    ),
    "Een noot.[^1] Verder.\n\n[^1]: Lang. Langer.": "Een noot.[^1]\nVerder.\n\n[^1]: Lang.\n    Langer.",
    "- Een. Twee\n  drie.\n- Kort.\n  1. Diep. Dieper.": "- Een.\n  Twee drie.\n- Kort.\n  1. Diep.\n     Dieper.",
    "Term\n: Uitleg. Meer\n  uitleg.": "Term\n: Uitleg.\n  Meer uitleg.",
    "> Gezegd. Gehoord.\n> Geschreven.": "> Gezegd.\n> Gehoord.\n> Geschreven.",
    "Regel een.  \nRegel twee. Regel drie.": "Regel een.  \nRegel twee.\nRegel drie.",
    "# Kop. Kop\nEen. Twee.": "# Kop. Kop\nEen.\nTwee.",
    "::: {.callout}\nEen. Twee.\n:::": "::: {.callout}\nEen.\nTwee.\n:::",
}
LEFT = (
    "Volgens art. 5 en bijv. Heerlen, o.a. J. Jansen, d.w.z. Parkstad, ca. 40 (nr. 3) enz. en dr. De Wit.",
    "Een zin met 1.234,5 woningen en versie 2.0 van\neen lange zin over twee regels.",
    "## Een kop. Met een punt",
    "| A. B | C |\n|---|---|\n| Een. Twee. | 3 |",
    "A. B | C. D\n---- | ----\nEen. Twee. | 3",
    "Kop. Met streep\n===============",
    "```python\n# Een. Twee.\n```\n",
    "Tekst\n\n    code. Geen zin.",
    "<p>Een. Twee.</p>",
    "$$\nA. B\n$$",
    "Kijk naar `a. B`, naar $x. Y$ en naar [deze. Pagina](c.html) samen.",
    "Dat was het jaar 2020. 3. Punt is een lijst.",
    ": Een bijschrift. {#tbl-x}",
    "{{< include _a.md >}}",
    '[Bron]: https://example.org "Een. Twee."',
)


@pytest.mark.parametrize("text", PARTED)
def test_a_paragraph_with_two_sentences_in_a_line_has_one_in_each(text):
    assert one_per_line(text) == PARTED[text]
    assert one_per_line(PARTED[text]) == PARTED[text]


@pytest.mark.parametrize("text", LEFT)
def test_abbreviations_tables_code_and_breaks_of_ones_own_are_left_alone(text):
    assert one_per_line(text) == text


def test_who_reads_the_markdown_sees_the_same():
    whole = "\n\n".join([*PARTED, *LEFT])
    assert one_per_line(whole) != whole
    assert _read(one_per_line(whole)) == _read(whole)


def _read(text: str) -> str:
    blocks = json.loads(pypandoc.convert_text(text, "json", format="markdown"))["blocks"]
    return json.dumps(blocks).replace('{"t": "SoftBreak"}', '{"t": "Space"}')
