"""Make pinned statistics comparable: one panel on the boundaries of today.

In: ``data/snapshots``, ``data/regions``, ``data/corrections.yml``; on command, what publishers answer.
Out: tidy panels by unit, period and indicator with status and source; regions, donor pools; new vintages.
"""
