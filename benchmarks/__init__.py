"""Benchmarks: a module each with `run() -> dict`, against a named peer. script/bench NAME."""
