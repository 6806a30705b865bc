"""Fetch official statistics: one module for each way of publishing, and the only code that uses the network.

In: a table of ``data/sources.yml`` (`registry`), or a file that someone was given (`own_file`).  Out: a new snapshot,
after every check of `arrival` and against the last vintage.  `http` asks politely; `protocols` lists who speaks a
publisher's language.  May import: `evaluation.base`, `evaluation.inputs` and the rest of `evaluation.statistics`.
"""
