"""A recorder of the tests' own, between asgitrace and the app: what the app itself called, was
given and gave, with its own stamps. What a trace says is compared with it.

It shares no code with asgitrace, and keeps facts only: types, lengths, flags, numbers."""

import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

MODULE: Final = "FRAMEWORK_MODULE"
"""In the environment: the module in ``apps`` whose ``app`` is served."""
LOG: Final = "FRAMEWORK_LOG"
"""The file of the witness."""
LEGACY: Final = "FRAMEWORK_LEGACY"
"""Not empty where the app is of ASGI 2."""

Message = dict[str, Any]


class Witness:
    """An ASGI 3 app around another one, which is of ASGI 2 if it is ``legacy``.

    Each exchange is a line of the file, written when it has ended."""

    def __init__(self, app: Callable[..., Any], log: Path, *, legacy: bool = False) -> None:
        self._app = app
        self._legacy = legacy
        self._log = log.open("a")
        self._numbers = count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._log.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Call the app and note what it does."""
        number, events = next(self._numbers), [{"called": time.monotonic_ns(), **_facts(scope)}]
        given = partial(_receive, receive, events), partial(_send, send, events)
        error = ""
        try:
            if self._legacy:
                await self._app(scope)(*given)
            else:
                await self._app(scope, *given)
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            events.append({"called": time.monotonic_ns(), "kind": "end", "error": error})
            print(json.dumps([number, events]), file=self._log, flush=True)


def legacy_witness(app: Callable[..., Any], log: Path) -> Callable[[Message], Any]:
    """The same as an ASGI 2 double callable."""
    witness = Witness(app, log, legacy=True)

    def application(scope: Message) -> Any:
        return partial(witness, scope)

    return application


def _facts(scope: Message) -> Message:
    names = ("type", "http_version", "method", "path", "root_path", "scheme", "subprotocols")
    headers = [
        [name.decode("latin-1"), value.decode("latin-1")]
        for name, value in scope.get("headers", ())
    ]
    return {
        "kind": "scope",
        **{name: scope[name] for name in names if name in scope},
        "query_string": scope.get("query_string", b"").decode("latin-1"),
        "headers": headers,
    }


async def _receive(receive: Callable[[], Awaitable[Message]], events: list[Message]) -> Message:
    event: Message = {"kind": "receive", "called": time.monotonic_ns()}
    events.append(event)
    try:
        message = await receive()
        event |= _told(message)
    except BaseException as error:
        event["error"] = type(error).__name__
        raise
    finally:
        event["returned"] = time.monotonic_ns()
    return message


async def _send(
    send: Callable[[Message], Awaitable[None]], events: list[Message], message: Message
) -> None:
    event: Message = {"kind": "send", **_told(message), "called": time.monotonic_ns()}
    events.append(event)
    try:
        await send(message)
    except BaseException as error:
        event["error"] = type(error).__name__
        raise
    finally:
        event["returned"] = time.monotonic_ns()


def _told(message: Message) -> Message:
    text, data = message.get("text"), message.get("bytes")
    content = text.encode() if text is not None else data or message.get("body", b"")
    return {
        "type": message["type"],
        "size": len(content),
        "more": bool(message.get("more_body")),
        "text": text is not None,
        "number": int(message.get("status", message.get("code", 0)) or 0),
        "reason": message.get("reason") or "",
    }
