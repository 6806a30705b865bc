"""``python -m evaluation.cli`` and the command `regiodeal`: Ctrl-C while it still imports ends it without a word."""

import os
import signal

# Notebooks run beside each other: one thread of linear algebra each, which also sums in one order on every machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# A library that goes through a set sums in its order: the same in every process, so that equal inputs give equal bytes.
os.environ.setdefault("PYTHONHASHSEED", "0")

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where who started it had it ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from evaluation.cli.main import main

if __name__ == "__main__":
    main()
