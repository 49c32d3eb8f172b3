"""Where the time of an exchange went: a pure function of its calls, and the same fold for live
rows.

Every instant between the scope and the app's return belongs to exactly one part. The first that
holds counts:

    after          the response was over
    backpressure   some ``send`` was pending
    client         some ``receive`` was pending that could still bring input
    app            otherwise

The response is over from the return of the ``send`` that ended it (the last body, the last trailers
where they were declared, the WebSocket's close) or of the ``receive`` that told of the WebSocket's
disconnect. Once an HTTP request's body was received whole, ``receive`` brings nothing but the
disconnect: frameworks keep such a call pending during all of their work, so it counts as the app's
own time.

Stamps are monotonic ns and may be anything at all: they are clamped, so that the parts are never
negative and sum to the duration exactly.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final, NamedTuple

from asgitrace.events import MESSAGE_CODES, Flag, Header, Kind, Phase
from asgitrace.store.model import Split

APP, CLIENT, BACKPRESSURE, AFTER = range(4)
"""The parts, so numbered that of two that hold the greater one counts."""


class Effect(IntEnum):
    """What the return of a call changes for the rest of the exchange."""

    NONE = 0
    INPUT_ENDED = 1
    """The HTTP request was received whole."""
    RESPONSE_ENDED = 2


class Span(NamedTuple):
    """One call of ``receive`` or ``send``, as far as timing is concerned."""

    called: int
    returned: int | None
    """None while pending."""
    sends: bool
    effect: Effect


# Members of an enumeration are slow to look up by their names.
_NONE, _INPUT_ENDED, _RESPONSE_ENDED = Effect

_MORE: Final = int(Flag.MORE)
_REQUEST: Final = MESSAGE_CODES["http.request"]
_DISCONNECT: Final = MESSAGE_CODES["websocket.disconnect"]
_BODIES: Final = frozenset(
    MESSAGE_CODES[name]
    for name in ("http.response.body", "http.response.zerocopysend", "http.response.pathsend")
)
ENDINGS: Final = _BODIES | {
    MESSAGE_CODES[name]
    for name in ("http.response.trailers", "websocket.close", "websocket.http.response.body")
}


def effect_of(sends: bool, message: int, flags: int, *, trailers: bool) -> Effect:
    """What a call that returned in good order changes; ``trailers``: the response has declared
    some."""
    if flags & _MORE:
        return _NONE
    if sends:
        ends = message in ENDINGS and not (trailers and message in _BODIES)
        return _RESPONSE_ENDED if ends else _NONE
    if message == _REQUEST:
        return _INPUT_ENDED
    return _RESPONSE_ENDED if message == _DISCONNECT else _NONE


class Folder:
    """Takes in the boundaries of calls in the order of time and keeps the sums.

    A boundary that comes too late is clamped and noted in ``disordered``: the sums are then only
    near the truth, until ``fold`` has made them anew from all calls.
    """

    __slots__ = (
        "at",
        "closed",
        "disordered",
        "over",
        "part",
        "parts",
        "receives",
        "receiving",
        "sends",
    )

    def __init__(self, started: int) -> None:
        self.at = started
        """The instant up to which the parts are summed."""
        self.parts = [0, 0, 0, 0]
        self.part = APP
        """The part that the time from ``at`` on belongs to."""
        self.receiving = CLIENT
        """What a pending ``receive`` counts as."""
        self.sends = 0
        self.receives = 0
        self.over = False
        self.closed = False
        self.disordered = False

    def whole(self, called: int, returned: int, sends: bool) -> None:
        """A call that is told only now that it has returned."""
        at = self.at
        if called < at:
            self.disordered = True
            called = at
        if self.closed:
            return
        if returned < called:
            returned = called
        part = self.part
        parts = self.parts
        waits = BACKPRESSURE if sends else self.receiving
        parts[part] += called - at
        parts[waits if waits > part else part] += returned - called
        self.at = returned

    def begin(self, called: int, sends: bool) -> None:
        """A call was made and is pending."""
        self.advance(called)
        if sends:
            self.sends += 1
        else:
            self.receives += 1
        self._judge()

    def end(self, returned: int, sends: bool) -> None:
        """A pending call returned."""
        self.advance(returned)
        if sends:
            self.sends -= 1
        else:
            self.receives -= 1
        self._judge()

    def change(self, effect: Effect) -> None:
        """The call that just returned had this effect."""
        if effect is _INPUT_ENDED:
            self.receiving = APP
            if self.part == CLIENT:
                self.part = APP
        elif effect is _RESPONSE_ENDED:
            self.over = True
            self.part = AFTER

    def close(self, ended: int) -> None:
        """The app returned: nothing counts from here on."""
        self.advance(ended)
        self.at = ended
        self.closed = True

    def advance(self, now: int) -> None:
        """Sum up to ``now``."""
        past = now - self.at
        if past < 0:
            self.disordered = True
        elif not self.closed:
            self.parts[self.part] += past
            self.at = now

    def adopt(self, other: "Folder") -> None:
        """Take over all that another one knows."""
        for name in Folder.__slots__:
            setattr(self, name, getattr(other, name))

    def split(self) -> Split:
        """The sums up to ``at``."""
        return Split(*self.parts)

    def _judge(self) -> None:
        if self.over:
            self.part = AFTER
        elif self.sends:
            self.part = BACKPRESSURE
        else:
            self.part = self.receiving if self.receives else APP


def fold(spans: Iterable[Span], started: int, ended: int | None) -> Folder:
    """A folder that was given all boundaries in the order of time; open where ``ended`` is None."""
    bounds: list[tuple[int, bool, bool, Effect]] = []
    for called, returned, sends, effect in spans:
        first = _clip(called, started, ended)
        bounds.append((first, False, sends, Effect.NONE))
        if returned is not None:
            bounds.append((max(_clip(returned, started, ended), first), True, sends, effect))
    bounds.sort()
    folder = Folder(started)
    for at, returns, sends, effect in bounds:
        if returns:
            folder.end(at, sends)
            folder.change(effect)
        else:
            folder.begin(at, sends)
    if ended is not None:
        folder.close(max(ended, started))
    return folder


def split(spans: Iterable[Span], started: int, ended: int) -> Split:
    """Divide the time from ``started`` to ``ended`` among the parts; pending calls last to the
    end."""
    return fold(spans, started, ended).split()


def _clip(stamp: int, started: int, ended: int | None) -> int:
    if ended is not None and stamp > ended:
        stamp = ended
    return max(stamp, started)


def spans_of(headers: Iterable[Header], *, trailers: bool) -> list[Span]:
    """The calls in the records of one exchange, CALLED and RETURNED paired, in any order of the
    records."""
    spans: list[Span] = []
    waiting: dict[int, int | None] = {}
    """Position of the span of a pending call; None for one whose RETURNED came first."""
    for header in headers:
        if header.kind not in (Kind.RECEIVE, Kind.SEND):
            continue
        call, sends = header.call, header.kind == Kind.SEND
        if header.phase == Phase.CALLED:
            if call not in waiting:
                waiting[call] = len(spans)
                spans.append(Span(header.called, None, sends, Effect.NONE))
            elif waiting[call] is None:
                del waiting[call]
            continue
        effect = Effect.NONE
        if not header.outcome:
            effect = effect_of(sends, header.message, header.flags, trailers=trailers)
        position = None
        if header.phase == Phase.RETURNED:
            position = waiting.get(call)
            if position is None:
                waiting[call] = None
        if position is None:
            spans.append(Span(header.called, header.returned, sends, effect))
        else:
            del waiting[call]
            spans[position] = spans[position]._replace(returned=header.returned, effect=effect)
    return spans
