"""JSON read into rows, a piece at a time, without recursion and without building values.

Rows point into the text, so that numbers, duplicate names and their order are shown as they came,
100,000 levels cost no stack, and a body that was cut is shown up to the cut."""

import re
from array import array
from typing import Final

_SPACE: Final = r"[ \t\r\n]*+"
_STRING: Final = r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"'
_SCALAR: Final = rf"{_STRING}|-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?|true|false|null"
_VALUE: Final = re.compile(rf"{_SPACE}([\[{{]|{_SCALAR})", re.ASCII)
_MEMBER: Final = rf"{_SPACE}({_STRING}){_SPACE}:{_SPACE}({_SCALAR})(?={_SPACE}[,}}])"
_ITEM: Final = rf"(){_SPACE}({_SCALAR})(?={_SPACE}[,\]])"
_SCALARS: Final = {
    "{": (re.compile(_MEMBER, re.ASCII).match, re.compile(f"{_SPACE},{_MEMBER}", re.ASCII).match),
    "[": (re.compile(_ITEM, re.ASCII).match, re.compile(f"{_SPACE},{_ITEM}", re.ASCII).match),
}
"""The first and each further member or item that is no container and is complete: most of what
large texts are made of."""
_NAME: Final = re.compile(rf"{_SPACE}({_STRING}){_SPACE}:")
_MARK: Final = re.compile(rf"{_SPACE}([,\]}}])")
_DIGITS: Final = re.compile(r"[-+.0-9eE]*+")
_BLANK: Final = re.compile(_SPACE)
_BEGUN: Final = re.compile(
    r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+(?:\\|"[ \t\r\n]*+)?'
    r"|-?\d*+\.?\d*+[eE]?[+-]?|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|",
    re.ASCII,
)
"""What may stand at the end of a text that was cut."""

_CLOSERS: Final = {"{": "}", "[": "]"}

# What may come next.
_FIRST: Final = 0
"""An item or the container's end."""
_NEXT: Final = 1
"""An item: there was a comma, or it is the outermost value."""
_AFTER: Final = 2
"""A comma or the container's end."""


class JsonScan:
    """The rows of a JSON text, or of several values after one another."""

    def __init__(self) -> None:
        self.source = ""
        self.fault: int | None = None
        """Where the text stopped being JSON."""
        self.ended = False
        self.depth = array("I")
        self.parent = array("I")
        """Row of the container; for a closing bracket, of its opening one. The outermost value
        points to itself."""
        self.name = array("I")
        self.name_end = array("I")
        """Where the member's name is; both 0 for none."""
        self.start = array("I")
        self.end = array("I")
        """Where the value is; the end of a container is 0 until it is met."""
        self.last = array("I")
        """The last row that belongs to a value."""
        self.count = array("I")
        """How many items a container has."""
        self.place = array("I")
        """Which item of its container it is, from 0."""
        self._at = 0
        self._stack: list[int] = []
        self._state = _NEXT
        self._final = False

    def __len__(self) -> int:
        return len(self.start)

    def closed(self, row: int) -> bool:
        """Whether a value is all there."""
        return self.end[row] > 0

    @property
    def cut(self) -> bool:
        """Nothing is wrong but that the text ends too early."""
        return self.fault is not None and bool(_BEGUN.fullmatch(self.source, self.fault))

    def feed(self, text: str, *, final: bool) -> None:
        """The text goes on, and ends with this piece if it is final."""
        # A text that nothing else refers to grows where it is; that of an attribute is copied.
        source, self.source = self.source, ""
        source += text
        self.source = source
        self._final = final

    def work(self, tokens: int) -> bool:
        """Read on; True if rows were added or the reading ended."""
        if self.ended or self.fault is not None:
            return False
        before = len(self.start)
        while tokens > 0:
            if self._state != _NEXT:
                tokens -= self._scalars(tokens)
            if not self._step():
                break
            tokens -= 1
        return len(self.start) > before or self.ended or self.fault is not None

    def _scalars(self, most: int) -> int:
        """Read the items of a container up to one that is something else; how many."""
        source, at = self.source, self._at
        top = self._stack[-1]
        inside_object = source[self.start[top]] == "{"
        match, further = _SCALARS[source[self.start[top]]]
        if self._state == _AFTER:
            match = further
        row = len(self.start)
        name, name_end = self.name.append, self.name_end.append
        start, end = self.start.append, self.end.append
        new = 0
        while new < most and (found := match(source, at)):
            new += 1
            at = found.end()
            start(found.start(2))
            end(at)
            name(found.start(1) if inside_object else 0)
            name_end(found.end(1) if inside_object else 0)
            match = further
        if new:
            self._at, self._state = at, _AFTER
            self._alike(row, new, top)
        return new

    def _alike(self, row: int, new: int, top: int) -> None:
        """Fill in what is the same in all of the new rows, or counts them."""
        held = self.count[top]
        self.count[top] = held + new
        self.depth.extend([len(self._stack)] * new)
        self.parent.extend([top] * new)
        self.last.extend(range(row, row + new))
        self.count.extend([0] * new)
        self.place.extend(range(held, held + new))

    def _step(self) -> bool:
        """Read one item or mark; False if that is not possible (yet)."""
        if not self._stack and not self._outermost():
            return False
        if self._state != _NEXT:
            found = _MARK.match(self.source, self._at)
            if found:
                return self._mark(found)
            if self._state == _AFTER:
                return self._stuck(self._at)
        return self._item()

    def _outermost(self) -> bool:
        found = _BLANK.match(self.source, self._at)
        at = found.end() if found else self._at
        if at < len(self.source):
            return True
        if self._final:
            self.ended = True
        return False

    def _item(self) -> bool:
        name = name_end = 0
        at = self._at
        inside_object = self._stack and self.source[self.start[self._stack[-1]]] == "{"
        if inside_object:
            named = _NAME.match(self.source, at)
            if not named:
                return self._stuck(at)
            name, name_end = named.span(1)
            at = named.end()
        found = _VALUE.match(self.source, at)
        # A number at the end may be the beginning of a longer one.
        if not found or (not self._final and _DIGITS.fullmatch(self.source, found.end())):
            return self._stuck(at)
        self._add(name, name_end, *found.span(1))
        self._at = found.end()
        return True

    def _add(self, name: int, name_end: int, start: int, end: int) -> None:
        row = len(self.start)
        stack = self._stack
        container = self.source[start] in _CLOSERS
        place = 0
        if stack:
            place = self.count[stack[-1]]
            self.count[stack[-1]] += 1
        self.place.append(place)
        self._append(stack[-1] if stack else row, name, name_end, start, 0 if container else end)
        if container:
            stack.append(row)
            self._state = _FIRST
        else:
            self._state = _AFTER if stack else _NEXT

    def _append(self, parent: int, name: int, name_end: int, start: int, end: int) -> None:
        row = len(self.start)
        self.depth.append(len(self._stack))
        self.parent.append(parent)
        self.name.append(name)
        self.name_end.append(name_end)
        self.start.append(start)
        self.end.append(end)
        self.last.append(row)
        self.count.append(0)

    def _mark(self, found: re.Match[str]) -> bool:
        mark = found[1]
        top = self._stack[-1]
        if mark == ",":
            if self._state == _FIRST:
                return self._fail(found.start(1))
            self._state = _NEXT
        elif mark != _CLOSERS[self.source[self.start[top]]]:
            return self._fail(found.start(1))
        else:
            self._close(top, found)
        self._at = found.end()
        return True

    def _close(self, top: int, found: re.Match[str]) -> None:
        self._stack.pop()
        self.end[top] = found.end()
        if self.count[top]:
            self.last[top] = len(self.start)
            self.place.append(0)
            self._append(top, 0, 0, *found.span(1))
        self._state = _AFTER if self._stack else _NEXT

    def _stuck(self, at: int) -> bool:
        """What follows is no JSON, unless it is only not all there yet."""
        if self._final:
            self._fail(at)
        return False

    def _fail(self, at: int) -> bool:
        blank = _BLANK.match(self.source, at)
        self.fault = blank.end() if blank else at
        return False
