"""The command `regiodeal`: what people type, handed to the package that does it, and told in words.

In: arguments; heavy packages are imported within a command, so that help and completion come at once.
Out: lines on the screen and an exit code.
"""
