"""``python -m evaluation.cli``: the command `regiodeal`, also for what was made before this module was there."""

from evaluation.cli.main import main

main()
