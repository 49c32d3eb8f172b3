"""How numbers are said in sentences, wherever one is written."""


def counted(number: int, name: str) -> str:
    """So many of what has this name: ``1 byte``, ``1,200 bytes``."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"
