"""Run the notebooks of an edition in their kernels, and record every number.

In: notebooks, parameters, and what a run key says has changed.
Out: ``build/runs``: executed notebooks, results.csv, run.json, inputs.json.
"""
