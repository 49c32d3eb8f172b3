"""Which servers are compared."""

from collections.abc import Sequence

from asgitrace.errors import OptionError
from asgitrace.process.servers import SERVERS, find_server, is_installed
from asgitrace.versus.running import OWN


def choose(names: Sequence[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """The servers to run, the embedded one first, and those that are not installed with what
    installs them.

    Raises OptionError where one is named that is not there, or fewer than two can be compared.
    """
    for name in names:
        if name != OWN:
            find_server(name)
    wanted = names or (OWN, *SERVERS)
    chosen = [
        name for name in (OWN, *SERVERS)
        if name in wanted and (name == OWN or is_installed(SERVERS[name]))
    ]  # fmt: skip
    missing = [
        (kind.name, f"pip install {kind.package}")
        for kind in SERVERS.values()
        if not names and not is_installed(kind)
    ]
    if len(chosen) < 2:
        how = missing[0][1] if missing else f"add --server {OWN if chosen[0] != OWN else 'uvicorn'}"
        raise OptionError(f"There is only {chosen[0]}; a comparison needs another server: {how}.")
    return chosen, missing
