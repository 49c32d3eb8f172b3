"""Reading a trace file without asgitrace, by its published description and schema alone."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

Line = dict[str, Any]


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(files("asgitrace.export").joinpath("trace.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def content(value: Any) -> bytes:
    """Bytes as FORMAT.md has them: UTF-8 as a string, all else as base64."""
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value.encode()


@dataclass(frozen=True)
class Exchange:
    """One call of the app, as recorded."""

    process: int
    events: list[Line]

    @property
    def number(self) -> int:
        """Its number in its process."""
        return int(self.events[0]["exchange"])

    @property
    def scope(self) -> Line:
        scope: Line = self.events[0]["scope"]
        return scope

    @property
    def path(self) -> str:
        return str(self.scope.get("path", ""))

    @property
    def story(self) -> list[str]:
        """What happened, in the order in which it was over: types of messages, the end."""
        return [str(event.get("type", event["event"])) for event in self.done()]

    def done(self) -> Iterator[Line]:
        """All events but calls that were pending then."""
        return (event for event in self.events if event["phase"] != "called")

    def of(self, kind: str) -> list[Line]:
        """The completed events with a message of this type."""
        return [event for event in self.done() if event.get("type") == kind]

    @property
    def pending(self) -> list[Line]:
        """Calls that were made and never returned."""
        returned = {event["call"] for event in self.events if event["phase"] == "returned"}
        return [
            event
            for event in self.events
            if event["phase"] == "called" and event["call"] not in returned
        ]

    @property
    def status(self) -> int:
        status: int = self.of("http.response.start")[0]["number"]
        return status

    @property
    def request_body(self) -> bytes:
        return self._body("http.request")

    @property
    def response_body(self) -> bytes:
        return self._body("http.response.body")

    def _body(self, kind: str) -> bytes:
        parts = [content(event["message"].get("body", "")) for event in self.of(kind)]
        assert [len(part) for part in parts] == [event.get("size", 0) for event in self.of(kind)]
        return b"".join(parts)

    @property
    def heard(self) -> list[str | bytes]:
        return self._said("websocket.receive")

    @property
    def sent(self) -> list[str | bytes]:
        return self._said("websocket.send")

    def _said(self, kind: str) -> list[str | bytes]:
        messages = [event["message"] for event in self.of(kind)]
        return [
            message["text"] if message.get("text") is not None else content(message["bytes"])
            for message in messages
        ]

    @property
    def exception(self) -> Line:
        """What the app raised."""
        assert self.events[-1]["event"] == "raise"
        exception: Line = self.events[-1]["exception"]
        return exception

    @property
    def after_ns(self) -> int:
        """From the last byte of the response to the app's return."""
        last = self.of("http.response.body")[-1]
        return int(self.events[-1]["called_ns"] - last["returned_ns"])


@dataclass(frozen=True)
class Trace:
    """A whole trace file."""

    lines: list[Line]

    @staticmethod
    def lines_of(path: Path) -> list[Line]:
        return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]

    @classmethod
    def load(cls, path: Path) -> "Trace":
        return cls.check(cls.lines_of(path))

    @classmethod
    def check(cls, lines: list[Line]) -> "Trace":
        """A trace whose lines fit the schema and each other."""
        validator = _validator()
        for line in lines:
            validator.validate(line)
        trace = cls(lines)
        assert [line["line"] for line in lines].count("trace") == 1
        assert lines[0]["line"] == "trace"
        for number in range(len(trace.of("process"))):
            trace._check_process(number)
        if not trace.of("missed"):
            for exchange in trace.exchanges():
                _check_exchange(exchange)
        return trace

    def _check_process(self, number: int) -> None:
        kinds = [line["line"] for line in self.lines if line.get("process") == number]
        assert kinds.count("process") == 1
        assert not {"event", "wire"} & set(kinds[: kinds.index("process")])
        records = [line for line in self.lines if line["line"] in ("event", "wire")]
        mine = [line for line in records if line["process"] == number]
        sequences = [line["sequence"] for line in mine]
        missed = sum(line["count"] for line in self.of("missed") if line["process"] == number)
        assert sequences == sorted(set(sequences))
        # Samples of the loop are records too, but their lines do not tell the number.
        loops = sum(line["process"] == number for line in self.of("loop"))
        if sequences:
            known = len(sequences) + missed
            assert known <= sequences[-1] + 1 <= known + loops

    def of(self, kind: str) -> list[Line]:
        """The lines of one kind."""
        return [line for line in self.lines if line["line"] == kind]

    def exchanges(self, path: str | None = None) -> list[Exchange]:
        """All exchanges, or those with this path, in the order in which they began."""
        found: dict[tuple[int, int], list[Line]] = {}
        for event in self.of("event"):
            found.setdefault((event["process"], event["exchange"]), []).append(event)
        exchanges = [Exchange(process, events) for (process, _), events in found.items()]
        return [one for one in exchanges if path is None or one.path == path]

    def exchange(self, path: str) -> Exchange:
        """The one exchange with this path."""
        (found,) = self.exchanges(path)
        return found

    def wire(self, *, exchange: int = 0, connection: int | None = None) -> list[Line]:
        """What happened on the wire, of one exchange or of a connection alone."""
        return [
            line
            for line in self.of("wire")
            if line.get("exchange", 0) == exchange
            if connection is None or line["connection"] == connection
        ]

    @property
    def lifespans(self) -> list[Exchange]:
        return [one for one in self.exchanges() if one.scope["type"] == "lifespan"]

    @property
    def log(self) -> list[str]:
        """What the processes printed."""
        return [line["text"] for line in self.of("log")]

    @property
    def notes(self) -> list[str]:
        """What happened to the processes."""
        return [line["text"] for line in self.of("note")]


def _check_exchange(exchange: Exchange) -> None:
    """Scope first, the end last; calls numbered from 1; both stamps in order."""
    kinds = [event["event"] for event in exchange.events]
    assert kinds[0] == "scope"
    assert not {"scope", "return", "raise"} & set(kinds[1:-1])
    called: dict[int, Line] = {}
    for event in exchange.events:
        assert exchange.events[0]["called_ns"] <= event["called_ns"]
        if event["phase"] == "called":
            assert event["returned_ns"] is None
            called[event["call"]] = event
            continue
        assert event["called_ns"] <= event["returned_ns"]
        if event["phase"] == "returned":
            assert called[event["call"]]["called_ns"] == event["called_ns"]
    calls = [event["call"] for event in exchange.events if "call" in event]
    assert sorted(set(calls)) == list(range(1, len(set(calls)) + 1))
