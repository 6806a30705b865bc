"""The command `regiodeal`: what people type, checked and handed to the package that does it, and told in words.

In: arguments.  Out: lines on the screen and an exit code.  Heavy packages are imported within a command, so that help
and completion come at once.
May import everything; nothing imports it.
"""
