"""The configuration files of the services, as text made from folder, ports and passwords."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

REGION = "RegionOne"

Options = Mapping[str, Mapping[str, object]]


class Site(NamedTuple):
    """What services need to know of each other: the folder, a port by name, a password by user."""

    home: Path
    ports: Mapping[str, int]
    passwords: Mapping[str, str]

    def url(self, service: str) -> str:
        """The root URL of a service."""
        return f"http://127.0.0.1:{self.ports[service]}"

    def config_folder(self, service: str) -> Path:
        """Where the configuration of a service is."""
        return self.home / "etc" / service

    def log(self, name: str) -> Path:
        """Where a service or a set-up program writes its log."""
        return self.home / "logs" / f"{name}.log"

    def database(self, name: str) -> dict[str, object]:
        """The section that names a sqlite file. Its loss in a power cut is no loss, so nothing is
        synced.
        """
        path = self.home / "db" / f"{name}.sqlite"
        return {"connection": f"sqlite:///{path}?timeout=60", "sqlite_synchronous": False}

    def service_login(self) -> dict[str, object]:
        """How a service logs in to Keystone, as keystoneauth's options."""
        return {
            "auth_type": "password",
            "auth_url": self.url("keystone"),
            "username": "service",
            "password": self.passwords["service"],
            "project_name": "service",
            "user_domain_id": "default",
            "project_domain_id": "default",
            "region_name": REGION,
        }

    def token_check(self) -> dict[str, object]:
        """The section of keystonemiddleware. It trusts a token for a second, so a revoked one is
        refused.
        """
        return {
            **self.service_login(),
            "www_authenticate_uri": self.url("keystone"),
            "service_token_roles_required": True,
            "token_cache_time": 1,
        }


def keystone(site: Site) -> dict[str, str]:
    """keystone.conf."""
    folder = site.config_folder("keystone")
    options: Options = {
        "DEFAULT": {"log_options": False},
        "database": site.database("keystone"),
        "cache": {"enabled": True, "backend": "oslo_cache.dict"},
        "identity": {"password_hash_rounds": 4},
        "fernet_tokens": {"key_repository": folder / "fernet"},
        "fernet_receipts": {"key_repository": folder / "fernet"},
        "credential": {"key_repository": folder / "credential"},
    }
    return {"keystone.conf": _ini(options)}


def glance(site: Site) -> dict[str, str]:
    """glance-api.conf: two file stores, one for HTTP locations, every way of importing."""
    images = site.home / "images"
    packaged = site.home / "venv" / "etc" / "glance"
    options: Options = {
        "DEFAULT": {
            "enabled_backends": "fast:file, slow:file, http:http",
            "enabled_import_methods": "[glance-direct,web-download,copy-image,glance-download]",
            "show_image_direct_url": True,
            "show_multiple_locations": True,
            "do_secure_hash": True,
            "http_retries": 3,
            "worker_self_reference_url": site.url("glance"),
            "image_cache_dir": images / "cache",
            "metadata_source_path": packaged / "metadefs",
            "node_staging_uri": f"file://{images / 'staging'}",
        },
        "database": site.database("glance"),
        "keystone_authtoken": site.token_check(),
        "paste_deploy": {
            "flavor": "keystone+cachemanagement",
            "config_file": packaged / "glance-api-paste.ini",
        },
        "glance_store": {"default_backend": "fast"},
        "fast": {"filesystem_store_datadir": images / "fast"},
        "slow": {"filesystem_store_datadir": images / "slow"},
        "http": {},
        "os_glance_staging_store": {"filesystem_store_datadir": images / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": images / "tasks"},
        # Brackets are part of the values here. Loopback is refused unless it is named, as a number.
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
        "oslo_concurrency": {"lock_path": site.home / "locks"},
    }
    return {"glance-api.conf": _ini(options)}


def placement(site: Site) -> dict[str, str]:
    """placement.conf."""
    options: Options = {
        "placement_database": {**site.database("placement"), "sync_on_startup": True},
        "api": {"auth_strategy": "keystone"},
        "keystone_authtoken": site.token_check(),
        "oslo_concurrency": {"lock_path": site.home / "locks"},
    }
    return {"placement.conf": _ini(options)}


def nova(site: Site) -> dict[str, str]:
    """nova.conf: all in one process, messages in memory, a hypervisor that runs nothing."""
    packaged = site.home / "venv" / "etc" / "nova" / "api-paste.ini"
    options: Options = {
        "DEFAULT": {
            "transport_url": "fake:/",
            "concurrency_backend": "threading",
            "compute_driver": "sandbox_driver.Driver",
            "host": "sandbox",
            "my_ip": "127.0.0.1",
            "state_path": site.home / "nova",
            # The hypervisor forgets its servers with every start: they are not to be taken for
            # stopped.
            "sync_power_state_interval": -1,
        },
        "database": site.database("nova"),
        "api_database": site.database("nova-api"),
        "keystone_authtoken": site.token_check(),
        "placement": site.service_login(),
        "service_user": {**site.service_login(), "send_service_user_token": True},
        "glance": {"endpoint_override": site.url("glance"), "region_name": REGION},
        "neutron": {**site.service_login(), "endpoint_override": site.url("nova") + "/neutron"},
        "vnc": {"enabled": False},
        "oslo_concurrency": {"lock_path": site.home / "locks"},
    }
    return {"nova.conf": _ini(options), "api-paste.ini": packaged.read_text(encoding="utf-8")}


def _ini(options: Options) -> str:
    """oslo.config's file format, in which a dollar sign begins the name of another option."""
    lines = []
    for section, values in options.items():
        lines.append(f"[{section}]")
        for name, value in values.items():
            escaped = str(value).replace("$", "$$")
            lines.append(f"{name} = {escaped}")
        lines.append("")
    return "\n".join(lines)
