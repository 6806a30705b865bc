"""The page of duties says what was agreed, planned and published, with the words of the records and none of blame."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest

from evaluation.inputs.deal import load_deal
from evaluation.publish.pages.html import parse_page
from evaluation.publish.site.site_folder import publish_site, site_faults
from evaluation.release.duties import DUTIES_PAGE, list_duties
from evaluation.release.on_site import place_releases
from evaluation.release.statement import Release
from tests.bundles.small import DEAL
from tests.release.conftest import Office

TODAY = date(2023, 3, 1)


def released(day: str) -> Release:
    return Release(DEAL, "Deal", "2021", "Verslag", 1, day, "0", "x.zip")


@pytest.fixture(scope="module")
def milestones() -> pd.DataFrame:
    """2019 was ready in time, 2020 later with a reason; of 2021 and 2022 nothing is recorded but a planned day."""
    rows = [
        ("voortgangsrapportage-2019", "2020-10-01", "2020-09-24", None),
        ("voortgangsrapportage-2020", "2021-12-31", "2022-01-10", "De raad vergaderde later."),
        ("voortgangsrapportage-2022", "2023-06-30", None, None),
    ]
    frame = pd.DataFrame(rows, columns=["deal_milestone", "date_planned", "date_done", "note"])
    return frame.assign(**{name: pd.to_datetime(frame[name]) for name in ("date_planned", "date_done")})


def test_each_report_and_the_evaluation_has_its_state_and_reason(milestones: pd.DataFrame) -> None:
    duties = list_duties(load_deal(DEAL), milestones, {"2021": released("2023-01-02")}, {"2021"}, today=TODAY)
    told = [(item.reference, item.words, item.planned, item.day, item.reason) for item in duties]
    assert told == [
        ("Art. 7.4", "klaar volgens de administratie", date(2020, 10, 1), date(2020, 9, 24), ""),
        (
            "Art. 7.4", "klaar volgens de administratie, 10 dagen na de afgesproken dag", date(2021, 12, 31),
            date(2022, 1, 10), "De raad vergaderde later.",
        ),
        ("Art. 7.4", "uitgegeven, 2 dagen na de afgesproken dag", None, date(2023, 1, 2), ""),
        ("Art. 7.4", "nog niet aan de orde", date(2023, 6, 30), None, ""),
        ("Art. 7.8", "nog niet uitgegeven", None, None, ""),
    ]  # fmt: skip
    later = list_duties(load_deal(DEAL), None, {}, set(), today=date(2024, 1, 1))
    assert [item.state for item in later] == ["overdue"] * 4 + ["undated"]
    assert later[3].words == "nog niet uitgegeven, 1 dag na de afgesproken dag" and later[3].reason == ""


def test_the_page_stands_on_the_site_in_neutral_words(office: Office) -> None:
    office.released()
    public = publish_site(
        office.site, office.root / "public", prepare=lambda draft: place_releases(draft, today=date(2027, 1, 1))
    )
    page = parse_page(public / DUTIES_PAGE)
    told = " ".join(" ".join(page.itertext()).split())
    assert "zoals het op 1 januari 2027 stond" in told and "voorbeeldcijfers" in told
    assert len(page.xpath("//tbody/tr")) == 5 and "De dag is een voorbeeld." in told
    assert not re.search(r"te laat|verzuim|boete|sanctie|in gebreke|schuld", told)
    assert DUTIES_PAGE in parse_page(public / "index.html").xpath("//a/@href") and site_faults(public) == []
    records = office.root / "data" / "programme" / DEAL / "milestones.csv"
    records.write_text(records.read_text(encoding="utf-8").replace("2019-06-30", "gisteren", 1), encoding="utf-8")
    told = " ".join(parse_page(office.publish() / DUTIES_PAGE).itertext())
    assert "De administratie kon niet worden gelezen" in told
