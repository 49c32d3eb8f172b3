"""As much of an HTTP/3 client as one request takes, on aioquic."""

import asyncio
import ssl
from pathlib import Path
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent


class _Client(QuicConnectionProtocol):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.http = H3Connection(self._quic)
        self.headers: dict[bytes, bytes] = {}
        self.answer: asyncio.Future[dict[bytes, bytes]] = asyncio.Future()

    def quic_event_received(self, event: QuicEvent) -> None:
        for found in self.http.handle_event(event):
            if isinstance(found, HeadersReceived):
                self.headers.update(found.headers)
            if isinstance(found, HeadersReceived | DataReceived) and found.stream_ended:
                self.answer.set_result(self.headers)

    async def ask(self, path: str, authority: str) -> dict[bytes, bytes]:
        head = {":method": "GET", ":scheme": "https", ":authority": authority, ":path": path}
        fields = [(name.encode(), value.encode()) for name, value in head.items()]
        self.http.send_headers(self._quic.get_next_available_stream_id(), fields, end_stream=True)
        self.transmit()
        return await self.answer


def get(port: int, path: str, authorities: Path) -> dict[bytes, bytes]:
    """The headers of the answer to a request over HTTP/3, with trailers where there are some."""

    async def ask() -> dict[bytes, bytes]:
        configuration = QuicConfiguration(alpn_protocols=H3_ALPN, verify_mode=ssl.CERT_REQUIRED)
        configuration.load_verify_locations(str(authorities))
        async with connect(
            "127.0.0.1", port, configuration=configuration, create_protocol=_Client
        ) as client:
            assert isinstance(client, _Client)
            return await client.ask(path, f"127.0.0.1:{port}")

    return asyncio.run(asyncio.wait_for(ask(), 30))
