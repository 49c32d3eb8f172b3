"""What the app's process writes, in frames that say whose it is.

A frame goes through the same pipe as what is written to the file descriptor directly, so that both
keep their order: the mark, which nobody can guess, the head, the logger's name, the text. It is
written at once and is no longer than a pipe takes whole, so that no other process writes into it.
What stands between frames came from somebody else: C code, a subprocess.
"""

import select
from struct import Struct
from typing import Final

MARK_BYTES: Final = 16
"""Length of the mark, random for each run of the app's process."""

HEAD: Final = Struct("<HBBHIIQq")
"""Bytes of text; flags; bytes of the logger's name; level; exchange in its process, 0 where that is
not known; process id; thread; wall time in ns."""

MORE: Final = 1
"""What was written goes on in the next frame of the same thread."""

RECORD: Final = 2
"""No stream's text: a log record that no handler wrote to one."""

NAME_LIMIT: Final = 200
"""Bytes of a logger's name that are told."""

FRAME_LIMIT: Final = getattr(select, "PIPE_BUF", 512)
"""Bytes that a pipe takes whole."""

HIGHEST_LEVEL: Final = 2**16 - 1
