"""Money against the agreement: how much of it is used, and its indicative split over themes.

The budget is the joint contribution of Rijk and Regio (province, municipalities, and who else of the region the deal
names as a funder).  What others bring comes on top of it and is counted apart, as co-financing.  Of private parties
only sums are known that tell nothing of one of them (`firm_amounts`); what such a sum is missing from is missing (NaN).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_schema import DealOnDate
from evaluation.inputs.records.firm_amounts import FIRMS, KINDS, sum_firm_amounts
from evaluation.inputs.records.programme import Programme, means_of

_DEAL_SOURCES = ("Rijk", "Provincie", "gemeenten")
_ALL = 0


@dataclass(frozen=True, slots=True)
class Money:
    """The money of the programme on a day, in EUR.

    Attributes
    ----------
    by_theme : DataFrame    Index theme; columns budget_eur, committed_eur, paid_eur (deal money: of
        `deal_sources`), cofinancing_committed_eur, cofinancing_paid_eur (NaN: withheld), committed_pct and paid_pct
        of the budget, budget_share_pct, committed_share_pct, deviation_pp (share of the commitments less share of the
        budget, percentage points).
    by_source : DataFrame
        Index source; columns committed_eur, paid_eur, paid_pct (of the commitments); of private NaN where withheld.
    private : DataFrame    Index theme; columns committed_eur, paid_eur of private parties, NaN where withheld.
    by_track : DataFrame    Index track; columns committed_eur, paid_eur (deal money).
    by_year : DataFrame    Index year; columns committed_eur, paid_eur (deal money) in that year.
    tranches : DataFrame    Columns year, agreed_eur (NaN where the text gives none), received_eur.
    total : Series
        budget_eur, committed_eur, paid_eur, cofinancing_committed_eur, cofinancing_paid_eur, committed_pct, paid_pct.
    leverage_cofinancing : float | None
        Committed co-financing per euro of committed deal money; NaN where it is withheld.
    leverage_rijk : float | None    All other committed money per committed euro of Rijk; NaN where it is withheld.
    """

    by_theme: pd.DataFrame
    by_source: pd.DataFrame
    private: pd.DataFrame
    by_track: pd.DataFrame
    by_year: pd.DataFrame
    tranches: pd.DataFrame
    total: pd.Series
    leverage_cofinancing: float | None
    leverage_rijk: float | None


def deal_sources(deal: Deal) -> tuple[str, ...]:
    """Name whose money the budget of a deal is about.

    Parameters
    ----------
    deal : Deal
        Its funders on the side of the region count too.

    Returns
    -------
    tuple[str, ...]
        As the records name them: Rijk first.
    """
    return (*_DEAL_SOURCES, *(funder.id for funder in deal.funders if funder.side == "regio"))


def other_sources(deal: Deal) -> tuple[str, ...]:
    """Name who pays on top of the budget of a deal.

    Parameters
    ----------
    deal : Deal
        Its other funders count too.

    Returns
    -------
    tuple[str, ...]
        As the records name them; private parties, of whom only sums are known, last.
    """
    return ("corporaties", *(funder.id for funder in deal.funders if funder.side == "anderen"), FIRMS)


def payers_of(deal: Deal, programme: Programme) -> tuple[list[str], list[str]]:
    """Return who pays in the records: whose money the budget is about, and who pays on top of it.

    Parameters
    ----------
    deal, programme : Deal, Programme
        Who may pay, and the records, open or protected.

    Returns
    -------
    list[str], list[str]
        As of `deal_sources` and `other_sources`, Rijk always, of the others who is in the records at all.
    """
    columns = {source: column for column, source in means_of(deal.funders).items()}
    booked, projects = set(programme.payments["source"]), programme.projects
    is_there = {source: source in booked or bool(projects[columns[source]].any()) for source in deal.sources}
    is_there |= {"Rijk": True, FIRMS: is_there[FIRMS] or bool(len(programme.amounts))}
    own, others = (
        [source for source in sources if is_there[source]] for sources in (deal_sources(deal), other_sources(deal))
    )
    return own, others


def account_money(deal: Deal, agreed: DealOnDate, programme: Programme) -> Money:
    """Set commitments and payments beside the budget that was in force.

    Parameters
    ----------
    deal, agreed, programme : Deal, DealOnDate, Programme
        Themes, tracks and tranches; the deal as it stood on the day; the records as known then.

    Returns
    -------
    Money
    """
    entries = _entries(programme, deal_sources(deal))
    themes = [theme.id for theme in deal.themes]
    budget = pd.Series(agreed.budget_by_theme, dtype=float).reindex(themes, fill_value=0.0)
    by_theme = budget.to_frame("budget_eur").join(_amounts(entries, "theme", themes))
    total = by_theme.sum()
    private = _private(programme, themes)
    for name in private:
        by_theme[f"cofinancing_{name}"] += private[name]
        total[f"cofinancing_{name}"] += private.at[_ALL, name]
    for name in ("committed", "paid"):
        by_theme[f"{name}_pct"] = _percent(by_theme[f"{name}_eur"], by_theme["budget_eur"])
    by_theme["budget_share_pct"] = _percent(by_theme["budget_eur"], total["budget_eur"])
    by_theme["committed_share_pct"] = _percent(by_theme["committed_eur"], total["committed_eur"])
    by_theme["deviation_pp"] = by_theme["committed_share_pct"] - by_theme["budget_share_pct"]
    for name in ("committed", "paid"):
        total[f"{name}_pct"] = 100 * total[f"{name}_eur"] / total["budget_eur"]

    by_source = entries.groupby(["source", "kind"])["amount_eur"].sum().unstack()
    by_source = by_source.reindex(
        index=[*deal_sources(deal), *other_sources(deal)], columns=["commitment", "payment"]
    ).fillna(0.0)
    by_source.columns = ["committed_eur", "paid_eur"]
    by_source.loc[FIRMS] = private.loc[_ALL]
    by_source["paid_pct"] = _percent(by_source["paid_eur"], by_source["committed_eur"])
    rijk = by_source.at["Rijk", "committed_eur"]
    return Money(
        by_theme=by_theme,
        by_source=by_source,
        private=private.loc[themes],
        by_track=_amounts(entries, "track", [track.id for track in deal.tracks])[["committed_eur", "paid_eur"]],
        by_year=_amounts(entries, "year", sorted(entries["year"].unique()))[["committed_eur", "paid_eur"]],
        tranches=_tranches(deal, programme),
        total=total,
        leverage_cofinancing=_ratio(total["cofinancing_committed_eur"], total["committed_eur"]),
        leverage_rijk=_ratio(by_source["committed_eur"].sum(skipna=False) - rijk, rijk),
    )


def _entries(programme: Programme, own: Sequence[str]) -> pd.DataFrame:
    """Take commitments and payments, but of private parties, with theme and track, and whether they are deal money."""
    payments = programme.payments
    entries = payments[(payments["kind"] != "tranche") & (payments["source"] != FIRMS)].merge(
        programme.projects[["project_id", "theme", "track"]], on="project_id", how="left", validate="many_to_one"
    )
    entries["year"] = entries["date"].dt.year
    entries["is_deal_money"] = entries["source"].isin(own)
    return entries


def _amounts(entries: pd.DataFrame, by: str, index: list) -> pd.DataFrame:
    frame = pd.DataFrame(index=pd.Index(index, name=by))
    for prefix, deal_money in (("", True), ("cofinancing_", False)):
        for kind, name in (("commitment", "committed"), ("payment", "paid")):
            chosen = entries[(entries["kind"] == kind) & (entries["is_deal_money"] == deal_money)]
            frame[f"{prefix}{name}_eur"] = chosen.groupby(by)["amount_eur"].sum().reindex(frame.index, fill_value=0.0)
    return frame


def _private(programme: Programme, themes: list[int]) -> pd.DataFrame:
    """Take the last sums of private parties, of each theme and of all; nothing booked is 0, withheld is NaN."""
    amounts = programme.amounts
    if programme.protection is None:
        last_year = int(programme.payments["date"].dt.year.max()) if len(programme.payments) else 0
        amounts = sum_firm_amounts(
            programme.payments, programme.projects, last_year=last_year, ends_on=programme.ends_on
        )
    last = amounts[amounts["year"] == amounts["year"].max()]
    by_kind = last.assign(theme=last["theme"].fillna(_ALL).astype(int)).set_index(["theme", "kind"])["total"].unstack()
    known = by_kind.index.union([_ALL])
    frame = by_kind.reindex(index=known, columns=list(KINDS))
    frame = frame if len(last) else frame.fillna(0.0)
    return frame.reindex([*themes, _ALL], fill_value=0.0).set_axis(["committed_eur", "paid_eur"], axis=1)


def _tranches(deal: Deal, programme: Programme) -> pd.DataFrame:
    """Set what the deal says of the instalments of Rijk, beside what the records say was received, per year."""
    records = programme.payments[programme.payments["kind"] == "tranche"]
    received = records.groupby(records["date"].dt.year)["amount_eur"].sum()
    agreed = {item.year: float(item.amount_eur) for item in deal.tranches if item.year and item.amount_eur}
    open_years = {year for tranche in deal.tranches for year in (tranche.years or ())}
    years = sorted({*agreed, *open_years, *(int(year) for year in received.index)})
    return pd.DataFrame(
        {
            "year": years,
            "agreed_eur": [agreed.get(year, float("nan")) for year in years],
            "received_eur": [float(received.get(year, 0.0)) for year in years],
        }
    )


def _percent(part: pd.Series, whole: pd.Series | float) -> pd.Series:
    share = 100 * part / whole
    return share.replace([float("inf"), float("-inf")], float("nan"))


def _ratio(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None
