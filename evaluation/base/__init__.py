"""What every package stands on: errors with exit codes, paths, YAML with located faults, fingerprints, the cache.

In come names, files and values of Python; out come errors in words, checked entries, hashes, and what was made before
from the same inputs.  It knows no deal, no table and no statistic.  It imports nothing else of `evaluation`.
"""
