"""Traces for programs: ``asgitrace.load("trace.jsonl")``.

    trace = asgitrace.load("trace.jsonl")
    for exchange in trace.filter("status=5xx or dur>1s"):
        print(exchange.number, exchange.method, exchange.path, exchange.duration_ns / 1e6)
        for event in exchange.events:
            print(event.kind.name, event.content())

Everything is looked up when it is asked for; messages are decoded when their events are looked at.
"""

from asgitrace.library.exchange import Holder, LoadedExchange
from asgitrace.library.trace import LoadedTrace, load

__all__ = ["Holder", "LoadedExchange", "LoadedTrace", "load"]
