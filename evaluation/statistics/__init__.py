"""From what publishers publish to figures that can be compared.

In: tables of publishers, pinned once as snapshots (`sources`, `snapshots`).  Out: one tidy panel, `panels.build_panel`:
each indicator for every unit and year on the municipal boundaries of today (`areas`), and the panel of neighbourhoods.
May import: `evaluation.base` and `evaluation.inputs`; it computes no progress and no effects.
"""
