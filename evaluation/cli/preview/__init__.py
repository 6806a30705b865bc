"""One page of a report as an evaluator edits it: run again what changed, render it alone, show it in the browser.

In: a notebook or a page of prose, and the last run.  Out: a page on a local address; all files stay in
``build/preview`` and go when it stops.
May import run, publish, present, inputs and base.
"""
