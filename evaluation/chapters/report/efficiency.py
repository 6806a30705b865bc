"""The chapter on efficiency in the final evaluation: cost per delivered unit, leverage, and what they do not tell."""

from dataclasses import dataclass
from math import isnan

from evaluation.analysis.efficiency import UnitCost, unit_costs
from evaluation.base import dutch
from evaluation.chapters.context import Context, theme_of
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context, judged_designs
from evaluation.chapters.steps import money as parts
from evaluation.chapters.wording import WITHHELD, quantity
from evaluation.present.display import Display, lead, markdown
from evaluation.present.results import Result
from evaluation.present.tables import numeric, table


@on_desk
@dataclass(frozen=True, slots=True)
class EfficiencyChapter:
    """The steps of the chapter on efficiency; each shows one thing."""

    context: Context

    def finding(self) -> Display:
        """Say what was paid and what it brought along, and that the price of an effect is not known."""
        money, mark = self.context.money, self.context.example_mark
        parts_ = [
            f"Van de begrote {dutch.million(money.total['budget_eur'])} is {dutch.million(money.total['paid_eur'])} "
            f"betaald ({dutch.percentage(money.total['paid_pct'], 0)}){mark}."
        ]
        if money.leverage_cofinancing is not None and not isnan(money.leverage_cofinancing):
            parts_.append(
                f"Tegenover elke euro van Rijk en Regio stond {dutch.number(money.leverage_cofinancing, 2)} euro van "
                f"woningcorporaties en private partijen{mark}."
            )
        parts_.append(
            "Wat een verandering in de regio kostte, is alleen te zeggen waar die aan de deal is toe te schrijven."
        )
        return lead(" ".join(parts_), parts.total_results(self.context))

    def by_theme(self) -> Display:
        """List commitments and payments per theme beside the budget."""
        return parts.show_money_by_theme(self.context)

    def unit_costs(self) -> Display:
        """List what a delivered unit cost, for every agreed number."""
        costs = unit_costs(self.context.agreed.targets, self.context.programme)
        rows = []
        for cost in costs:
            delivered = WITHHELD if cost.delivered is None else quantity(cost.target, cost.delivered)
            amounts = map(dutch.euro, (cost.paid_eur, cost.per_unit_eur, cost.corporations_eur))
            rows.append([f"{theme_of(cost.target)}. {cost.target.title}", delivered, *amounts, _projects(cost)])
        titles = ["Geleverd", "Betaald door Rijk en Regio", "Per geleverde eenheid", "Betaald door woningcorporaties"]
        columns = ["Afgesproken aantal", *numeric(*titles), "Projecten"]
        numbers = [number for cost in costs for number in self._results(cost)]
        return table(columns, rows, results=numbers, source=self.context.count_note)

    def leverage(self) -> Display:
        """List how much other money came with the deal's, and with that of Rijk."""
        money = self.context.money
        rows, numbers = [], []
        for words, name in (
            ("Geld van corporaties en private partijen per euro van Rijk en Regio", "leverage_cofinancing"),
            ("Al het andere geld per euro van Rijk", "leverage_rijk"),
        ):
            ratio = getattr(money, name)
            gone = ratio is not None and isnan(ratio)
            rows.append([words, WITHHELD if gone else dutch.number(ratio, 2)])
            number = ("programma", "hefboom", "programma", name, ratio, "ratio", "input")
            numbers.append(self.context.record(*number, computed=True, withheld=gone))
        return table(["Hefboom", *numeric("Euro")], rows, results=numbers, source=self.context.record_note)

    def cost_of_effects(self) -> Display:
        """Say for which themes the cost of an effect could be told: only where one is established and attributed."""
        found = [
            self.context.indicators[item.design.indicator].wording
            for item in judged_designs(self.context.deal.id).values()
            if item.estimate.attribution == "aannemelijk"
        ]
        if not found:
            return markdown(
                "Voor geen enkele uitkomst is aannemelijk gemaakt dat de deal haar veranderde. Een bedrag per eenheid effect is "
                "daarom niet te geven, en of hetzelfde met minder geld had gekund evenmin."
            )
        return markdown(
            f"Aannemelijk is een bijdrage van de deal aan: {dutch.listing(found)}. Het bedrag per geleverde eenheid staat hierboven; "
            "een bedrag per eenheid effect vraagt ook dat ander geld in de regio is meegeteld."
        )

    def _results(self, cost: UnitCost) -> list[Result]:
        subject, hidden = (theme_of(cost.target), cost.target.id, "kosten"), cost.delivered is None
        numbers = [
            ("paid", cost.paid_eur, "EUR", "input"),
            ("corporations_paid", cost.corporations_eur, "EUR", "input"),
            ("per_unit", cost.per_unit_eur, "EUR", "output"),
            ("projects", cost.projects, "count", "process"),
            ("shared_projects", cost.shared, "count", "process"),
        ]
        return [
            self.context.record(*subject, *number, computed=number[0] == "per_unit", withheld=hidden)
            for number in numbers
        ]


def open_efficiency(*, deal: str, year: int) -> EfficiencyChapter:
    """Open the chapter on efficiency; errors as of `final_context`."""
    return EfficiencyChapter(final_context(deal, year))


def _projects(cost: UnitCost) -> str:
    if cost.projects is None:
        return WITHHELD
    words = dutch.plural(cost.projects, "project", "projecten")
    if not cost.shared:
        return words
    return f"{words}, waarvan {dutch.number(cost.shared)} ook voor een ander aantal: de kosten zijn niet gesplitst"
