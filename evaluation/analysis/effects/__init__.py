"""Estimators of effects, their inference and their checks.

In: arrays of units by periods, and choices that were declared beforehand.  Out: frozen results (`Counterfactual`,
`Estimate`, `Check`), or `CannotEstimate` with the reason in Dutch where the data allow no estimate.
It knows no file, no deal and no table, so that every estimator can be held to published examples and to simulations.
May import: numpy, scipy and statsmodels, and the Dutch words and numbers of `evaluation.base`.
"""
