"""A run as one archive for others, and the same archive run again elsewhere with every number compared.

In: a whole run and the project that made it, or an archive.
Out: a .zip that tells no machine and no person, a reproduction with its verdict, or what differs between two runs.
"""
