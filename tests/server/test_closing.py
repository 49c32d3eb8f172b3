from asgitrace.server.closing import close_payload, parse_close


def test_there_and_back() -> None:
    assert parse_close(close_payload(4000, "tschüß")) == (4000, "tschüß")
    assert parse_close(close_payload(1005, "")) == (1005, "")


def test_a_reason_is_cut_between_two_characters() -> None:
    payload = close_payload(1000, "x" + "ä" * 100)
    assert len(payload) == 2 + 123
    assert parse_close(payload) == (1000, "x" + "ä" * 61)
    assert parse_close(close_payload(1000, "ä" * 62)) == (1000, "ä" * 61)
