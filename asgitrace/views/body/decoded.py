"""A body with its content encoding undone, as far as that is possible."""

from typing import Final

from asgitrace.views.body.bodies import Body, Run
from asgitrace.views.body.encodings import Decoding, codings_of
from asgitrace.views.body.inflate import Damaged, Missing
from asgitrace.views.body.media import media_type
from asgitrace.views.body.model import SAMPLE_SIZE, Sample

_STEP: Final = 256 * 1024
"""Encoded bytes that are handed on at a time."""


class Decoded:
    """What is shown of a body: its bytes as the app meant them, or as they were sent.

    Args:
        body: it may grow.
        as_sent: leave the encoding as it is.
    """

    def __init__(self, body: Body, *, as_sent: bool = False) -> None:
        self.body = body
        self.fault = ""
        """Why the encoding could not be undone, or not to the end."""
        self.codings = codings_of(body.encoding)
        self.as_sent = as_sent
        self._run = Run(0)
        self._fed = 0
        self._decoding: Decoding | None = None
        self._begin()
        self.work()

    def _begin(self) -> None:
        if self.as_sent or not self.codings:
            return
        if self.body.runs and self.body.runs[0].offset:
            self.fault = "cannot be decoded: its start was not recorded"
            return
        try:
            self._decoding = Decoding(self.body.encoding)
        except (Damaged, Missing) as error:
            self.fault = f"content-encoding: {error}"

    @property
    def undone(self) -> bool:
        """What is seen was decoded; otherwise it is as it was sent."""
        return self._decoding is not None

    @property
    def runs(self) -> list[Run]:
        """The bytes, with gaps between the runs."""
        if self._decoding is None:
            return self.body.runs
        return [self._run] if self._run.data else []

    @property
    def size(self) -> int:
        """Bytes so far; with gaps, where they are not encoded."""
        return self.body.size if self._decoding is None else len(self._run.data)

    @property
    def ended(self) -> bool:
        """No more comes."""
        return self.body.ended if self._decoding is None else self._decoding.done

    @property
    def missing(self) -> int:
        """Bytes that are known to be missing at its end."""
        if self._decoding is not None:
            return 0
        runs = self.body.runs
        return self.body.size - (runs[-1].end if runs else 0)

    @property
    def whole(self) -> bool:
        """Nothing is missing so far."""
        body = self.body
        return not (self.fault or body.missed or body.recorded < body.size)

    @property
    def complete(self) -> bool:
        """All of the body is there, decoded where it was encoded."""
        return self.whole and self.body.finished and self.ended

    def work(self) -> bool:
        """Decode the next slice; True if something changed."""
        decoding = self._decoding
        if decoding is None or self.ended:
            return False
        body = self.body
        gap = len(body.runs) > 1 or body.recorded < body.size
        if body.runs and decoding.idle:
            run = body.runs[0]
            data = bytes(memoryview(run.data)[self._fed : self._fed + _STEP])
            self._fed += len(data)
            decoding.feed(data, final=self._fed == len(run.data) and (body.ended or gap))
        elif body.ended and not body.runs:
            decoding.feed(b"", final=True)
        found = decoding.work()
        self._run.data += found
        if decoding.done:
            self._end(decoding, gap)
        return bool(found) or decoding.done or not decoding.idle or self._waiting

    @property
    def _waiting(self) -> bool:
        return bool(self.body.runs) and self._fed < len(self.body.runs[0].data)

    def _end(self, decoding: Decoding, gap: bool) -> None:
        self.fault = decoding.fault
        if gap and not decoding.stopped:
            lost = self.body.size - self._fed
            self.fault = f"not recorded from here on: {lost:,} encoded bytes cannot be decoded"
        if not self._run.data and self.fault:
            # It may not have been encoded at all; at least it is seen.
            self._decoding = None

    def sample(self) -> Sample:
        """What a renderer is chosen by."""
        body = self.body
        kind, parameters = media_type(body.content_type)
        if self.codings and not self.undone:
            kind = ""
        runs = self.runs
        return Sample(
            start=bytes(memoryview(runs[0].data)[:SAMPLE_SIZE]) if runs else b"",
            media_type=kind,
            parameters=parameters,
            size=self.size,
            whole=self.whole,
            ended=self.ended,
            text=body.text,
            request=body.request,
            target=body.target,
            offset=runs[0].offset if runs else 0,
        )
