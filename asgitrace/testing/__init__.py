"""asgitrace in tests: the pytest plugin with its fixtures.

Nothing is imported here, nor by the plugin, until a fixture is used: every run of pytest loads it
where asgitrace is installed.
"""
