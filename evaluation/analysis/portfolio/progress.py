"""The deals with records beside each other: term, money, approach and promises, each as its own reports have them."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import get_args

import pandas as pd

from evaluation.analysis.finance import account_money
from evaluation.analysis.progress import element_states, milestone_states, target_progress
from evaluation.base.errors import Fault, InputError
from evaluation.base.paths import data_dir
from evaluation.base.yaml_entries import raise_faults
from evaluation.inputs.deal import Deal, list_deals, load_deal
from evaluation.inputs.deal_schema import DealOnDate
from evaluation.inputs.records.checked_rows import DATASET_FILE, read_dataset
from evaluation.inputs.records.programme import HELP, Dataset, Programme, load_programme
from evaluation.inputs.records.small_counts import load_shown_programme


def deals_with_records() -> list[str]:
    """List the deals of which there are records.

    Returns
    -------
    list[str]
        Ids in the order of the alphabet: of a deal file with a folder of its own in data/programme.
    """
    folder = data_dir() / "programme"
    return [name for name in list_deals() if (folder / name / DATASET_FILE).is_file()]


def load_all_records() -> dict[str, Programme]:
    """Read the records of every deal as they were kept, to check them or to hand them on.

    Returns
    -------
    dict[str, Programme]
        By the id of the deal.

    Raises
    ------
    InputError
        With the faults of all deals at once.
    """
    found: dict[str, Programme] = {}
    faults: list[Fault] = []
    for name in deals_with_records():
        try:
            found[name] = load_programme(load_deal(name))
        except InputError as error:
            faults.extend(error.faults)
    raise_faults(faults)
    return found


def dataset_of_all() -> Dataset:
    """Say of the records of all deals together what they are: as little settled as the least settled of them.

    Returns
    -------
    Dataset
        That of the deal itself where only one has records.

    Raises
    ------
    InputError
        With the faults of every dataset.yml.
    """
    folder = data_dir() / "programme"
    read = [read_dataset(folder / name / DATASET_FILE, Dataset, help_file=HELP) for name in deals_with_records()]
    raise_faults([fault for _, faults in read for fault in faults])
    found = [dataset for dataset, _ in read if dataset is not None]
    if len(found) == 1:
        return found[0]
    status = min((item.status for item in found), key=list(get_args(Dataset.model_fields["status"].annotation)).index)
    return Dataset(title=f"Administraties van {len(found)} deals", status=status, version="per deal verschillend")


def last_recorded_year(deal: Deal, programme: Programme) -> int:
    """Return the last year of the term of which the records tell something.

    Parameters
    ----------
    deal, programme : Deal, Programme
        As they are.

    Returns
    -------
    int
        The year of the last record, within the term; the first year where there is no record yet.
    """
    dated = [programme.payments["date"], programme.outputs["date"], programme.milestones["date_done"]]
    dated += [programme.projects[name] for name in ("started_on", "completed_on", "dropped_on")]
    years = [int(days.max().year) for days in dated if days.notna().any()]
    return min(max(years, default=deal.term.first_year), deal.term.last_year)


def deals_beside(deals: Sequence[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Set the deals with records beside each other, each at the end of the last year that its records tell of.

    The numbers are those of the report of the deal itself: the same functions, on the same protected records.

    Parameters
    ----------
    deals : sequence of str or None
        Ids; all deals with records by default.

    Returns
    -------
    DataFrame
        Columns, with a row per deal in the order of the alphabet: deal, name, first_year, last_year, period, budget,
        committed and paid (EUR of Rijk and Regio), total, started and completed (elements of the approach; started are
        those that are not completed), promised and kept (dated promises of the text, and those that the records call
        kept), reference (of the budget), status (voorbeeld, ...), title and version (of the records).
    DataFrame
        Columns, with a row per deal and agreed number that counts no person, household or firm: deal, name, period,
        target (id), wording, unit_label, unit_of_measure, quantity (agreed), value (delivered), due (date), status,
        title and version.

    Raises
    ------
    InputError
        For a deal or records that are not in order.
    """
    rows, delivered = [], []
    for name in deals_with_records() if deals is None else deals:
        deal = load_deal(name)
        programme = load_shown_programme(deal)
        year = last_recorded_year(deal, programme)
        known, agreed = programme.as_of(date(year, 12, 31)), deal.as_of(date(year, 12, 31))
        dataset = programme.dataset
        own = {
            "deal": name, "name": deal.name, "period": year, "status": dataset.status, "title": dataset.title,
            "version": str(dataset.version),
        }  # fmt: skip
        rows.append({**own, **_standing(deal, agreed, known)})
        delivered += [{**own, **row} for row in _deliveries(deal, agreed, known, date(year, 12, 31))]
    return pd.DataFrame(rows), pd.DataFrame(delivered)


def _standing(deal: Deal, agreed: DealOnDate, known: Programme) -> dict[str, object]:
    money = account_money(deal, agreed, known).total
    states = [item.state for item in element_states(deal, known)]
    promises = milestone_states(deal, known)
    return {
        "first_year": deal.term.first_year, "last_year": deal.term.last_year,
        **{part: float(money[f"{part}_eur"]) for part in ("budget", "committed", "paid")},
        "total": len(states), "started": states.count("started"), "completed": states.count("completed"),
        "promised": len(promises), "kept": sum(item.done_on is not None for item in promises),
        "reference": f"{deal.name}, {agreed.budget_reference}",
    }  # fmt: skip


def _deliveries(deal: Deal, agreed: DealOnDate, known: Programme, day: date) -> Iterator[dict[str, object]]:
    protected = set(known.counts["target"])
    for row in target_progress(deal, agreed.targets, known, day):
        target = row.target
        if target.counted_from == "outputs" and target.id not in protected:
            yield {
                "target": target.id, "wording": target.title, "unit_label": target.unit_label,
                "unit_of_measure": target.unit_of_measure, "quantity": float(target.quantity), "value": row.delivered,
                "due": target.by,
            }  # fmt: skip
