"""RFC 9110 sections 5 and 6: fields, dates, trailers."""

import re
import time
from typing import Final

from tests.server.requirements.bench import Bench
from tests.server.requirements.http_checks import answered, chunked, get, post, refused, seen
from tests.server.requirements.model import Check, Level, Requirement, rows

must = rows(9110, Level.MUST)
should = rows(9110, Level.SHOULD)
ours = rows(9110, Level.OURS)


def dated(path: bytes, status: int) -> Check:
    """A response has one Date, now, in the one format."""

    def check(bench: Bench) -> None:
        with bench.connect() as peer:
            peer.send(get(path))
            reply = peer.reply()
        assert reply.status == status
        date = reply.get("date")
        assert IMF_FIXDATE.fullmatch(date)
        when = time.mktime(time.strptime(date, "%a, %d %b %Y %H:%M:%S GMT")) - time.timezone
        assert abs(when - time.time()) < 60

    return check


def error_dated(bench: Bench) -> None:
    """The server's own responses have a Date too."""
    with bench.connect() as peer:
        peer.send(get(b"/", b"X : y"))
        assert IMF_FIXDATE.fullmatch(peer.reply().get("date"))


def cookies(bench: Bench) -> None:
    """Two cookies of the app."""
    with bench.connect() as peer:
        peer.send(get(b"/cookies"))
        assert peer.reply().all("set-cookie") == ["a=1", "b=2"]


def told(*fields: bytes) -> bytes:
    """A request whose scope comes back."""
    return get(b"/scope", *fields)


IMF_FIXDATE = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"\d{4} \d\d:\d\d:\d\d GMT"
)


FIELDS: Final[tuple[Requirement, ...]] = (
    must(
        "5.1",
        "names",
        "Field names have no case; ASGI has them in lower case.",
        seen(told(b"X-NaMe: a"), header_x_name=["a"]),
    ),
    must(
        "5.3",
        "order",
        "Lines with the same name keep their order.",
        seen(told(b"X: 1", b"Y: 2", b"X: 3"), header_x=["1", "3"]),
    ),
    must("5.3", "cookies", "The app's Set-Cookie lines stay apart.", cookies),
    must(
        "5.4",
        "long-value",
        "A field longer than the limit is refused with a 4xx.",
        refused(get(b"/", b"X: " + b"a" * 200_000), 431),
    ),
    must(
        "5.4", "long-name", "Its name too.", refused(get(b"/", b"X" * 200_000 + b": a"), 400, 431)
    ),
    must(
        "5.4",
        "many",
        "So is a head with too many lines.",
        refused(get(b"/", *(b"X-%d: a" % number for number in range(10_000))), 431),
    ),
    ours(
        "5.4",
        "decent",
        "8 kB in one field are understood.",
        answered(get(b"/", b"X: " + b"a" * 8000)),
    ),
    *(
        must(
            "5.5",
            f"control-{byte:02x}",
            f"The control character {byte:#04x} is in no value.",
            refused(get(b"/", b"X: a" + bytes([byte]) + b"b")),
        )
        for byte in (0x00, 0x01, 0x07, 0x08, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F)
    ),
    must("5.5", "tab", "A tab is.", seen(told(b"X: a\tb"), header_x=["a\tb"])),
    should(
        "5.5",
        "obs-text",
        "Bytes above 7F are opaque.",
        seen(told(b"X: \x80\xff"), header_x=["\x80\xff"]),
    ),
    must(
        "5.6.1",
        "empty-elements",
        "Empty elements of a list are ignored: in Connection.",
        answered(get(b"/", b"Connection: , ,close,"), closes=True),
    ),
    must(
        "5.6.1",
        "empty-coding",
        "And in Transfer-Encoding.",
        answered(
            post(b"Transfer-Encoding: , chunked,", body=b"2\r\nok\r\n0\r\n\r\n"),
            b"ok",
            method="POST",
        ),
    ),
    must("5.6.7", "date-format", "A date has the preferred format.", dated(b"/", 200)),
    must("6.6.1", "date", "A 4xx has a Date.", error_dated),
    must("6.6.1", "date-204", "A 204 too.", dated(b"/204", 204)),
    must(
        "6.6.1",
        "date-of-app",
        "The app's own Date is not doubled.",
        answered(get(b"/dated"), date="Sun, 06 Nov 1994 08:49:37 GMT", server="me"),
    ),
    must(
        "6.5.1",
        "trailers",
        "Trailers are not merged into the header.",
        seen(chunked(b"0\r\nAuthorization: me\r\n\r\n", b"/scope"), header_authorization=[]),
    ),
    ours(
        "10.2.4",
        "server",
        "Server names the software, without a version.",
        answered(get(), server="asgitrace"),
    ),
)


REQUIREMENTS: Final = FIELDS
