"""Prose in the words of a deal, and sentences in the place of figures that are not there."""

from __future__ import annotations

from nbformat import NotebookNode, v4

from evaluation.inputs.deal import load_deal
from evaluation.publish.absences import is_absence, settle_absences
from evaluation.publish.deal_prose import settle_prose

_EFFORT = "De bijdrage is een inspanning."


def test_a_sentence_about_what_the_deal_does_not_have_goes() -> None:
    text = "Begin.\n{{< var deal.effort >}}\nOver geld ({{< var deal.articles.budget >}}).\nZie @sec-weg."
    settled = settle_prose(text, load_deal(), {"deal.effort": ""}, frozenset({"sec-weg"}))
    assert settled == "Begin.\nOver geld."
    words = {"deal.effort": _EFFORT, "deal.articles.budget": "artikel 9"}
    assert settle_prose(text, load_deal(), words) == text


def test_an_entry_of_a_word_that_the_deal_does_not_use_goes() -> None:
    text = "Aanpak\n: Wat er gebeurt.\n\nSpoor ({{< var deal.articles.tracks >}})\n: Een lijn.\n"
    assert "Spoor" not in settle_prose(text, load_deal(), {})


def cell(label: str, **data: str) -> NotebookNode:
    made = v4.new_code_cell(f'#| label: {label}\n#| fig-cap: "Een figuur"\nshow()')
    made.outputs = [v4.new_output("display_data", data={name.replace("_", "/"): text for name, text in data.items()})]
    return made


def test_a_caption_over_one_sentence_goes_and_the_sentence_stays_once() -> None:
    cells = [
        v4.new_markdown_cell("## Kop\n\nUitleg bij figuren."),
        cell("fig-een", text_markdown="Er is geen cijfer."),
        cell("tbl-twee", text_markdown="Er is geen aantal."),
        v4.new_markdown_cell("## Volgende\n\nTekst."),
        cell("fig-drie", text_html="<svg></svg>"),
    ]
    absent = {item.id for item in cells if item.cell_type == "code" and is_absence(item)}
    assert len(absent) == 2
    kept = settle_absences(cells, absent)
    assert [item.source.splitlines()[0] for item in kept] == [
        "## Kop",
        "#| echo: false",
        "## Volgende",
        "#| label: fig-drie",
    ]
    assert kept[0].source == "## Kop" and "Tekst." in kept[2].source
    assert kept[1].outputs[0].data["text/markdown"] == "[]{#tbl-twee}[]{#fig-een}Er is geen cijfer."


def test_what_explains_a_section_goes_too_where_its_first_step_has_nothing_to_say() -> None:
    silent = v4.new_code_cell("bevinding()")
    silent.outputs = [v4.new_output("display_data", data={"text/markdown": ""})]
    cells = [v4.new_markdown_cell("## Kop\n\nUitleg."), silent, cell("fig-een", text_markdown="Er is niets.")]
    kept = settle_absences(cells, {item.id for item in cells if item.cell_type == "code" and is_absence(item)})
    assert [item.source for item in kept if item.cell_type == "markdown"] == ["## Kop"]
    silent.outputs[0].data["text/markdown"] = "Het was mooi."
    cells = [v4.new_markdown_cell("## Kop\n\nUitleg."), silent, cell("fig-een", text_markdown="Er is niets.")]
    kept = settle_absences(cells, {item.id for item in cells if item.cell_type == "code" and is_absence(item)})
    assert kept[0].source == "## Kop\n\nUitleg."
