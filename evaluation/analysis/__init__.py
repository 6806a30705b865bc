"""What follows from the agreements, the records and the statistics: progress, money, retail measures and estimates.

In: the deal, the indicators, the plan and the records (`evaluation.inputs`), and panels (`evaluation.statistics`).
Out: tables and frozen results, unrounded; what cannot be estimated is an estimate with its reason.
It shows nothing and writes no file; words and figures for readers are made of its results elsewhere.
May import: statistics, inputs and base; `effects` in it only base.
"""
