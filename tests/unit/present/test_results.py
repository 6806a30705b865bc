"""results.csv: one identity, one number."""

import pytest

from evaluation.base.errors import RunError
from evaluation.present.results import COLUMNS, read_csv, result, to_csv, to_records


def make(value, measure="value", status="final"):
    return result(
        theme=3, chain="outcome", indicator="inbraak", unit="GM0917", period=2021, measure=measure, value=value,
        unit_of_measure="count", status=status, source="Politie, 47018NED", vintage="2026-08-19",
    )  # fmt: skip


def records(*results, notebook="3-veiligheid"):
    return [{**record, "notebook": notebook, "cell": "cel"} for record in to_records(results)]


def test_a_table_reads_back_as_it_was_written():
    frame = read_csv(to_csv(records(make(149), make(None, "gap", "missing"))))
    assert list(frame.columns) == list(COLUMNS)
    assert frame.set_index("measure")["value"].to_dict()["value"] == 149
    assert frame["value"].isna().sum() == 1
    assert frame["result_id"].is_unique


def test_the_same_number_in_two_chapters_stands_once():
    text = to_csv(records(make(149)) + records(make(149), notebook="0-samenvatting"))
    assert text.count("3.inbraak.GM0917.2021.value") == 1


@pytest.mark.parametrize("seen", [149, 149 * (1 + 1e-12)])
@pytest.mark.parametrize("first", [True, False])
def test_a_number_leads_to_the_cell_in_which_it_is_computed_and_keeps_its_last_digit(seen, first):
    in_sight = [{**record, "in_sight": True, "notebook": "3-veiligheid", "cell": "tbl-verschil-3"}
                for record in to_records([make(seen)])]  # fmt: skip
    steps = records(make(149), notebook="0-samenvatting")
    (row,) = read_csv(to_csv(in_sight + steps if first else steps + in_sight)).to_dict("records")
    assert (row["notebook"], row["cell"], row["value"]) == ("3-veiligheid", "tbl-verschil-3", 149)


def test_one_identity_for_two_numbers_is_refused():
    with pytest.raises(RunError, match="two numbers: 149"):
        to_csv(records(make(149)) + records(make(150), notebook="0-samenvatting"))


def test_whole_numbers_are_written_whole_and_nan_is_empty():
    text = to_csv(records(make(149), make(float("nan"), "gap")))
    assert ",149,count," in text and ",,count," in text


def in_sight(*results, notebook="3-veiligheid"):
    return [
        {**record, "notebook": notebook, "cell": "fig-eigen"} for record in to_records(results, in_sight=True)
    ]  # fmt: skip


def test_an_own_number_under_a_known_identity_has_to_be_equal_to_it_or_both_are_named():
    own = in_sight(make(149 * (1 + 1e-12), status="computed"))
    frame = read_csv(to_csv(records(make(149), notebook="1-wonen") + own))
    assert frame["value"].tolist() == [149] and frame["cell"].tolist() == ["fig-eigen"], "the cell that computes it"
    with pytest.raises(
        RunError, match=r"two numbers: 149.0 in 1-wonen \(cel\) and 149.1 in 3-veiligheid \(fig-eigen\)"
    ):
        to_csv(records(make(149), notebook="1-wonen") + in_sight(make(149.1)))
