"""Public providers that clouds.yaml may name as a profile: auth URLs and regions.

Names and values are those that openstacksdk ships. Providers whose profile openstacksdk downloads
(ovh, vexxhost, any URL) are not included: their clouds need an auth_url of their own.
"""

from __future__ import annotations

from typing import Any

from glancecli.errors import SettingsError

_DEFAULT_DOMAINS = {"user_domain_name": "Default", "project_domain_name": "Default"}

# name: (auth_url, regions, other settings)
_OPEN: dict[str, tuple[str, list[str], dict[str, Any]]] = {
    "auro": ("https://api.van2.auro.io:5000/v3", ["RegionOne"], {"auth": _DEFAULT_DOMAINS}),
    "binero": ("https://auth.binero.cloud:5000/v3", ["europe-se-1"], {}),
    "catalyst": (
        "https://api.cloud.catalyst.net.nz:5000/v2.0",
        ["nz-por-1", "nz_wlg_2"],
        {"image_api_version": "1"},
    ),
    "citycloud": (
        "https://{region_name}.citycloud.com:5000/v3/",
        ["Buf1", "Fra1", "Sto2", "Kna1", "dx1", "tky1"],
        {},
    ),
    "conoha": (
        "https://identity.{region_name}.conoha.io",
        ["sin1", "sjc1", "tyo1"],
        {"identity_api_version": "2"},
    ),
    "dreamcompute": ("https://iad2.dream.io:5000", ["RegionOne"], {}),
    "elastx": ("https://ops.elastx.cloud:5000/v3", ["se-sto"], {}),
    "entercloudsuite": (
        "https://api.entercloudsuite.com/",
        ["it-mil1", "nl-ams1", "de-fra1"],
        {"image_api_version": "1"},
    ),
    "fuga": ("https://identity.api.fuga.io:5000", ["cystack"], {"auth": _DEFAULT_DOMAINS}),
    "limestonenetworks": ("https://auth.cloud.lstn.net:5000/v3", ["us-dfw-1", "us-slc"], {}),
    "otc": ("https://iam.{region_name}.otc.t-systems.com/v3", ["eu-de", "eu-nl"], {}),
    "otc-swiss": ("iam-pub.eu-ch2.sc.otc.t-systems.com/v3", ["eu-ch2"], {}),
    "ovh-us": (
        "https://auth.cloud.ovh.us/",
        ["US-EAST-VA-1", "US-WEST-OR-1", "US-EAST-VA", "US-WEST-OR"],
        {"auth": _DEFAULT_DOMAINS},
    ),
    "rackspace": (
        "https://identity.api.rackspacecloud.com/v2.0/",
        ["DFW", "HKG", "IAD", "ORD", "SYD", "LON"],
        {"identity_api_version": "2.0", "compute_service_name": "cloudServersOpenStack"},
    ),
    "switchcloud": ("https://identity.compute.cloud.switch.ch/v3", ["zhw", "zhc"], {}),
    "switchengines": ("https://keystone.cloud.switch.ch:5000/v3", ["LS", "ZH"], {}),
    "zetta": ("https://identity.api.zetta.io/v3", ["no-osl1"], {}),
}

_GONE = ("betacloud", "ibmcloud", "internap", "ultimum", "unitedstack")


def vendor(name: str) -> dict[str, Any]:
    """Returns the profile of a provider, as an entry of clouds.yaml; {} for an unknown provider.

    Raises SettingsError for a provider whose cloud no longer exists.
    """
    if name in _GONE:
        raise SettingsError(f"The cloud of profile {name} no longer exists.")
    if name not in _OPEN:
        return {}
    auth_url, regions, more = _OPEN[name]
    auth = {"auth_url": auth_url, **more.get("auth", {})}
    entry = {"identity_api_version": "3", **more, "auth": auth}
    if len(regions) > 1:
        entry["regions"] = list(regions)
    else:
        entry["region_name"] = regions[0]
    return entry
