"""The evaluation of a Dutch Regio Deal: from agreement, records and statistics to an annual report.

The data flow one way: ``data/`` (deal, indicators, programme records, snapshots) is read by the modules of this
package, notebooks display what the package computes, a run records every number, and the report shows what a run
recorded.  See README.md for the commands and CONTRIBUTING.md for the place of each module.
"""

__version__ = "0.1.0"
