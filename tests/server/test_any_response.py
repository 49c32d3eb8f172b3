"""Whatever an app sends, in whatever order: its client gets one response, whole or visibly not."""

import asyncio
from typing import Any

import h11
from hypothesis import given, settings
from hypothesis import strategies as st

from asgitrace.asgi import Message, Receive, Scope, Send
from asgitrace.server import AsgiProtocolError, ServerConfig
from asgitrace.server.connection import Connection
from asgitrace.server.service import Service
from asgitrace.wire import Wire
from tests.server.transport import Recorded
from tests.wire_log import KeptConnection, KeptLog

HEADERS: st.SearchStrategy[Any] = st.lists(
    st.sampled_from(
        [
            (b"content-length", b"0"),
            (b"content-length", b"4"),
            (b"Content-Length", b"4, 4"),
            (b"transfer-encoding", b"chunked"),
            (b"connection", b"close"),
            (b"connection", b"keep-alive, x"),
            (b"upgrade", b"h2c"),
            (b"trailer", b"a"),
            (b"a", b" b "),
            (b"a", b"b\r\nc: d"),
            ("a", "b"),
        ]
    ),
    max_size=3,
)
STATUS = st.sampled_from([200, 200, 204, 304, 500, 100, 101, 199, 600, "200"])
FLAG = st.booleans()
MESSAGES: st.SearchStrategy[Message] = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("http.response.start"), "status": STATUS},
        optional={"headers": HEADERS, "trailers": FLAG},
    ),
    st.fixed_dictionaries(
        {"type": st.just("http.response.body")},
        optional={"body": st.sampled_from([b"", b"ab", b"abcd", "ab"]), "more_body": FLAG},
    ),
    st.fixed_dictionaries(
        {"type": st.just("http.response.trailers")},
        optional={"headers": HEADERS, "more_trailers": FLAG},
    ),
    st.fixed_dictionaries(
        {"type": st.just("http.response.early_hint"), "links": st.just([b"</a>"])}
    ),
    st.fixed_dictionaries({"type": st.just("http.response.debug"), "info": st.just({})}),
    st.fixed_dictionaries({"type": st.sampled_from(["http.response.push", "websocket.close"])}),
)
START: Message = {"type": "http.response.start", "status": 200}
METHODS = ("GET", "HEAD", "POST")
VERSIONS = ("1.0", "1.1")
CONNECTIONS = ("", "Connection: close\r\n", "Connection: keep-alive, te\r\nTE: trailers\r\n")


def answered(
    request: bytes, messages: list[Message], turns: bool
) -> tuple[Recorded, KeptConnection]:
    """What the server wrote when an app had sent these messages, one by one or at once."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            try:
                await send(message)
            except AsgiProtocolError:
                continue
            if turns:
                await asyncio.sleep(0)

    async def main() -> tuple[Recorded, KeptConnection]:
        log, transport = KeptLog(), Recorded()
        service = Service(app, ServerConfig(), None, asyncio.get_running_loop(), log)
        connection = Connection(transport, service)
        connection.data_received(request)
        await asyncio.gather(*service.exchanges.values())
        connection.connection_lost(None)
        return transport, log.only

    return asyncio.run(main())


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(METHODS),
    st.sampled_from(VERSIONS),
    st.sampled_from(CONNECTIONS),
    st.one_of(
        st.lists(MESSAGES, max_size=6),
        st.lists(MESSAGES, max_size=6).map(lambda messages: [START, *messages]),
    ),
    st.booleans(),
)
def test_a_client_understands_what_it_gets(
    method: str, version: str, connection: str, messages: list[Message], turns: bool
) -> None:
    head = f"{method} / HTTP/{version}\r\nHost: a\r\n{connection}\r\n"
    transport, log = answered(head.encode(), messages, turns)

    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method, target="/", headers=[("Host", "a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(transport.written)
    if transport.closed:
        client.receive_data(b"")
    kinds = []
    try:
        while (event := client.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            kinds.append(type(event))
            if type(event) in (h11.EndOfMessage, h11.ConnectionClosed):
                break
    except h11.RemoteProtocolError as exc:
        error = str(exc)
    else:
        error = ""
    if error:
        # Cut off, which the client can tell.
        assert transport.closed
        assert "incomplete" in error or "without sending complete" in error
        return
    assert kinds.count(h11.Response) == 1
    assert kinds[-1] is h11.EndOfMessage
    assert client.trailing_data[0] == b""
    if version == "1.0":
        assert h11.InformationalResponse not in kinds
    assert sum(one.size for one in log.out) == len(transport.written)
    assert [one.what for one in log.out].count(Wire.RESPONSE) == 1
