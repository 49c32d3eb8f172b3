"""Run the README's demo command in a pseudo-terminal: it shows moving traffic and ends well."""

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

LIMIT = 300.0
SEEN = (b"/api/items", b"127.0.0.1", b"WS")


def main() -> int:
    """Start it, wait until requests are on the screen, quit, and check its status."""
    readme = Path("README.md").read_text()
    found = re.search(r"<!-- demo command -->\n```sh\n(.*?)\n```", readme)
    assert found, "the README has lost its demo command"
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp("bash", ["bash", "-euc", found[1]])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    screen = _read_until(terminal, lambda text: all(word in text for word in SEEN))
    os.write(terminal, b"Q")
    screen += _read_until(terminal, lambda text: False)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    shown = [word.decode() for word in SEEN if word in screen]
    print(f"the demo showed {', '.join(shown) or 'nothing'} and ended with status {code}")
    return 0 if code == 0 and len(shown) == len(SEEN) else 1


def _read_until(terminal: int, enough: Callable[[bytes], bool]) -> bytes:
    screen = b""
    until = time.monotonic() + LIMIT
    while time.monotonic() < until and not enough(screen):
        if not select.select([terminal], [], [], 1.0)[0]:
            continue
        try:
            data = os.read(terminal, 65_536)
        except OSError:
            break
        if not data:
            break
        screen += data
    return screen


if __name__ == "__main__":
    sys.exit(main())
