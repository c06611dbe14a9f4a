"""Plug-in: which tests are live, and how several processes share the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

LIVE = Path(__file__).parent.parent / "live"
WITH_NOVA = LIVE / "nova"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks the tests in the folder live, and puts them after all others.

    Coverage leaves them out (no_cover, of pytest-cov): it says what the quick tests reach.
    """
    for item in items:
        if LIVE in item.path.parents:
            item.add_marker("live")
            item.add_marker("no_cover")
    items.sort(key=lambda item: item.get_closest_marker("live") is not None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hands out tests file by file; each process starts one sandbox for its live files.

    Nova takes long to start: one process gets all tests that need it.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            if WITH_NOVA in (config.rootpath / file).parents:
                return str(WITH_NOVA)
            return file

    return ByFile(config, log)
