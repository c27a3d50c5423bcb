# SPDX-License-Identifier: GPL-2.0-or-later
# freeze.py PID NAME: stops the threads of that process that bear that name, prints how many they are, and lets
# them go on when its standard input ends. So a test sees a daemon of which one part hangs.
import ctypes
import os
import sys

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, tid):
    if libc.ptrace(request, tid, None, None) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))


pid, name = sys.argv[1:]
frozen = []
for tid in map(int, os.listdir(f"/proc/{pid}/task")):
    with open(f"/proc/{pid}/task/{tid}/comm") as f:
        if f.read().strip() == name:
            ptrace(PTRACE_SEIZE, tid)
            ptrace(PTRACE_INTERRUPT, tid)
            os.waitpid(tid, WALL)
            frozen.append(tid)
print(len(frozen), flush=True)
sys.stdin.read()
for tid in frozen:
    ptrace(PTRACE_DETACH, tid)
