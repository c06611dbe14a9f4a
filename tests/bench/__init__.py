"""The benchmark: ``python -m tests.bench`` (docs/benchmarks.md explains it)."""
