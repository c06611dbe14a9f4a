"""What glancecli.clouds promises; for the corpus in clouds/, that is what openstacksdk makes of it."""

import argparse
import importlib
import os
import warnings
from pathlib import Path

import openstack.config.loader as sdk_loader
import openstack.config.vendors as sdk_vendors
import pytest
import yaml
from keystoneauth1 import loading
from keystoneauth1.access.service_catalog import ServiceCatalogV3

from glancecli.clouds import PLUGIN_FLAGS, load
from glancecli.errors import AuthError, UsageError
from glancecli.vendors import vendor

CORPUS = {
    name: case
    for path in sorted(Path(__file__).parent.joinpath("clouds").glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The folder above an empty home and an empty working folder."""
    for name in ("home", "cwd"):
        (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "cwd")
    return tmp_path


def write(place, files):
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def load_here(flags=None):
    return load(flags or {}, os.environ)


def by_sdk(flags):
    """openstacksdk's reading of files, variables and flags, in the words of Settings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.reload(sdk_loader)  # it looks at folders and variables when it is imported
        config = module.OpenStackConfig()
        # get_one() lets auth of a file win over flags; with flags the other one is meant, where they win
        get = config.get_one_cloud_osc if flags else config.get_one
        region = get(argparse=argparse.Namespace(**flags))
        verify, cert = region.get_requests_verify_args()
    config = region.config
    interface = ServiceCatalogV3.normalize_interface
    services = {}
    for name, prefix in (("image", "image"), ("compute", "compute")):
        services[name] = {
            "url": (config.get(f"{prefix}_endpoint_override") or "").rstrip("/"),
            "type": config.get(f"{prefix}_service_type") or "",
            "name": config.get(f"{prefix}_service_name") or "",
            "region": region.get_region_name(name) or "",
            "interface": interface(region.get_interface(name)),
        }
    timeout = config.get("api_timeout")
    return {
        "auth_type": config["auth_type"],
        "auth": taken(config["auth_type"], config["auth"]),
        "region": region.region_name or "",
        "interface": interface(region.get_interface()),
        "verify": verify,
        "cert": cert,
        "timeout": float(timeout) if timeout else None,
        "image_api_version": config.get("image_api_version") or "",
        "compute_api_version": config.get("compute_api_version") or "",
        "identity_api_version": config.get("identity_api_version") or "",
        "services": services,
    }


def by_us(settings):
    found = {key: getattr(settings, key) for key in (
        "auth_type", "region", "interface", "verify", "cert", "timeout",
        "image_api_version", "compute_api_version", "identity_api_version",
    )}  # fmt: skip
    auth = dict(settings.auth)
    if settings.auth_type.startswith("v2"):
        auth = {key.replace("project_", "tenant_"): value for key, value in auth.items()}
    found["auth"] = taken(settings.auth_type, auth)
    found["services"] = {name: settings.services[name]._asdict() for name in ("image", "compute")}
    return found


def taken(auth_type, auth):
    """Those of the credentials that the login takes."""
    options = {option.dest for option in loading.get_plugin_loader(auth_type).get_options()}
    return {key: value for key, value in auth.items() if key in options and value}


@pytest.mark.parametrize("name", CORPUS)
def test_a_cloud_is_read_as_openstacksdk_reads_it(name, place, monkeypatch):
    case = CORPUS[name]
    write(place, case.get("files", {}))
    for key, value in case.get("environ", {}).items():
        monkeypatch.setenv(key, value.replace("{tmp}", str(place)))
    flags = case.get("flags", {})
    assert by_us(load_here(flags)) == by_sdk(flags)
