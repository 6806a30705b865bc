"""Kernels that start in a tenth of a second: forked from a process that has imported the heavy packages already.

In: what jupyter_client asks of a kernel provisioner.  Out: a kernel that is as a new process.
May import nothing of the package but `base`.
"""
