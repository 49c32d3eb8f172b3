"""Which exchanges count as errors, said in one place for the list, the jumps and the filter."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from asgitrace.filter.model import Mask
from asgitrace.store.model import Row, RowKind, State
from asgitrace.wire import CALM_CLOSE_CODES

if TYPE_CHECKING:
    from asgitrace.store.listing import Listing

FAILED_STATES: Final = frozenset((State.RAISED, State.LOST, State.REFUSED))
"""The app raised, its process ended, or the server had to refuse the request."""

_SERVER_ERROR: Final = 500
_CALM: Final = sorted(CALM_CLOSE_CODES)
_FAILED: Final = sorted(FAILED_STATES)


def failed(listing: "Listing") -> Mask:
    """The rows that count as errors: the app raised, the process was lost, the request was
    refused, the status is 5xx, or a WebSocket ended with a code that tells of trouble. A WebSocket
    that the app did not accept goes by the status of its answer."""
    return failures(listing.kind, listing.state, listing.status)


def failures(kind: npt.NDArray[Any], state: npt.NDArray[Any], status: npt.NDArray[Any]) -> Mask:
    """The same of some rows, given by these columns."""
    found = np.isin(state, _FAILED)
    session = kind == RowKind.WEBSOCKET
    bad = (status >= _SERVER_ERROR) & ((kind == RowKind.HTTP) | session)
    found |= bad & ~(session & np.isin(status, _CALM))
    return found


def is_failed(row: Row) -> bool:
    """The same of one row."""
    if row.state in FAILED_STATES:
        return True
    if row.status < _SERVER_ERROR:
        return False
    calm = row.status in CALM_CLOSE_CODES
    return row.kind is RowKind.HTTP or (row.kind is RowKind.WEBSOCKET and not calm)
