"""What every package stands on: errors with exit codes, paths, YAML with located faults, fingerprints, a cache, Dutch.

In: names, files and plain values of Python; nothing of a deal, a table or a statistic.
Out: errors in words, checked entries of YAML, hashes, what was made before from the same inputs, numbers and dates in
Dutch.
"""
