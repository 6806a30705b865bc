"""``python -m evaluation.cli`` and the command `regiodeal`: Ctrl-C while it still imports ends it without a word."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where who started it had it ignored
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from evaluation.cli.main import main

if __name__ == "__main__":
    main()
