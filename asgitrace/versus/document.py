"""A comparison as JSON, for programs."""

from typing import Any

from asgitrace.versus.facts import NOTHING, UNKNOWN
from asgitrace.versus.result import Result


def document(result: Result, *, everything: bool) -> dict[str, Any]:
    """The comparison: what differs, or everything. A value is null where a server has none,
    or where there was no occasion to see it."""
    servers = result.servers
    return {
        "target": result.target,
        "servers": dict(zip(servers, result.versions, strict=True)),
        "exchanges": result.exchanges,
        "facts": [
            {
                "part": row.name.part,
                "name": row.name.name,
                "exchanges": row.plays,
                "differs": row.differs,
                "values": {
                    server: None if value in (NOTHING, UNKNOWN) else value
                    for server, value in zip(servers, row.values, strict=True)
                },
            }
            for row in result.rows
            if everything or row.differs
        ],
        "timing": {
            server: {"app_ns": timing.app, "client_ns": timing.client}
            for server, timing in zip(servers, result.timing, strict=bool(result.timing))
        },
        "did_not_run": dict(result.failures),
        "not_installed": dict(result.missing),
    }
