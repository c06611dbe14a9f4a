"""Serves one OpenStack service with gunicorn: ``python serve.py MODULE FD``.

Runs in the servers' own Python. MODULE has the WSGI ``application``; FD is a loopback socket that
listens already, so that no other program can take the port first.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

SETTINGS = {
    "workers": 1,
    "worker_class": "gthread",
    "threads": 64,  # an upload, a download or a waiting import uses one until it ends
    "timeout": 120,
    "graceful_timeout": 2,
    "keepalive": 75,
    "limit_request_line": 0,  # a filter by many IDs makes a long line
    "control_socket_disable": True,
}


def let_writers_wait() -> None:
    """Makes oslo.db's sessions for writing begin as writers, so that they wait for each other.

    An sqlite transaction that begins as a reader and then writes gets "database is locked" at once,
    whatever the timeout, when another one wrote meanwhile; one that begins with BEGIN IMMEDIATE
    waits.
    """
    # Not imported before the service: Nova must be the first to choose between threads and
    # eventlet.
    from oslo_db.sqlalchemy import enginefacade  # type: ignore[import-not-found]
    from sqlalchemy import event  # type: ignore[import-not-found]
    from sqlalchemy.orm import Session  # type: ignore[import-not-found]

    factory = enginefacade._TransactionFactory
    create = factory._create_session

    def create_session(self: Any, mode: Any, bind: Any = None) -> Any:
        session = create(self, mode=mode, bind=bind)
        session.info["writes"] = mode is enginefacade._WRITER
        return session

    factory._create_session = create_session
    event.listen(Session, "after_begin", _begin_as_writer)


def _begin_as_writer(session: Any, transaction: Any, connection: Any) -> None:
    if (
        session.info.get("writes")
        and not transaction.nested
        and connection.dialect.name == "sqlite"
    ):
        connection.exec_driver_sql(
            "ROLLBACK"
        )  # ends the reader's BEGIN, which oslo.db has just sent
        connection.exec_driver_sql("BEGIN IMMEDIATE")


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with one service, configured by values instead of a command line."""

    def __init__(self, module: str, descriptor: int) -> None:
        self.module = module
        self.descriptor = descriptor
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in {**SETTINGS, "bind": f"fd://{self.descriptor}"}.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called by gunicorn in the worker, where the service's threads must start."""
        application = importlib.import_module(self.module).application
        let_writers_wait()
        return application


if __name__ == "__main__":
    name, number = sys.argv[1], int(sys.argv[2])
    del sys.argv[1:]  # Keystone and Nova would read the command line
    os.umask(0o077)
    Server(name, number).run()
