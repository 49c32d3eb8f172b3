"""The traffic that is played to the screen is what asgitrace would have recorded."""

from pathlib import Path

import pytest

from asgitrace.ring import RingMemory, RingReader, RingWriter
from asgitrace.store import Store
from asgitrace.store.model import State
from benchmarks.ui.feeder import Player
from benchmarks.ui.scene import record

_LENGTH = 1_000_000_000


@pytest.mark.parametrize("wire", [False, True])
def test_played_twice_it_is_twice_the_traffic(wire: bool, tmp_path: Path) -> None:
    scene = record(100, wire=wire)
    writer = RingWriter(RingMemory.create(tmp_path / "ring", 16 * 1024 * 1024))
    player = Player(scene, writer)
    for turn in range(2):
        due = list(player.play((turn + 1) * _LENGTH, _LENGTH))
        assert due == sorted(due)
        assert due[-1] <= _LENGTH
    reader = RingReader.open(tmp_path / "ring")
    store = Store()
    source = store.add_process(reader.layout.pid, reader.layout.anchor, "shop").source
    batch = reader.poll()
    store.take(source, batch)
    reader.close()
    writer.close(unlink=True)
    assert batch.count == player.events == 2 * len(scene.records)
    assert len(store.numbers) == 2 * scene.exchanges == 200
    assert not (store.state == State.OPEN).any()
    assert not store.dropped_total
    first, second = store.row(1, 0), store.row(101, 0)
    assert (first.method, first.path, first.status) == (second.method, second.path, second.status)
    assert second.started_ns - first.started_ns == _LENGTH
