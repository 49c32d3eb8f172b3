"""Run by mitmproxy's own Python: ``python flows.py FILE COUNT`` writes a file of so many flows, of
requests like those of the screen's benchmark. It imports nothing of ours."""

import sys
from importlib import import_module
from typing import Final

_BODY: Final = (
    b'{"items": [' + b", ".join(b'{"id": %d, "name": "thing"}' % n for n in range(8)) + b"]}"
)
_SPACING: Final = 0.0002
_START: Final = 1_767_225_600


def main() -> None:
    """One in a hundred fails with 503."""
    # By name, as it is not installed where ours is.
    http, io = import_module("mitmproxy.http"), import_module("mitmproxy.io")
    flows = import_module("mitmproxy.test.tflow")
    path, count = sys.argv[1], int(sys.argv[2])
    with open(path, "wb") as file:
        writer = io.FlowWriter(file)
        for number in range(count):
            url = f"http://127.0.0.1:8000/api/items/{number % 60}?page={number % 7}&size=20"
            request = http.Request.make("GET", url, headers={"accept": "application/json"})
            status = 503 if number % 100 == 99 else 200
            response = http.Response.make(status, _BODY, {"content-type": "application/json"})
            flow = flows.tflow(req=request, resp=response)
            flow.id = str(number)
            flow.timestamp_created = flow.request.timestamp_start = _START + number * _SPACING
            writer.add(flow)


if __name__ == "__main__":
    main()
