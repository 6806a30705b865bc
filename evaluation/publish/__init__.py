"""Publish a finished run: pages, PDF and Word, and the site around them; nothing here computes or runs.

In: ``build/runs/<deal>/<edition>`` (read by `record`), prose and style of ``reports/``.  Out: a Quarto project
(`stage`, ``build/report``), rendered by an engine, checked, and put in ``build/site`` (`publishing`).
May import base, inputs, statistics and present; never `run` or `chapters`, which it meets in files.
"""
