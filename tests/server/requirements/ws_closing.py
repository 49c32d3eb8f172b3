"""RFC 6455 section 7: closing."""

from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.model import Check, Level, Requirement, rows
from tests.server.requirements.ws_checks import (
    CLOSE,
    PING,
    TEXT,
    Socket,
    close,
    closes,
    fails,
    frame,
)

must = rows(6455, Level.MUST)
should = rows(6455, Level.SHOULD)
ours = rows(6455, Level.OURS)


def server_closes(code: int) -> Check:
    """The app closes with this code; the client answers."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            socket = Socket(peer, b"/close/%d" % code)
            found = socket.message()
            assert (found.opcode, found.code, found.payload[2:]) == (CLOSE, code, b"as asked")
            socket.send(close(code))
            assert socket.next() is None

    return check


def no_answer_to_close(bench: Bench) -> None:
    """The client goes without a Close frame."""
    path = bench.path()
    with bench.connect() as peer:
        Socket(peer, path).peer.half_close()
        peer.rest()
    assert bench.end(path) == 1006


CLOSING: Final[tuple[Requirement, ...]] = (
    *(
        must(
            "7.4",
            f"code-{code}",
            f"A close with {code} is answered with it.",
            closes(close(code, b"bye"), code=code),
        )
        for code in (1000, 1001, 1003, 1007, 1011, 1012, 3000, 4999)
    ),
    must(
        "7.1.5",
        "no-code",
        "A close without code is answered without; the app is told 1005.",
        closes(frame(CLOSE), code=None),
    ),
    *(
        must(
            "7.4",
            f"invalid-code-{code}",
            f"The code {code} must not be sent: 1002.",
            fails(close(code), code=1002),
        )
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535)
    ),
    must(
        "5.5.1",
        "one-byte",
        "A close with one byte of payload: 1002.",
        fails(frame(CLOSE, b"\x03"), code=1002),
    ),
    must(
        "5.5.1",
        "reason-utf8",
        "A reason that is not UTF-8: 1007.",
        fails(close(1000, b"\xff"), code=1007),
    ),
    must(
        "5.5.1",
        "long-reason",
        "A reason may have 123 bytes.",
        closes(close(1000, b"a" * 123), code=1000),
    ),
    must(
        "5.5.1",
        "nothing-after",
        "Nothing is processed after a close.",
        closes(close(1000), frame(TEXT, b"late"), frame(PING), code=1000),
    ),
    must(
        "5.5.1",
        "amid-fragments",
        "A close may come amid fragments.",
        closes(frame(TEXT, b"a", fin=False), close(1000), code=1000),
    ),
    *(
        must(
            "7.1.2",
            f"server-{code}",
            f"The app's close with {code} is sent as it is.",
            server_closes(code),
        )
        for code in (1000, 1001, 1011, 3001, 4000)
    ),
    must(
        "7.1.1",
        "tcp",
        "After the handshake the server ends the connection first.",
        closes(close(1000), code=1000),
    ),
    must(
        "7.1.5",
        "abnormal",
        "A connection that ends without close: the app is told 1006.",
        no_answer_to_close,
    ),
    ours(
        "7.4",
        "restart",
        "A server that goes down closes with 1012.",
        "tests/server/test_websocket.py::test_shutdown_closes_with_1012",
    ),
    ours(
        "5.5",
        "keepalive",
        "A peer that does not answer pings is gone.",
        "tests/server/test_websocket.py::test_nobody_answers_the_ping",
    ),
    must(
        "10.4",
        "backpressure",
        "A sender faster than the app is not read.",
        "tests/server/test_websocket.py::test_a_fast_sender_waits_for_a_slow_app",
    ),
)


REQUIREMENTS: Final = CLOSING
