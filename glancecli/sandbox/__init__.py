"""A real Keystone and Glance (and Nova, on request) on loopback, for trying out and for tests/live.

Importing this costs next to nothing: ``clouds_file`` is asked on every command whose cloud is not
found elsewhere. The work is in ``glancecli.sandbox.control``: ``up``, ``status``, ``env`` and
``down``.
"""

from glancecli.sandbox.paths import clouds_file, home

__all__ = ["clouds_file", "home"]
