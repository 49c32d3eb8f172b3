"""One framework of the matrix: both servers run, visited, and judged feature by feature."""

import contextlib
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.frameworks.clients import RAISE, Visit, visit
from tests.frameworks.events import check_all
from tests.frameworks.expected import CHECKS, check_no_lifespan
from tests.frameworks.features import Feature, Framework
from tests.frameworks.hosts import Embedded, Recorded, Uvicorn

EMBEDDED: Final = "embedded"
UVICORN: Final = "uvicorn"
SERVERS: Final = (EMBEDDED, UVICORN)


@dataclass(slots=True)
class Result:
    """What came of one framework."""

    works: dict[str, list[str]] = field(default_factory=lambda: {server: [] for server in SERVERS})
    """The features that passed, by the server."""
    failures: list[str] = field(default_factory=list)
    """What failed, with server, feature and where."""

    @contextlib.contextmanager
    def judged(self, label: str) -> Iterator[None]:
        """Note a failure instead of raising it, so that the others are judged too."""
        try:
            yield
        except Exception:
            self.failures.append(f"{label}\n{traceback.format_exc()}")


def run(framework: Framework, folder: Path) -> Result:
    """Start both, visit the embedded, the traced and the bare one, and judge what was recorded."""
    embedded, uvicorn = Embedded(framework, folder / EMBEDDED), Uvicorn(framework, folder / UVICORN)
    try:
        own = visit(framework, embedded.port())
        ports = uvicorn.ports()
        traced = visit(framework, ports[0])
        uvicorn.attach()
        bare = visit(framework, ports[1])
        recorded = embedded.finish(), uvicorn.finish()
    except BaseException as error:
        error.add_note(f"embedded: {embedded.output}\nuvicorn: {uvicorn.output}")
        raise
    finally:
        embedded.kill()
        uvicorn.kill()
    result = Result()
    with result.judged("uvicorn, to the byte"):
        assert traced.bytes == bare.bytes
    _judge(result, framework, EMBEDDED, recorded[0], own, bare)
    _judge(result, framework, UVICORN, recorded[1], traced, bare)
    return result


def _judge(
    result: Result,
    framework: Framework,
    server: str,
    recorded: Recorded,
    seen: Visit,
    bare: Visit,
) -> None:
    with result.judged(f"{server}, every event"):
        check_all(recorded)
    with result.judged(f"{server}, as the bare app"):
        _check_same(seen, bare, alike=server == UVICORN)
    if Feature.LIFESPAN not in framework.features:
        with result.judged(f"{server}, no lifespan"):
            check_no_lifespan(framework, recorded.trace)
    for feature in Feature:
        if feature in framework.features:
            before = len(result.failures)
            with result.judged(f"{server}, {feature}"):
                CHECKS[feature](framework, seen, recorded.trace)
            if len(result.failures) == before:
                result.works[server].append(feature)


def _check_same(seen: Visit, bare: Visit, *, alike: bool) -> None:
    """Whatever the client saw is what it saw of the bare app. Under ``alike`` servers that is all;
    what is said when an app raises, another server says in its own words."""
    for path, answer in seen.answers.items():
        other = bare.answers[path]
        if path == RAISE and not alike:
            assert answer.status == other.status
        else:
            assert answer == other
    assert seen.own == bare.own
    for name, session in seen.sessions.items():
        other_session = bare.sessions[name]
        assert session.heard == other_session.heard
        assert session.subprotocol == other_session.subprotocol
        if name != "raise" or alike:
            assert (session.code, session.reason) == (other_session.code, other_session.reason)
