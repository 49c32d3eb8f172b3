import h11

from asgitrace.server.defaults import SERVER_HEADER, DefaultHeaders
from asgitrace.server.responder import ResponseHeads


def test_heads_are_made_once_a_second() -> None:
    now = 0.0
    heads = ResponseHeads(DefaultHeaders(lambda: now))
    first = heads.get(200, [(b"a", b"1")], False)

    assert heads.get(200, ((b"a", b"1"),), False) is first
    assert heads.get(200, [(b"a", b"1")], True) is not first
    now = 1.5
    later = heads.get(200, [(b"a", b"1")], False)
    assert list(later.headers) == [
        (b"date", b"Thu, 01 Jan 1970 00:00:01 GMT"),
        SERVER_HEADER,
        (b"a", b"1"),
    ]


def test_few_heads_are_kept() -> None:
    heads = ResponseHeads(DefaultHeaders(lambda: 0.0))
    first = heads.get(200, [], False)
    for number in range(300):
        heads.get(200, [(b"n", b"%d" % number)], False)

    again = heads.get(200, [], False)
    assert isinstance(again, h11.Response)
    assert again is not first
