"""What the chapters about a theme share: in the annual report, in the final evaluation and on the site."""

from evaluation.base.errors import UsageError, did_you_mean
from evaluation.chapters.context import Context
from evaluation.chapters.steps import agreed, standing, statistics, targets
from evaluation.inputs.deal_parts import Theme
from evaluation.inputs.indicators import Design, Indicator, WithoutDesign, load_without_design, register_dir
from evaluation.present.display import Display, listed, markdown


class ThemeSteps:
    """Steps about a theme, for a chapter that has a `context` and a `theme`."""

    __slots__ = ()  # or the chapters, which are dataclasses with slots, would have a dictionary after all
    context: Context
    theme: Theme

    def goals(self) -> Display:
        """List the goals."""
        return agreed.show_goals(self.context, self.theme)

    def intended_results(self) -> Display:
        """Show every intended result with where it stands."""
        return agreed.show_results(self.context, self.theme)

    def delivery_table(self) -> Display:
        """List each target and promise with delivered, path and target."""
        return targets.show_target_table(self.context, self.theme)

    def other_outputs(self) -> Display:
        """List what was delivered towards results without a number."""
        return agreed.show_other_outputs(self.context, self.theme)

    def approach(self) -> Display:
        """List every approach element with its state."""
        return agreed.show_approach(self.context, self.theme)

    def indicator(self, indicator: str, figure_id: str) -> Display:
        """Draw one indicator for the region, its yardstick and the rest of that."""
        return statistics.show_indicator(self.context, self._indicator(indicator), figure_id)

    def standing(self) -> Display:
        """List level, change and gaps of every indicator that has figures."""
        return standing.show_standing(self.context, self.measured_indicators())

    def caveats(self) -> Display:
        """Say what the figures of this chapter do not tell, from the definitions of its indicators."""
        shown = [indicator for indicator in self.measured_indicators() if indicator.results]
        lines = dict.fromkeys(line for indicator in shown for line in indicator.caveats)
        if not lines:
            return markdown(
                f"In dit rapport zijn nog geen uitkomsten van {self.context.this_theme} opgenomen; de cijfers zeggen alleen wat is gedaan en betaald."
            )
        return markdown(listed(lines))

    def headline_indicators(self) -> list[Indicator]:
        """Return the indicators that stand for the theme in a sentence."""
        return self.context.headlines(self.theme.id)

    def measured_indicators(self) -> list[Indicator]:
        """Return the indicators that have figures."""
        return [indicator for indicator in self.all_indicators() if indicator.has_figures]

    def all_indicators(self) -> list[Indicator]:
        """Return the indicators of the theme, also those without figures."""
        return [item for item in self.context.indicators.values() if item.theme == self.theme.id]

    def _indicator(self, name: str) -> Indicator:
        mine = {item.id: item for item in self.all_indicators()}
        if name not in mine:
            hint = did_you_mean(name, list(mine)) or f"There are: {', '.join(mine)}."
            raise UsageError(f"Theme {self.theme.id} has no indicator {name!r}. {hint}")
        return mine[name]

    def declared_designs(self) -> list[Design]:
        """Return the comparisons that were declared for the theme."""
        return [d for d in self.context.designs.values() if self.context.indicators[d.indicator].theme == self.theme.id]

    def _without_design(self) -> list[WithoutDesign]:
        """Return what of the theme cannot be compared, each with its reason."""
        every = load_without_design(folder=register_dir(self.context.deal.id))
        return [item for item in every if item.theme == self.theme.id]
