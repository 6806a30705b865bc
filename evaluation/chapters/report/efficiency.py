"""The chapter on efficiency in the final evaluation: what its notebook does not compute in sight."""

from dataclasses import dataclass
from math import isnan

from evaluation.base import dutch
from evaluation.chapters.context import Context
from evaluation.chapters.on_desk import on_desk
from evaluation.chapters.report.evaluation import final_context, judged_designs
from evaluation.chapters.steps import money as parts
from evaluation.present.display import Display, lead, markdown


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
                f"{parts.other_words(self.context) or 'anderen'}{mark}."
            )
        parts_.append(
            "Wat een verandering in de regio kostte, is alleen te zeggen waar die aan de deal is toe te schrijven."
        )
        return lead(" ".join(parts_), parts.total_results(self.context))

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


def open_efficiency(*, deal: str, year: int) -> EfficiencyChapter:
    """Open the chapter on efficiency; errors as of `final_context`."""
    return EfficiencyChapter(final_context(deal, year))
