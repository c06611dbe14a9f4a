"""Runs one program and prints what it took.

This is a small process, because Linux counts the memory of the parent into the peak of its child.

    python -I -S launch.py STDIN STDOUT STDERR PROGRAM ARGUMENT...

STDIN is a file, or ``pipe:FILE`` for the same through a pipe from cat. STDOUT is a file, ``pipe:FILE`` for
a pipe into cat that fills the file, or ``tty:FILE`` for a terminal of 50 lines and 200 columns whose output
is kept. Prints wall and processor seconds (its children's included), peak memory in KiB, and the exit code.
"""

from __future__ import annotations

import os
import sys
import time

WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


def cat(source: int, target: int) -> int:
    """Starts a process that copies bytes from one descriptor to the other."""
    actions = [(os.POSIX_SPAWN_DUP2, source, 0), (os.POSIX_SPAWN_DUP2, target, 1)]
    return os.posix_spawnp("cat", ["cat"], os.environ, file_actions=actions)


def stdin(spec: str) -> int:
    """Returns the descriptor that the program reads from."""
    fd = os.open(spec.removeprefix("pipe:"), os.O_RDONLY)
    if not spec.startswith("pipe:"):
        return fd
    reader, writer = os.pipe()
    cat(fd, writer)
    os.close(writer)
    return reader


def stdout(spec: str) -> tuple[int, int, int]:
    """Returns the descriptor that the program writes to, the other end of the terminal, and the file."""
    kind, _, path = spec.rpartition(":")
    file = os.open(path, WRITE, 0o600)
    if kind == "tty":
        import fcntl
        import struct
        import termios

        master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
        return slave, master, file
    if kind == "pipe":
        reader, writer = os.pipe()
        cat(reader, file)
        os.close(reader)
        return writer, -1, file
    return file, -1, file


def drain(master: int, file: int) -> None:
    """Copies the output of the terminal into the file until the program closes the terminal."""
    while True:
        try:
            data = os.read(master, 65536)
        except OSError:  # EIO: the other end is closed
            return
        os.write(file, data)


def main(source: str, target: str, errors: str, *argv: str) -> None:
    """Starts the program, waits for it, and prints what it took."""
    began = time.perf_counter()
    given = stdin(source)
    taken, master, file = stdout(target)
    actions = [
        (os.POSIX_SPAWN_DUP2, given, 0),
        (os.POSIX_SPAWN_DUP2, taken, 1),
        (os.POSIX_SPAWN_OPEN, 2, errors, WRITE, 0o600),
    ]
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=actions)
    os.close(given)
    os.close(taken)
    if master >= 0:
        drain(master, file)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - began
    while True:  # the data is complete when cat has ended
        try:
            os.wait()
        except ChildProcessError:
            break
    print(wall, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(*sys.argv[1:])
