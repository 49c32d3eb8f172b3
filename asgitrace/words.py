"""How numbers and reasons are said in sentences, wherever one is written."""


def counted(number: int, name: str) -> str:
    """So many of what has this name: ``1 byte``, ``1,200 bytes``, ``2 processes``."""
    plural = "es" if name.endswith("s") else "s"
    return f"{number:,} {name}{'' if number == 1 else plural}"


def gist(reason: str) -> str:
    """What went wrong, in a line: of a traceback, which Starlette gives for a reason, its last."""
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    return lines[-1] if lines and lines[0].startswith("Traceback (") else reason.strip()
