"""Tables that people send or keep: the one reader of workbooks and the one of CSV.

Both read within bounds and in one pass, tell every cell that cannot be taken as it stands, and normalise text. What
the cells mean is not known here.
"""
