"""A real Keystone and Glance (and Nova, on request) on loopback, for trying out and for tests/live.

This module imports almost nothing: every command whose cloud is not found elsewhere asks it for
``clouds_file``. The work is in ``glancecli.sandbox.control``: ``up``, ``status``, ``env`` and
``down``.
"""

from glancecli.sandbox.paths import clouds_file, home

__all__ = ["clouds_file", "home"]
