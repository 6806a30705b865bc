"""What every other package stands on: files, errors, fingerprints, the cache, words.

In: paths, text and bytes; nothing of a Regio Deal.
Out: located errors with an exit code, sums of what something depends on, values made before.
"""
