"""The analysis plan in words: on what it rests, and what a revision changed, as the final evaluation shows it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from evaluation.chapters.steps.plan_words import (
    NO_STUDY,
    plausible_basis,
    short_basis,
    show_effects,
    show_revision,
    variant_words,
)
from evaluation.inputs.indicators import load_designs, load_indicators
from evaluation.inputs.plan_revisions import load_revisions
from evaluation.inputs.plan_schema import Variant
from evaluation.inputs.published_effects import load_effects

DESIGNS = {key: item for key, item in load_designs().items() if item.has_placebos}
EFFECTS = load_effects()


def test_a_plausible_effect_names_its_studies_or_is_called_an_assumption():
    for design in DESIGNS.values():
        basis = plausible_basis(design, EFFECTS)
        assert (basis == NO_STUDY == short_basis(design)) == (not design.effects)
        assert all(EFFECTS[name].authors in basis for name in design.effects)
    assert NO_STUDY == "aanname zonder studie"
    assert plausible_basis(DESIGNS["schuurinbraak-regio"], EFFECTS) == NO_STUDY


def test_each_cited_study_stands_once_with_its_address_and_what_was_not_cited_does_not():
    shown = show_effects(list(DESIGNS.values()), EFFECTS)
    page = shown.bundle["text/html"]
    for name, item in EFFECTS.items():
        is_cited = any(name in design.effects for design in DESIGNS.values())
        assert page.count(f'href="{str(item.address).replace("&", "&amp;")}"') == is_cited, name
    assert "−26,0 procent" in page and "2,0 tot 5,0 procent per jaar" in page and "Een getal is niet gezien." in page
    assert "Geen van" in show_effects([DESIGNS["schuurinbraak-regio"]], EFFECTS).bundle["text/plain"]


def test_the_page_sets_the_plan_beside_the_one_before_it():
    (revised,) = load_revisions()
    text = show_revision(SimpleNamespace(indicators=load_indicators()), revised).bundle["text/plain"]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| ")]
    told = {row[1]: row for row in rows[2:] if row[1] != "De vergelijking zelf"}
    assert told["Vergeleken met"][0] == "Alle vergelijkingen met andere regio's die er al waren"
    assert told["Methode"][2:4] == ["synthetische verschil-in-verschillen", "verandering gegeven het beginniveau"]
    assert "verkoopprijs" not in told["Methode"][0] and "59" not in told["Methode"][4]
    assert told["Laatste jaar na de looptijd"][2:4] == ["niet vastgelegd", "2025"]
    new = [row for row in rows if row[2:4] == ["–", "nieuw"]]
    assert sum(row[0].count(";") + 1 for row in new) == 5
    assert not any(row[1] == "Grootste denkbare effect" for row in rows)  # which was not changed
    assert all(row[4] for row in rows)


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        (Variant(method="did"), "verschil-in-verschillen"),
        (Variant(pool="corop"), "tegenover de andere COROP-gebieden, ook met een Regio Deal"),
        (Variant(without=(2020, 2021)), "zonder 2020 en 2021"),
        (Variant(method="sdid", without=(2020,)), "synthetische verschil-in-verschillen, zonder 2020"),
    ],
)
def test_a_variant_in_words(variant: Variant, words: str):
    assert variant_words(variant) == words
