"""What the app was called with, and what it answered: scope, headers, cookies, query, trailers."""

from asgitrace.views.headers.answers import Answers
from asgitrace.views.headers.request import request_fields
from asgitrace.views.headers.scope import connection_fields, scope_fields

__all__ = ["Answers", "connection_fields", "request_fields", "scope_fields"]
