"""The text of the services' configuration files, made from folder, ports and passwords."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

REGION = "RegionOne"
STORE_METADATA = "store-metadata.json"
MOUNT_ID = "2d9bb53f-70ea-4066-a68b-67960eaae673"  # any ID

Options = Mapping[str, Mapping[str, object]]


class Site(NamedTuple):
    """The values for configurations: the folder, the ports by service, the passwords by user."""

    home: Path
    ports: Mapping[str, int]
    passwords: Mapping[str, str]

    def url(self, service: str) -> str:
        """Returns the root URL of a service."""
        return f"http://127.0.0.1:{self.ports[service]}"

    @property
    def venv(self) -> Path:
        """The folder of the servers' virtual environment."""
        return self.home / "venv"

    def config_folder(self, service: str) -> Path:
        """Returns the folder with the configuration of a service."""
        return self.home / "etc" / service

    def log(self, name: str) -> Path:
        """Returns the path of the log of a service or a set-up program."""
        return self.home / "logs" / f"{name}.log"

    def database(self, name: str) -> dict[str, object]:
        """Returns the section of a database: an sqlite file, without syncs, since it may get
        lost in a power failure.
        """
        path = self.home / "db" / f"{name}.sqlite"
        return {"connection": f"sqlite:///{path}?timeout=60", "sqlite_synchronous": False}

    def service_login(self) -> dict[str, object]:
        """Returns keystoneauth's options with which a service logs in to Keystone."""
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
        """Returns the section of keystonemiddleware. It caches the validation of a token for one
        second only, so a revoked token is refused.
        """
        return {
            **self.service_login(),
            "www_authenticate_uri": self.url("keystone"),
            "service_token_roles_required": True,
            "token_cache_time": 1,
        }


def keystone(site: Site) -> dict[str, str]:
    """Returns keystone.conf."""
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
    """Returns glance-api.conf: two file stores, one store for HTTP, all import methods.

    Locations in the store "fast" have metadata: where its folder is mounted, and an ID.
    """
    images = site.home / "images"
    packaged = site.venv / "etc" / "glance"
    mounted = [{"id": MOUNT_ID, "mountpoint": str(images / "fast")}]
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
            "image_cache_driver": "centralized_db",  # the one that knows the nodes of an image
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
        "fast": {
            "filesystem_store_datadir": images / "fast",
            "filesystem_store_metadata_file": site.config_folder("glance") / STORE_METADATA,
        },
        "slow": {"filesystem_store_datadir": images / "slow"},
        "http": {},
        "os_glance_staging_store": {"filesystem_store_datadir": images / "staging"},
        "os_glance_tasks_store": {"filesystem_store_datadir": images / "tasks"},
        # Brackets are part of these values. Loopback is allowed only by its address.
        "import_filtering_opts": {"allowed_hosts": "[127.0.0.1]", "allowed_ports": "[]"},
        "oslo_concurrency": {"lock_path": site.home / "locks"},
    }
    return {"glance-api.conf": _ini(options), STORE_METADATA: json.dumps(mounted)}


def placement(site: Site) -> dict[str, str]:
    """Returns placement.conf."""
    options: Options = {
        "placement_database": {**site.database("placement"), "sync_on_startup": True},
        "api": {"auth_strategy": "keystone"},
        "keystone_authtoken": site.token_check(),
        "oslo_concurrency": {"lock_path": site.home / "locks"},
    }
    return {"placement.conf": _ini(options)}


def nova(site: Site) -> dict[str, str]:
    """Returns nova.conf: one process, messages in memory, a hypervisor that runs no servers."""
    packaged = site.venv / "etc" / "nova" / "api-paste.ini"
    options: Options = {
        "DEFAULT": {
            "transport_url": "fake:/",
            "concurrency_backend": "threading",
            "compute_driver": "sandbox_driver.Driver",
            "host": "sandbox",
            "my_ip": "127.0.0.1",
            "state_path": site.home / "nova",
            # The hypervisor forgets its servers at every start; Nova must not mark them as stopped.
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
    """Returns options in oslo.config's format, where a dollar sign begins an option's name."""
    lines = []
    for section, values in options.items():
        lines.append(f"[{section}]")
        for name, value in values.items():
            escaped = str(value).replace("$", "$$")
            lines.append(f"{name} = {escaped}")
        lines.append("")
    return "\n".join(lines)
