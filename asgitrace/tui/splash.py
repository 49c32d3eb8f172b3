"""Something on the screen within milliseconds, before the heavy imports; it has next to none."""

import os
from typing import Final, TextIO

_ENTER: Final = "\x1b[?1049h\x1b[2J\x1b[?25l"
_LEAVE: Final = "\x1b[?25h\x1b[?1049l"


def show(title: str, out: TextIO) -> None:
    """Go to the alternate screen and name what is being started in its middle."""
    title = "".join(character if character.isprintable() else "?" for character in title)
    try:
        width, height = os.get_terminal_size(out.fileno())
    except OSError:
        width, height = 80, 24
    line = f"asgitrace  {title}"[:width]
    dim, plain = ("", "") if os.environ.get("NO_COLOR") else ("\x1b[2m", "\x1b[0m")
    place = f"\x1b[{max(1, height // 2)};{max(1, (width - len(line)) // 2)}H"
    out.write(f"{_ENTER}{place}{dim}{line}{plain}")
    out.flush()


def hide(out: TextIO) -> None:
    """Give the screen back where the application did not come up to do so."""
    out.write(_LEAVE)
    out.flush()
