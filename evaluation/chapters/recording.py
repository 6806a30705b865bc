"""How a number of the deal or of the programme's records becomes a result, with its status and its source."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.inputs.deal import Deal
from evaluation.inputs.deal_terms import Duty
from evaluation.inputs.records.programme import Programme
from evaluation.present.results import RECORD_STATUSES, RECORDS_SOURCE, Chain, Result, Status, result


@dataclass(frozen=True, eq=False, kw_only=True)
class Recorder:
    """Makes the results of a year."""

    deal: Deal
    year: int  # the year that is reported on
    programme: Programme  # the records as known on its last day, with counts of persons, households and firms protected

    def number(
        self,
        theme: int | str,
        indicator: str,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        chain: Chain,
        *,
        status: Status,
        source: str,
        vintage: str = "",
        period: int | None = None,
    ) -> Result:
        """Make a result of this year (or of `period`); one without a number says so in its status."""
        is_told = status in ("not established", "not measured", "withheld") or (value is not None and value == value)
        number = (theme, indicator, unit, measure, value, unit_of_measure, chain)
        told: Status = status if is_told else "missing"
        return result(*number, period=period or self.year, status=told, source=source, vintage=vintage)

    def record(
        self,
        theme: int | str,
        indicator: str,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        chain: Chain = "output",
        *,
        computed: bool = False,
        period: int | None = None,
        withheld: bool = False,
    ) -> Result:
        """Make a result from the programme's records at the end of the year, or of another year (`period`).

        What is `computed` from the records (a share, a projection) is not a record itself; of an example it stays one.
        A number that is `withheld`, or needs one that is, has that as its status and no value.
        """
        dataset = self.programme.dataset
        status: Status = "computed" if computed and not self.programme.is_example else RECORD_STATUSES[dataset.status]
        if withheld:
            status, value = "withheld", None
        source, vintage = self.record_source
        number = (theme, indicator, unit, measure, value, unit_of_measure, chain)
        return self.number(*number, status=status, source=source, vintage=vintage, period=period)

    @property
    def record_source(self) -> tuple[str, str]:
        """Source and vintage of a number from the records; the title says that an example is one."""
        return f"{RECORDS_SOURCE} ({self.programme.dataset.title})", str(self.programme.dataset.version)

    def records(
        self, subject: tuple[int | str, str, str], values: Mapping[str, float | None], *of: str, **options
    ) -> list[Result]:
        """Make results of several measures of one subject (theme, indicator, unit); the rest is as of `record`."""
        return [self.record(*subject, measure, value, *of, **options) for measure, value in values.items()]

    def agreement(
        self,
        theme: int | str,
        indicator: str,
        unit: str,
        measure: str,
        value: float | None,
        unit_of_measure: str,
        reference: str,
        chain: Chain = "output",
        *,
        status: Status = "agreed",
        period: int | None = None,
    ) -> Result:
        """Make a result from the text of the deal as in force at the end of the year (about `period`, where named).

        With the status "not measured" it says that nothing measures what was agreed.
        """
        number = (theme, indicator, unit, measure, value, unit_of_measure, chain)
        return self.number(*number, status=status, source=f"{self.deal.name}, {reference}", period=period)

    def cited(self, *duties: Duty) -> str:
        """Name the deal as a source, with the articles of some duties where its file has them."""
        return ", ".join(filter(None, [self.deal.name, self.deal.articles.named(*duties)]))

    def path(
        self, theme: int | str, indicator: str, value: float, unit_of_measure: str, chain: Chain = "output"
    ) -> Result:
        """Make a result of a straight path to a target: computed from the deal alone."""
        number = (theme, indicator, "geleverd", "path", value, unit_of_measure, chain)
        return self.number(*number, status="computed", source=f"{self.cited('results', 'approach')}; recht pad")
