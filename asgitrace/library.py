"""Traces for programs: what ``asgitrace.load`` gives."""
