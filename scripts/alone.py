"""alone.py LOCK PROGRAM...: run a program while no other one has the lock.

Two runs that install into one folder would empty it under each other. The kernel lets go of the lock when the program
and what it started have ended, however that comes.
"""

import fcntl
import os
import sys

lock = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR, 0o666)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print("Waiting for another run that installs here ...", flush=True)
    fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606
