"""Segments that were read lately: packed ones as they can be read, and of all of them where the
records of an exchange are."""

from collections import OrderedDict
from typing import Final

from asgitrace.store.pieces import Index
from asgitrace.store.segment import Segment, Stretch

_INDEXES: Final = 4
"""So many are kept: who goes through many exchanges goes from one segment to the next."""

_INDEX_SHARE: Final = 8
"""One that takes more than an eighth of the limit is not kept."""


class Unpacked:
    """What was made of segments to read them, bounded by bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[Segment, Stretch] = OrderedDict()
        self._indexes: OrderedDict[Segment, Index] = OrderedDict()
        self.bytes_used = 0

    def read(self, segment: Segment) -> Stretch:
        """The records of a segment."""
        if not segment.packed:
            return segment.read()
        stretch = self._kept.get(segment)
        if stretch is not None:
            self._kept.move_to_end(segment)
            return stretch
        stretch = segment.read()
        if stretch.bytes_used <= self._limit:
            self._kept[segment] = stretch
            self.bytes_used += stretch.bytes_used
            self._bound()
        return stretch

    def index(self, segment: Segment) -> Index:
        """Where in a segment the records of each exchange are."""
        index = self._indexes.get(segment)
        if index is not None:
            self._indexes.move_to_end(segment)
            return index
        index = Index(self.read(segment))
        lasting = segment in self._kept or not segment.packed
        if lasting and index.bytes_used * _INDEX_SHARE <= self._limit:
            self._indexes[segment] = index
            self.bytes_used += index.bytes_used
            if len(self._indexes) > _INDEXES:
                self.bytes_used -= self._indexes.popitem(last=False)[1].bytes_used
            self._bound()
        return index

    def forget(self, segment: Segment) -> None:
        """Its records have changed, or are gone."""
        for kept in (self._kept, self._indexes):
            found = kept.pop(segment, None)
            if found is not None:
                self.bytes_used -= found.bytes_used

    def _bound(self) -> None:
        while self.bytes_used > self._limit:
            self.forget(next(iter(self._kept)))
