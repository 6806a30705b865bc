"""What people type: commands, completion, the preview and starting points.

In: words on a command line.
Out: calls of the other packages, sentences, exit codes.
"""
