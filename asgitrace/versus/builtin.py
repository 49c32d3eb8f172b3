"""The built-in sets of exchanges: one for any app, and what only the probe can answer."""

from typing import Final

from asgitrace.versus.plays import Close, Drop, Hear, HearEnd, HttpPlay, Play, Say, WebSocketPlay

_LARGE: Final = bytes(range(256)) * 1024

COMMON: Final[tuple[Play, ...]] = (
    HttpPlay("GET"),
    HttpPlay("HEAD", method=b"HEAD"),
    HttpPlay("query", b"/?a=1&b=%C3%A9&a=2&empty="),
    HttpPlay("encoded path", b"/caf%C3%A9/a%20b%2Fc/%7Euser//x;y=1"),
    HttpPlay("absolute target", b"http://127.0.0.1/over?there=1"),
    HttpPlay("OPTIONS *", b"*", b"OPTIONS"),
    HttpPlay("POST", method=b"POST", pieces=(b"first ", b"second ", b"third")),
    HttpPlay(
        "POST in chunks", method=b"POST", pieces=(b"first ", b"second ", b"third"), chunked=True
    ),
    HttpPlay("large body", method=b"POST", pieces=(_LARGE,)),
    HttpPlay("empty body", method=b"POST", pieces=(b"",)),
    HttpPlay("Expect: 100-continue", method=b"POST", pieces=(b"wanted",), expect=True),
    HttpPlay(
        "headers",
        headers=(
            (b"X-Twice", b"one"), (b"Accept", b"*/*"), (b"X-TWICE", b"two"),
            (b"Cookie", b"a=1"), (b"X-Latin", b"caf\xe9"), (b"X-Empty", b""),
        ),
    ),
    HttpPlay("keep-alive", times=2),
    HttpPlay("HTTP/1.0", version=b"1.0"),
    HttpPlay("unknown method", method=b"PURGE"),
    WebSocketPlay("ws text", steps=(Say("grüß\U0001f980"), Hear(), Close())),
    WebSocketPlay("ws binary", steps=(Say(b"\x00\xff"), Hear(), Close())),
    WebSocketPlay(
        "ws subprotocol", b"/?room=1", subprotocols=("chat.v2", "chat.v1"), steps=(Close(),)
    ),
    WebSocketPlay("ws close with reason", steps=(Close(4000, "bye"),)),
    WebSocketPlay("ws close without code", steps=(Close(0),)),
    WebSocketPlay("ws abort", steps=(Drop(),)),
)  # fmt: skip
"""For any app."""

PROBED: Final[tuple[Play, ...]] = (
    HttpPlay("404", b"/none"),
    HttpPlay("streamed response", b"/pieces"),
    HttpPlay("streamed to HTTP/1.0", b"/pieces", version=b"1.0"),
    HttpPlay("abandoned response", b"/stream", abandon=100_000),
    HttpPlay("app raises", b"/raise"),
    HttpPlay("app raises within response", b"/raise-late"),
    HttpPlay("response headers", b"/headers"),
    HttpPlay("response started twice", b"/twice"),
    HttpPlay("message behind the end", b"/late"),
    WebSocketPlay("ws app closes", b"/closes", steps=(HearEnd(),)),
    WebSocketPlay("ws app refuses", b"/refuses", steps=(HearEnd(),)),
    WebSocketPlay("ws app raises", b"/raises", steps=(HearEnd(),)),
    WebSocketPlay("ws app returns", b"/returns", steps=(HearEnd(),)),
)
"""For the probe only."""
