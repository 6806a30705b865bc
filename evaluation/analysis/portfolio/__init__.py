"""All Regio Deals together: what the statistics of all municipalities show, and the progress of each deal.

In: the register of deals, pinned statistics of all municipalities, and the records of every deal that has them.
Out: frames and frozen results; nothing is written or drawn.
"""
