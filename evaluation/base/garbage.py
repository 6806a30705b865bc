"""Look seldom for objects that only refer to each other; importing this module arranges it for the process.

Importing the packages makes some hundred thousand objects that all stay: Python's habit of looking through them after
every 700 takes a sixth of the time of a command that lives for seconds, and of a kernel.
"""

import gc

gc.set_threshold(50_000, 20, 20)
