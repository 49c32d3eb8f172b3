"""How numbers are said in sentences, wherever one is written."""


def counted(number: int, name: str) -> str:
    """So many of what has this name: ``1 byte``, ``1,200 bytes``, ``2 processes``."""
    plural = "es" if name.endswith("s") else "s"
    return f"{number:,} {name}{'' if number == 1 else plural}"
