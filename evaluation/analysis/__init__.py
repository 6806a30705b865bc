"""Compute what an evaluator would argue about: progress, money, retail, effects.

In: panels and checked records; in ``effects/`` arrays only.
Out: tables and frozen results with their uncertainty; nothing is written or drawn.
"""
