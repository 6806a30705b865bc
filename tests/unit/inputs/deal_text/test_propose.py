"""Texts of other shapes, made up: Markdown with tables, short articles, other numbers of articles, other notations."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from evaluation.base.errors import InputError
from evaluation.inputs.deal_answers import DealAnswers
from evaluation.inputs.deal_text.lines import read_articles
from evaluation.inputs.deal_text.numbers_agreed import find_agreed
from evaluation.inputs.deal_text.propose import propose, read_text

TEXTS = Path(__file__).parent / "texts"


def proposed(name: str) -> DealAnswers:
    return propose(read_text(TEXTS / name), "verzonnen", name=name)


def numbers(found: DealAnswers) -> list[tuple]:
    return [
        (item.theme, item.result, item.quantity, item.quantity_to, item.unit_of_measure, item.by)
        for item in found.targets
    ]


def test_markdown_with_a_table_and_monitoring_in_article_8() -> None:
    found = proposed("veenstreek.md")
    assert [theme.title for theme in found.themes] == ["Vitale kernen", "Kringlooplandbouw", "Werk en talent"]
    assert found.theme_word == "programmalijn"
    assert [len(theme.results) for theme in found.themes] == [2, 3, 3]
    assert numbers(found) == [
        (1, 1, 12, None, "count", date(2022, 12, 31)),
        (1, 2, 150, None, "count", None),
        (2, 1, 80, None, "count", date(2023, 12, 31)),
        (2, 2, 250, None, "count", date(2024, 12, 31)),
        (2, None, 5, None, "count", None),
        (3, 1, 7, None, "pct", date(2023, 12, 31)),
        (3, 2, 100, 150, "count", None),
        (3, 3, 3, None, "count", date(2022, 7, 31)),
    ]
    level = found.targets[5]
    assert (level.baseline, level.baseline_year, level.direction) == (9.5, 2019, "decrease")
    assert [item.at_least for item in found.targets[:3]] == [False, True, True]
    assert {item.theme: item.amount_eur for item in found.amounts} == {1: 7_500_000, 2: 9_000_000, 3: 4_500_000}
    brought = {(item.party, item.is_whole_side): item.amount_eur for item in found.contributions}
    assert brought == {
        ("Rijk", True): 10_000_000, ("Regio", True): 11_000_000, ("Provincie", False): 6_000_000,
        ("gemeenten", False): 3_500_000, ("Waterschap", False): 1_000_000, ("Hogeschool", False): 500_000,
    }  # fmt: skip
    assert [(item.years, item.amount_eur) for item in found.tranches] == [((2020,), 4_000_000), ((2022,), 6_000_000)]
    assert (found.term.starts_on, found.term.ends_on) == (date(2020, 7, 12), date(2024, 7, 12))
    articles = {item.part: item.number for item in found.articles}
    assert (articles["results"], articles["monitoring"]) == ("4", "8")
    assert (articles["annual_report"], articles["final_evaluation"]) == ("8.2", "8.3")
    assert [item.side for item in found.parties] == ["rijk", "rijk", "regio", "regio", "regio", "regio", "regio"]
    assert found.parties[5].name == "Waterschap Veenstroom" and found.parties[4].abbreviation == "Provincie"
    assert [(item.theme, item.due, item.reference) for item in found.milestones] == [
        (1, date(2021, 4, 1), "Art. 6, thema 1, onder a")
    ]
    assert len(found.not_used) == 1 and "kunstmest" in found.not_used[0] and found.not_used[0].startswith("regel 51")


def test_short_articles_with_results_that_begin_with_their_theme() -> None:
    found = proposed("kustland.txt")
    assert [theme.title for theme in found.themes] == ["Wonen in de kernen", "Een schone kust", "Veilig ondernemen"]
    assert numbers(found) == [
        (1, 1, 1200, None, "count", date(2026, 12, 31)),
        (2, 1, 15, None, "count", date(2025, 6, 1)),
        (3, 1, 65, None, "pct", date(2026, 12, 31)),
    ]
    assert {item.theme: item.amount_eur for item in found.amounts} == {1: 15_000_000, 2: 6_000_000, 3: 4_000_000}
    assert [(item.party, item.amount_eur) for item in found.contributions] == [
        ("Rijk", 12_500_000), ("gemeenten", 9_500_000), ("Hoogheemraadschap Kustland", 3_000_000),
    ]  # fmt: skip
    assert found.total_eur == 25_000_000
    assert (found.term.starts_on, found.term.ends_on) == (date(2023, 9, 1), date(2027, 8, 31))
    assert [item.number for item in found.articles if item.part == "annual_report"] == ["6.1"]
    assert found.not_used == ("regel 23: bij welk thema hoort dit resultaat? De brede welvaart neemt toe.",)


def test_numbered_themes_with_amounts_ranges_and_levels() -> None:
    found = proposed("heuvelrug.txt")
    assert numbers(found) == [
        (1, 2, 30, None, "count", date(2024, 12, 31)),
        (2, 1, 8, 10, "count", date(2023, 12, 31)),
        (2, 2, 75, None, "pct", date(2024, 12, 31)),
        (2, 3, 750_000, None, "EUR", None),
        (2, 4, 40, None, "count", date(2024, 12, 31)),
        (2, None, 5, None, "count", date(2023, 6, 30)),
    ]
    level = found.targets[4]
    assert (level.unit_label, level.baseline, level.baseline_year) == ("minuten", 48, 2020)
    assert [row.by for row in found.themes[0].results] == [date(2023, 6, 30), date(2024, 12, 31), date(2024, 12, 31)]
    assert sum(item.amount_eur for item in found.contributions) == found.total_eur == 10_500_000
    assert [(item.due, item.theme) for item in found.milestones] == [(date(2022, 6, 30), 1)]
    assert [line.split(":")[0] for line in found.not_used] == ["regel 38", "regel 22"]
    assert {item.part: item.number for item in found.articles}["annual_report"] == "5.2"


@pytest.mark.parametrize(
    "text",
    [
        "De regio telt 250.000 inwoners en 7 gemeenten van de groep.",
        "Kinderen van 0 tot 4 jaar en 75-plussers krijgen hulp.",
        "De 3-stappen-benadering duurt 10-20 jaar.",
        "Dit staat in artikel 6 lid 1 en in het programma 2020-2023.",
        "In 2018 is 4,1 miljoen euro beschikbaar gesteld.",
        "Wij werken langs vier lijnen binnen twee schijven.",
    ],
)
def test_what_is_no_agreement_is_passed_over(text: str) -> None:
    assert find_agreed(text, needs_intention=True) == []


def test_a_footnote_a_page_number_and_a_table_of_contents_are_no_text_of_the_deal() -> None:
    text = (
        "Inhoud\nArtikel 1 Resultaten ........ 2\n\nArtikel 1 Resultaten\n1. Wonen:\n- Er komen 40 woningen1 in\n"
        "1 Volgens een rapport zijn er 900 woningen nodig.\n-2-\nhet dorp, in 2024.\n"
    )
    found = propose(text, "verzonnen")
    assert [(item.quantity, item.by) for item in found.targets] == [(40, date(2024, 12, 31))]
    assert [article.number for article in read_articles(text)] == [0, 1]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7 ...", b"\xff\xfe\x00"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "deal.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"deal\.txt"):
        read_text(path)


def test_a_text_without_articles_gives_nothing() -> None:
    found = propose("Zomaar een tekst over 40 woningen in 2024 en € 3 miljoen.", "verzonnen")
    assert not (found.themes or found.targets or found.amounts or found.parties or found.milestones)


def test_paragraphs_with_the_number_of_their_article_are_read_as_such() -> None:
    found = propose(read_text(TEXTS / "duinrand.txt"), "zeeland")
    assert found.theme_word == "pijler"
    assert [(item.title, len(item.results)) for item in found.themes] == [
        ("Schone stranden", 2), ("Sterke dorpen", 2), ("Zoet water", 1),
    ]  # fmt: skip
    told = [(item.theme, item.quantity, item.quantity_to, str(item.by), item.at_least) for item in found.targets]
    assert told == [
        (1, 8, 12, "2023-07-01", False), (2, 120, None, "2024-12-31", True), (3, 350, None, "2024-03-31", True),
    ]  # fmt: skip
    numbers = {item.part: item.number for item in found.articles}
    assert (numbers["annual_report"], numbers["final_evaluation"]) == ("8.2", "8.3")
    assert [item.number for item in found.duties] == ["8.1", "8.2", "8.3"]
    assert {item.theme: item.amount_eur for item in found.amounts} == {1: 4_000_000, 2: 7_000_000, 3: 8_000_000}
    assert [(item.party, item.amount_eur) for item in found.contributions] == [
        ("Rijk", 9_500_000),
        ("waterschap", 3_500_000),
    ]
    told = [line for line in found.not_used if "€ 6 miljoen" in line]
    assert len(told) == 1 and "samen" in told[0], "what it does not know how to divide, it says"


def test_parties_stand_as_in_the_official_gazette_with_a_paragraph_between_them() -> None:
    found = proposed("staatscourant.txt")
    assert [(item.side, item.name, item.abbreviation) for item in found.parties] == [
        ("rijk", "Minister van Binnenlandse Zaken en Koninkrijksrelaties", "BZK"),
        ("rijk", "Minister van Justitie en Veiligheid", "JenV"),
        ("regio", "Gemeente Boven aan Zee", "Gemeente Boven aan Zee"),
        ("regio", "Gemeenschappelijke Regeling Rivierstreek", "Rivierstreek"),
        ("regio", "Dagelijks bestuur van Recreatieschap De Waard", "Recreatieschap DW"),
        ("regio", "Gedeputeerde Staten van de provincie Oeverland", "Provincie"),
    ]


def test_what_parties_bring_together_is_given_to_none_of_them() -> None:
    found = proposed("staatscourant.txt")
    brought = {item.party: item.amount_eur for item in found.contributions}
    assert brought == {"Rijk": 12_000_000, "Regio": 14_000_000, "Recreatieschap DW": 1_000_000}
    assert [line for line in found.not_used if "Provincie en gemeenten samen" in line]
