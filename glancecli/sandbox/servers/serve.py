"""Serve one OpenStack service with gunicorn: ``python serve.py MODULE FD``. Runs in the servers'
own Python.

MODULE has the WSGI ``application``; FD is a loopback socket that is listening already, so that no
port can be lost between choosing it and using it.
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
    "threads": 64,  # an upload, a download or a waiting import holds one as long as it lasts
    "timeout": 120,
    "graceful_timeout": 2,
    "keepalive": 75,
    "limit_request_line": 0,  # as long as a list of IDs to filter by may be
    "control_socket_disable": True,
}


def let_writers_wait() -> None:
    """Make the sessions that oslo.db opens for writing begin as writers, so that they wait for each
    other.

    A sqlite transaction that begins as a reader and then writes gets "database is locked" at once
    when somebody else wrote meanwhile, whatever the timeout; one that begins with BEGIN IMMEDIATE
    waits.
    """
    # Not before the service itself: Nova wants to be the first to choose between threads and
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
    """gunicorn with one service, set up by values and not by a command line."""

    def __init__(self, module: str, descriptor: int) -> None:
        self.module = module
        self.descriptor = descriptor
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in {**SETTINGS, "bind": f"fd://{self.descriptor}"}.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called by gunicorn in the worker, so that the service's threads start there."""
        application = importlib.import_module(self.module).application
        let_writers_wait()
        return application


if __name__ == "__main__":
    name, number = sys.argv[1], int(sys.argv[2])
    del sys.argv[1:]  # Keystone and Nova take the command line for their own
    os.umask(0o077)
    Server(name, number).run()
