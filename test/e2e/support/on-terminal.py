"""Runs a program on a terminal of its own and types an answer when it asks: on-terminal.py PROMPT ANSWER PROGRAM ARGS…"""

import os
import pty
import sys

prompt, answer, *argv = sys.argv[1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
shown = b''
asked = False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        # EIO: the last process on the terminal has ended (pty(7)).
        break
    if not piece:
        break
    shown += piece
    if not asked and prompt.encode() in shown:
        asked = True
        os.write(terminal, answer.encode() + b'\n')
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
