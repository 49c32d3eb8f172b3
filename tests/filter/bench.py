"""A store beside the naive reading of it."""

from dataclasses import dataclass, field

from asgitrace.filter.syntax import Node
from asgitrace.store import Store
from tests.filter.naive import holds
from tests.filter.naive_fields import World
from tests.store.playbook import ANCHOR


@dataclass
class Bench:
    """A store, and what the naive reading says of its rows."""

    store: Store = field(default_factory=lambda: Store(1 << 20))
    now: int = 0
    fresh: bool = True

    def __post_init__(self) -> None:
        if self.fresh:
            self.store.add_process(42, ANCHOR, "shop:app")

    def world(self, number: int) -> World:
        row = self.store.row(number, self.now)
        return World(
            row, self.store.peek(number, self.now), self.now, row.started_ns - ANCHOR.wall(0), 0,
            self.store.annotations.of(number), self.store.logs,
        )  # fmt: skip

    def expected(self, node: Node) -> list[int]:
        numbers = self.store.numbers.tolist()
        return [number for number in numbers if holds(node, self.world(number))]
