"""The first two screens of a telephone answer the five questions of a councillor, and each stands there whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.conftest import Project

WIDTH, SCREEN = 390, 844
ASKED = ["Wat spraken we af?", "Wat is gehaald?", "Wat kostte het?", "Kwam het dichter bij Limburg?", "Hielp het?"]


@pytest.fixture(scope="module")
def answers(browser: Browser, portal: Project) -> list[tuple[str, str, dict[str, float]]]:
    """Question, answer and place (px) of each card of the front page."""
    page = browser.new_page(viewport={"width": WIDTH, "height": SCREEN})
    page.goto((portal.site / "index.html").as_uri())
    cards = page.locator(".kerncijfers li").all()
    asked, told = ([card.locator(name).inner_text() for card in cards] for name in ("b", "strong"))
    found = list(zip(asked, told, [card.bounding_box() for card in cards], strict=True))
    page.close()
    return found


def test_the_five_answers_stand_in_the_first_two_screens(answers):
    first = answers[: len(ASKED)]
    assert [question for question, _, _ in first] == ASKED
    assert all(number.strip() for _, number, _ in first)
    ends = {question: place["y"] + place["height"] for question, _, place in first}
    assert all(end <= 2 * SCREEN for end in ends.values()), ends


def test_no_card_is_wider_than_the_screen(answers):
    assert all(place["x"] >= 0 and place["x"] + place["width"] <= WIDTH for _, _, place in answers)
