"""Publish a finished run: pages, PDF and Word, and the site around them; nothing here computes or runs.

In: ``build/runs/<deal>/<edition>``, and the prose and style of ``reports/``.
Out: a Quarto project in ``build/report``, rendered by one of two engines, checked, and put in ``build/site``.
"""
