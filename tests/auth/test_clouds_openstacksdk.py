"""Clouds files, variables and flags give the settings of openstacksdk, for the corpus in clouds/."""

from __future__ import annotations

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

from glancecli.auth.cloud_files import folders
from glancecli.auth.layers import PLUGIN_FLAGS
from glancecli.auth.vendors import vendor
from glancecli.errors import AuthError
from tests.support.cloudplace import load_here, write

BESIDE = yaml.safe_load(Path(__file__).parent.joinpath("clouds", "beside.yaml").read_text())
CORPUS = {
    name: case
    for path in sorted(Path(__file__).parent.joinpath("clouds").glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    if path.name != "beside.yaml"
}


def by_sdk(flags):
    """Returns openstacksdk's reading of files, variables and flags under the names of Settings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = importlib.reload(
            sdk_loader
        )  # it looks at folders and variables when it is imported
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
            "interfaces": (interface(region.get_interface(name)),),
        }
    timeout = config.get("api_timeout")
    return {
        "auth_type": config["auth_type"],
        "auth": taken(config["auth_type"], config["auth"]),
        "region": region.region_name or "",
        "interfaces": (interface(region.get_interface()),),
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
        "auth_type", "region", "interfaces", "verify", "cert", "timeout",
        "image_api_version", "compute_api_version", "identity_api_version",
    )}  # fmt: skip
    auth = dict(settings.auth)
    if settings.auth_type.startswith("v2"):
        auth = {key.replace("project_", "tenant_"): value for key, value in auth.items()}
    found["auth"] = taken(settings.auth_type, auth)
    found["services"] = {name: settings.services[name]._asdict() for name in ("image", "compute")}
    return found


def taken(auth_type, auth):
    """Returns the credentials that the login takes."""
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


@pytest.mark.parametrize("name", BESIDE)
def test_variables_count_beside_a_cloud_as_in_openstackclient(name, place, monkeypatch):
    write(place, BESIDE[name]["files"])
    variables = BESIDE[name]["environ"]
    for key, value in variables.items():
        monkeypatch.setenv(key, value)
    ours = by_us(load_here())
    # openstackclient takes each variable as the default of its option
    assert ours == by_sdk({key.lower(): value for key, value in variables.items()})


FULL = "auth_url: 'https://k.example/v3', username: u, password: p, project_id: p7"


@pytest.mark.parametrize(
    ("variables", "theirs", "ours"),
    [
        (
            {"OS_USERNAME": "v", "OS_PASSWORD": "variable"},
            {"username": "v", "password": "variable"},
            {"username": "u", "password": "p"},
        ),
        (
            {"OS_AUTH_URL": "https://other.example/v3"},
            {"auth_url": "https://other.example/v3", "password": "p"},
            {"auth_url": "https://k.example/v3", "password": "p"},
        ),
        (
            {"OS_PROJECT_NAME": "other"},
            {"project_id": "p7", "project_name": "other"},  # the ID is sent
            {"project_id": None, "project_name": "other"},
        ),
        (
            {"OS_SYSTEM_SCOPE": "all"},
            {"project_id": "p7", "system_scope": "all"},  # an error
            {"project_id": None, "system_scope": "all"},
        ),
    ],
)
def test_docs_login_says_where_variables_count_otherwise_than_in_openstackclient(
    place, monkeypatch, variables, theirs, ours
):
    write(place, {"cwd/clouds.yaml": f"clouds: {{c: {{auth: {{{FULL}}}}}}}"})
    for key, value in {"OS_CLOUD": "c", **variables}.items():
        monkeypatch.setenv(key, value)
    their_auth = by_sdk({"os_cloud": "c", **{k.lower(): v for k, v in variables.items()}})["auth"]
    our_auth = load_here().auth
    assert {key: their_auth.get(key) for key in theirs} == theirs
    assert {key: our_auth.get(key) for key in ours} == ours


def test_the_corpus_is_as_large_as_promised():
    assert len(CORPUS) >= 80


def test_folders_are_those_of_openstacksdk(place, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(place / "xdg"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(place / "site"))
    searched = [Path(folder) for folder in importlib.reload(sdk_loader).CONFIG_SEARCH_PATH]
    assert folders(os.environ) == searched


@pytest.mark.parametrize("name", sorted(sdk_vendors._get_vendor_defaults()))
def test_the_profile_of_a_provider_is_that_of_openstacksdk(name):
    theirs = dict(sdk_vendors._get_vendor_defaults()[name])
    if "profile" in theirs:  # openstacksdk would fetch it from the network
        assert vendor(name) == {}
    elif theirs.get("status") == "shutdown":
        with pytest.raises(AuthError, match="no longer exists"):
            vendor(name)
    elif "auth" in theirs:
        ours = vendor(name)
        regions = [
            region["name"] if isinstance(region, dict) else region
            for region in theirs.get("regions", [])
        ]
        assert ours["auth"] == theirs["auth"]
        assert ours.get("regions", [ours.get("region_name")]) == (
            regions or [theirs["region_name"]]
        )
        for key in ("identity_api_version", "image_api_version", "compute_service_name"):
            assert ours.get(key, "3") == theirs.get(key, "3")


def test_every_option_of_keystoneauths_plugins_has_a_flag():
    # v3adfspassword and v3samlpassword need lxml to be loaded; their options are in the documentation
    ours = {*PLUGIN_FLAGS, *COMMON_FLAGS, "os_identity_provider_url"}
    for name in set(loading.get_available_plugin_names()) - {"v3adfspassword", "v3samlpassword"}:
        options = {"os_" + option.dest for option in loading.get_plugin_loader(name).get_options()}
        assert options <= ours, name


COMMON_FLAGS = (
    "os_auth_url", "os_username", "os_user_id", "os_password", "os_project_name", "os_project_id", "os_tenant_name",
    "os_tenant_id", "os_user_domain_name", "os_user_domain_id", "os_project_domain_name", "os_project_domain_id",
    "os_domain_name", "os_domain_id", "os_system_scope", "os_trust_id", "os_token", "os_application_credential_id",
    "os_application_credential_name", "os_application_credential_secret",
)  # fmt: skip
