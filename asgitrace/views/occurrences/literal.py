"""A text that is in everything a regular expression matches, so that bytes can be asked for it."""

from typing import Final

_ENDS: Final = ".^$[]()"
"""What is no letter, and leaves those before it as they are."""
_OPTIONAL: Final = "?*{"
"""What makes the letter before it one that need not be there."""


def literal_of(pattern: str) -> str:
    """The longest run of letters that must be there; empty where that is not plain to see."""
    if "|" in pattern or "(?" in pattern:
        return ""
    runs, run, depth, at = [""], "", 0, 0
    while at < len(pattern):
        sign = pattern[at]
        at += 1
        if sign == "[":
            at = _behind_class(pattern, at)
        if sign == "(" or sign == ")":
            depth += 1 if sign == "(" else -1
        if sign == "\\" and at < len(pattern) and not pattern[at].isalnum():
            sign, at = pattern[at], at + 1
        elif sign in _OPTIONAL:
            runs.append(run[:-1])
            run = ""
            at = _behind_count(pattern, at) if sign == "{" else at
            continue
        elif sign in _ENDS or sign in "+\\":
            # A backslash before a letter stands for a class; the letter is no letter.
            at += sign == "\\"
            runs.append(run)
            run = ""
            continue
        # What is in a group may be there as often as you like, or not at all.
        run = run + sign if depth == 0 else ""
    return max([*runs, run], key=len)


def _behind_class(pattern: str, at: int) -> int:
    """Where a set of letters is over that begins here."""
    end = pattern.find("]", at + 1 + (pattern[at : at + 1] == "^"))
    while end > 0 and pattern[end - 1] == "\\":
        end = pattern.find("]", end + 1)
    return len(pattern) if end < 0 else end + 1


def _behind_count(pattern: str, at: int) -> int:
    end = pattern.find("}", at)
    return len(pattern) if end < 0 else end + 1
