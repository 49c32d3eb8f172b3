"""Traces as files: JSON Lines, one object a line, pleasant to ``jq`` and without loss.

Every line says in ``line`` what it is:

========  ===================================================================================
trace     the first line: version of the format, of the release, time of creation
process   a process that recorded, and how its monotonic clock relates to wall time
exchange  a row of the list: its number, and what the user noted on it
event     one record: a scope, a receive or send, the application's return or exception
wire      one record of what happened on a connection
missed    a gap: records overwritten before they were read
loop      how late the server's event loop was
log       a line the process wrote
note      a process started, failed or ended
========  ===================================================================================

``FORMAT.md`` beside this file describes them; ``trace.schema.json`` is their JSON Schema, generated
from the types in ``lines``. Reading gives back the very records that were written; only their
positions in the ring and the checksums that cover those are new.
"""

from asgitrace.export.base import Exporter, Introduction, Note, export_batch
from asgitrace.export.files import TraceFileWriter, create_trace, default_name, open_trace
from asgitrace.export.jsonl import JsonLinesWriter
from asgitrace.export.lines import FORMAT
from asgitrace.export.load import Missed, SourceRecord, TraceInfo, TraceReader
from asgitrace.export.slices import Slice, SourceBatch

__all__ = [
    "FORMAT",
    "Exporter",
    "Introduction",
    "JsonLinesWriter",
    "Missed",
    "Note",
    "Slice",
    "SourceBatch",
    "SourceRecord",
    "TraceFileWriter",
    "TraceInfo",
    "TraceReader",
    "create_trace",
    "default_name",
    "export_batch",
    "open_trace",
]
