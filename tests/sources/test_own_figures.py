"""`regiodeal data add own.csv`: from a spreadsheet to an indicator, asked or said, all of it or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from evaluation.base.errors import InputError, RegioDealError, SnapshotError, UsageError
from evaluation.cli import own_figures
from evaluation.cli.main import app
from evaluation.inputs.deal import load_deal
from evaluation.inputs.indicators import load_indicators
from evaluation.statistics.panels import build_panel
from evaluation.statistics.row_counts import verify_snapshots
from evaluation.statistics.snapshots import open_snapshot
from tests.sources.conftest import Checkout

NAMES = ("Heerlen", "Kerkrade", "Landgraaf", "Brunssum", "Simpelveld", "Voerendaal", "Beekdaelen")
SAID = {
    "--title": "Gestolen fietsen", "--source": "Gemeente Heerlen", "--licence": "CC BY 4.0", "--unit": "count",
    "--theme": "3", "--direction": "decrease", "--boundaries": "each_year",
}  # fmt: skip
FILE = "data/indicators/3-veiligheid.yml"


def own(tmp_path: Path, value=lambda place, year: 10 * place + year % 10, years=(2019, 2020, 2021), names=NAMES) -> str:
    rows = [f"{name};{year};{value(place, year)}" for year in years for place, name in enumerate(names)]
    path = tmp_path / "fietsen.csv"
    path.write_text("\n".join(["Gemeente;Jaar;Waarde", *rows, ""]), encoding="utf-8")
    return str(path)


def options(**changed: str | None) -> list[str]:
    said = SAID | {f"--{name}": value for name, value in changed.items()}
    return [word for pair in said.items() if pair[1] is not None for word in pair]


def region(identity: str = "gestolen-fietsen") -> dict[int, float]:
    indicator = load_indicators()[identity]
    rows = build_panel(load_deal(), indicators={identity: indicator})
    mine = rows[(rows["unit"] == "parkstad") & rows["value"].notna()]
    return dict(zip(mine["period"], mine["value"], strict=True))


def test_a_spreadsheet_is_an_indicator_that_a_run_can_compute(checkout: Checkout, tmp_path: Path):
    before = (checkout.root / FILE).read_text(encoding="utf-8")
    said = checkout.regiodeal("data", "add", own(tmp_path), *options()).output
    assert "Parkstad: a figure in 3 years, 2019 to 2021" in said
    assert f"Indicator: gestolen-fietsen in {FILE}" in said
    assert region() == {year: sum(10 * place + year % 10 for place in range(7)) for year in (2019, 2020, 2021)}
    made = load_indicators()["gestolen-fietsen"]
    assert (made.unit_of_measure, made.direction, made.baseline_year) == ("count", "decrease", 2019)
    after = yaml.safe_load((checkout.root / FILE).read_text(encoding="utf-8"))
    del after["indicators"]["gestolen-fietsen"]
    assert after == yaml.safe_load(before)
    assert open_snapshot("eigen", "gestolen-fietsen").metadata.publisher == "Gemeente Heerlen"
    verify_snapshots()


def test_without_a_terminal_every_option_that_is_missing_is_named_at_once(checkout: Checkout, tmp_path: Path):
    before = checkout.files()
    with pytest.raises(UsageError) as told:
        checkout.regiodeal("data", "add", own(tmp_path), "--licence", "CC0")
    absent = [word for word in SAID if word not in ("--licence",)]
    assert all(f"{word} (" in str(told.value) for word in absent) and "--licence (" not in str(told.value)
    assert "each_year, or one year such as 2026" in str(told.value) and checkout.files() == before
    with pytest.raises(UsageError) as told:
        checkout.regiodeal("data", "add", own(tmp_path, years=(2026,)), "--licence", "CC0")
    assert "--boundaries" not in str(told.value), "rows of this year are on the boundaries of this year"


def test_on_a_terminal_what_is_not_said_is_asked_and_a_wrong_answer_asked_again(
    checkout: Checkout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(own_figures, "_is_attended", lambda: True)
    answers = ["Subsidie", "Gemeente Heerlen", "CC0", "euro", "EUR", "9", "3", "ambiguous", "2017", "2026", "sum"]
    answers.append("https://example.org/subsidies")
    path = own(tmp_path)
    done = CliRunner().invoke(app, ["data", "add", path], input="\n".join([*answers, ""]), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "--unit 'euro'; expected count" in done.output and "--theme '9'" in done.output
    assert "--boundaries '2017'" in done.output, "rows of 2021 are not on boundaries of before"
    made = open_snapshot("eigen", "subsidie").metadata
    assert (made.boundaries, made.url) == (2026, "https://example.org/subsidies")
    assert region("subsidie")[2021] == sum(10 * place + 1 for place in range(7))


def test_a_licence_that_is_not_open_keeps_figures_private(checkout: Checkout, tmp_path: Path, monkeypatch):
    with pytest.raises(UsageError, match="does not let eigen/gestolen-fietsen into the repository"):
        checkout.regiodeal("data", "add", own(tmp_path), *options(licence="contract 2025"))
    assert "gestolen-fietsen" not in load_indicators()
    monkeypatch.setattr(own_figures, "_is_attended", lambda: True)
    words = ["data", "add", own(tmp_path), *options(licence="contract 2025")]
    done = CliRunner().invoke(app, words, input="\n\n", catch_exceptions=False)
    assert "(private)" in done.output and "Keep the figures private" in done.output
    assert (checkout.data / "private" / "eigen").is_dir() and not (checkout.snapshots / "eigen").exists()
    assert region() == {}, "a report shows none of them"


def test_a_mean_of_municipalities_is_weighted_also_on_the_boundaries_of_now(checkout: Checkout, tmp_path: Path):
    same = own(tmp_path, value=lambda place, year: "7,5")
    checkout.regiodeal("data", "add", same, *options(unit="pct", boundaries="2026", title="Aandeel"))
    assert region("aandeel") == pytest.approx(dict.fromkeys((2019, 2020, 2021), 7.5))
    made = load_indicators()["aandeel"]
    assert made.calculation.kind == "weighted_mean" and made.decimals == 1


@pytest.mark.parametrize(
    ("changed", "error", "told"),
    [
        ({"result": "2.1"}, InputError, "results of another theme"),
        ({"result": "3.99"}, InputError, "one of 3.1"),
        ({"unit": "procent"}, UsageError, "--unit 'procent'; expected count"),
        ({"direction": "lower"}, UsageError, "--direction 'lower'"),
        ({"theme": "8"}, UsageError, "--theme '8'; expected 1, 2"),
        ({"title": "Woninginbraak"}, UsageError, "already"),
        ({"indicator": "woninginbraak"}, UsageError, "is not made of own figures"),
    ],
)
def test_what_cannot_be_leaves_nothing_behind(checkout: Checkout, tmp_path: Path, changed, error, told):
    before = checkout.files()
    with pytest.raises(error, match=told):
        checkout.regiodeal("data", "add", own(tmp_path), *options(**changed))
    assert checkout.files() == before


def test_an_indicator_that_cannot_be_computed_takes_its_figures_back(checkout: Checkout, tmp_path: Path, monkeypatch):
    def fail(*arguments, **words):
        raise SnapshotError("proef")

    monkeypatch.setattr(own_figures, "build_panel", fail)
    before = checkout.files()
    with pytest.raises(SnapshotError, match="proef"):
        checkout.regiodeal("data", "add", own(tmp_path), *options())
    assert checkout.files() == before and not (checkout.snapshots / "eigen").exists()


def test_newer_figures_need_only_the_name_of_the_indicator(checkout: Checkout, tmp_path: Path):
    checkout.regiodeal("data", "add", own(tmp_path), *options())
    defined = (checkout.root / FILE).read_bytes()
    again = checkout.regiodeal("data", "add", own(tmp_path), "--indicator", "gestolen-fietsen")
    assert "the same" in again.output or "which were there" in again.output
    more = own(tmp_path, years=(2019, 2020, 2021, 2022))
    with pytest.raises(RegioDealError, match="replaced with: --replace"):
        checkout.regiodeal("data", "add", more, "--indicator", "gestolen-fietsen")
    checkout.regiodeal("data", "add", more, "--indicator", "gestolen-fietsen", "--replace")
    assert sorted(region()) == [2019, 2020, 2021, 2022] and (checkout.root / FILE).read_bytes() == defined
    verify_snapshots()


def test_a_municipality_that_lacks_is_told(checkout: Checkout, tmp_path: Path):
    said = checkout.regiodeal("data", "add", own(tmp_path, names=NAMES[:-1]), *options()).output
    assert "To look at: no figure for Parkstad" in said and "Beekdaelen" in said
