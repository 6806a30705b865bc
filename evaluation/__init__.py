"""The evaluation of a Dutch Regio Deal: from agreement, records and statistics to reports that anyone can make again.

The data flow one way: what people write, what the programme recorded and what the statistics say become panels, the
notebooks analyse them, a run records every number, and the report shows what a run recorded.  ARCHITECTURE.md shows
the ten packages and which may import which; `make lint` holds that.
"""

__version__ = "0.1.0"
