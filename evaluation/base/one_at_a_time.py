"""Do one thing at a time: wait for who holds the lock, and become the command, which holds it until it ends.

For the set-up: it runs before there is an environment, so it needs nothing but Python.
``python evaluation/base/one_at_a_time.py build/set-up.lock make .venv/.ready``
"""

import os
import sys


def main() -> None:
    """Take the lock, saying so where it has to be waited for, and give the process to the command."""
    path, command = sys.argv[1], sys.argv[2:]
    try:
        import fcntl

        os.makedirs(os.path.dirname(path), exist_ok=True)
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make sets this up; this one waits until that is done.", file=sys.stderr, flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        os.set_inheritable(lock, True)
    except ImportError:  # Windows has none, and make is rare there
        pass
    except OSError as error:
        sys.exit(f"{path} cannot be locked: {error.strerror}. Put the project where this user can write.")
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
