"""uvicorn with the traced app at one port and the bare one at another, in one process and with one
lifespan, that of the traced one: so both are in the same state.

uvicorn gets ``asgitrace.trace(app)`` itself and looks at it as ever; only what it then calls is
chosen by the port. The ports are printed once it listens."""

import json
import socket
from typing import Any

import uvicorn

import asgitrace
from tests.frameworks.witnessed import app, bare


def _loaded(application: Any) -> uvicorn.Config:
    config = uvicorn.Config(application, log_level="warning", lifespan="auto")
    config.load()
    return config


def main() -> None:
    """Serve until a signal comes."""
    config, plain = _loaded(asgitrace.trace(app)), _loaded(bare)
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    traced_port, bare_port = (listener.getsockname()[1] for listener in listeners)
    traced, untraced = config.loaded_app, plain.loaded_app

    async def chosen(scope: Any, receive: Any, send: Any) -> None:
        is_bare = scope["type"] != "lifespan" and scope["server"][1] == bare_port
        await (untraced if is_bare else traced)(scope, receive, send)

    config.loaded_app = chosen
    print(json.dumps({"traced": traced_port, "bare": bare_port}), flush=True)
    uvicorn.Server(config).run(sockets=listeners)


if __name__ == "__main__":
    main()
