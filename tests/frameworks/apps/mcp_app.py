"""The MCP SDK's server over streamable HTTP, with a tool that reports its progress."""

from mcp.server.mcpserver import Context, MCPServer
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

server = MCPServer("matrix")


@server.tool()
async def greet(name: str) -> str:
    """A greeting."""
    return f"hello {name}"


@server.tool()
async def count(limit: int, context: Context) -> str:
    """Count, and tell how far it is."""
    for number in range(limit):
        await context.report_progress(number + 1, limit, f"at {number}")
    return f"counted to {limit}"


@server.tool()
async def fail() -> str:
    """A tool that raises."""
    raise RuntimeError("the tool raised")


@server.custom_route("/started", methods=["GET"])
async def started(request: Request) -> Response:
    """Start-up made the sessions' manager run; without it, no tool could be called."""
    return PlainTextResponse("yes\n")


app = server.streamable_http_app()
