"""The budgets of asgitrace, measured side by side: ``python -m benchmarks``."""
