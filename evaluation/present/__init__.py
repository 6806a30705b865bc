"""Put numbers into figures, tables and sentences, and keep the numbers beside them.

In: results of the analysis.
Out: a `Display` per medium with the rows of results.csv that it shows; what published reports hold.
"""
