"""Settings that openstacksdk does not have, and errors for invalid settings."""

from __future__ import annotations

import pytest

from glancecli.auth.clouds import load
from glancecli.errors import AuthError, UsageError
from tests.support.cloudplace import load_here, write

CLOUD = {"cwd/clouds.yaml": """\
clouds:
  c:
    auth: {auth_url: https://k.example/v3, username: u, user_id: u7, password: p, project_id: p7, project_domain_id: d}
    region_name: R
    interface: public
"""}  # fmt: skip


def test_a_flag_overrides_the_name_or_id_in_the_file(place):
    write(place, CLOUD)
    flags = {
        "os_cloud": "c",
        "os_project_name": "other",
        "os_project_domain_name": "e",
        "os_username": "flag",
    }
    assert load_here(flags).auth == {
        "auth_url": "https://k.example/v3",
        "username": "flag",
        "password": "p",
        "project_name": "other",
        "project_domain_name": "e",
    }


@pytest.mark.parametrize("flag", ["os_system_scope", "os_trust_id"])
def test_a_flag_for_another_scope_removes_the_project(place, flag):
    write(place, CLOUD)
    auth = load_here({"os_cloud": "c", flag: "all"}).auth
    assert {key for key in auth if "project" in key} == set()


def test_a_region_flag_overrides_the_only_region_of_the_file(place):
    write(place, CLOUD)
    assert load_here({"os_cloud": "c", "os_region_name": "S"}).region == "S"


def test_variables_without_an_address_adjust_the_named_cloud(place, monkeypatch):
    write(place, CLOUD)
    monkeypatch.setenv("OS_CLOUD", "c")
    for name, value in (("REGION_NAME", "S"), ("ENDPOINT_TYPE", "internalURL"), ("IMAGE_API_VERSION", "1"),
                        ("CACERT", "/ca"), ("PASSWORD", "not mixed in")):  # fmt: skip
        monkeypatch.setenv("OS_" + name, value)
    settings = load_here()
    assert (settings.region, settings.interfaces, settings.image_api_version) == (
        "S",
        ("internal",),
        "1",
    )
    assert (settings.verify, settings.auth["password"]) == ("/ca", "p")
    flagged = load_here({"os_region_name": "T", "os_interface": "admin"})
    assert (flagged.region, flagged.interfaces) == ("T", ("admin",))


def test_variables_with_an_address_do_not_change_the_named_cloud(place, monkeypatch):
    write(place, CLOUD)
    monkeypatch.setenv("OS_AUTH_URL", "https://elsewhere/v3")
    monkeypatch.setenv("OS_REGION_NAME", "S")
    settings = load_here({"os_cloud": "c"})
    assert (settings.region, settings.auth["auth_url"]) == ("R", "https://k.example/v3")


def test_flags_with_an_address_are_not_mixed_with_the_only_cloud_of_a_file(place):
    write(place, CLOUD)
    settings = load_here({"os_auth_url": "https://flag/v3", "os_username": "f"})
    assert (settings.source, settings.auth) == (
        "",
        {"auth_url": "https://flag/v3", "username": "f"},
    )


def test_files_are_not_read_when_variables_define_a_cloud(place, monkeypatch):
    write(place, {"cwd/clouds.yaml": "this: [is broken"})
    monkeypatch.setenv("OS_AUTH_URL", "https://k/v3")
    assert load_here().auth == {"auth_url": "https://k/v3"}


def test_variables_of_other_programs_do_not_define_a_cloud(place, monkeypatch):
    write(place, CLOUD)
    monkeypatch.setenv("OS_DISTRO", "debian")
    monkeypatch.setenv("OS_IMAGE_API_VERSION", "2")
    assert load_here().cloud == "c"


@pytest.mark.parametrize(
    ("flags", "auth_type"),
    [
        ({}, "password"),
        ({"os_token": "T"}, "token"),
        ({"os_token": "T", "os_password": "p"}, "token"),
        ({"os_token": "T", "os_image_url": "http://g"}, "admin_token"),
        ({"os_image_url": "http://g"}, "password"),
        ({"os_image_url": "http://g", "os_auth_url": None}, "none"),
        ({"os_image_url": "http://g", "os_auth_url": None, "os_auth_token": "T"}, "admin_token"),
        ({"os_application_credential_id": "a"}, "v3applicationcredential"),
        ({"os_application_credential_name": "a"}, "v3applicationcredential"),
        ({"os_token": "T", "os_auth_type": "v3oidcaccesstoken"}, "v3oidcaccesstoken"),
    ],
)
def test_the_type_of_login_follows_from_the_credentials(place, flags, auth_type):
    assert load_here({"os_auth_url": "http://k/v3", **flags}).auth_type == auth_type


def test_a_token_flag_overrides_the_password_of_the_file(place):
    write(place, {"cwd/clouds.yaml": CLOUD["cwd/clouds.yaml"] + "    auth_type: password\n"})
    assert load_here({"os_cloud": "c", "os_auth_token": "T"}).auth_type == "token"
    both = load_here({"os_cloud": "c", "os_auth_token": "T", "os_image_url": "http://g/v2/"})
    assert (both.auth_type, both.image_url) == ("admin_token", "http://g/v2")


@pytest.mark.parametrize(
    "spelling", ["publicURL", "internalURL", "adminURL", "public", "internal", "admin"]
)
@pytest.mark.parametrize("flag", ["os_endpoint_type", "os_interface"])
def test_interfaces_have_two_spellings(place, spelling, flag):
    assert load_here({"os_auth_url": "http://k", flag: spelling}).interfaces == (
        spelling.removesuffix("URL"),
    )


@pytest.mark.parametrize("key", ["interface", "endpoint_type", "image_interface"])
def test_a_list_of_interfaces_is_kept_in_its_order(place, key):
    write(place, {"cwd/clouds.json": f'{{"clouds": {{"c": {{"{key}": ["adminURL", "public"]}}}}}}'})
    settings = load_here({"os_cloud": "c"})
    assert settings.services["image"].interfaces == ("admin", "public")


def test_the_services_url_flags(place):
    settings = load_here(
        {"os_image_url": "http://g/v2/", "os_compute_url": "http://n/v2.1", "os_service_type": "x"}
    )
    image, compute = settings.services["image"], settings.services["compute"]
    assert (image.url, compute.url, image.type) == ("http://g/v2", "http://n/v2.1", "x")


@pytest.mark.parametrize(
    ("flags", "environ", "cache"),
    [
        ({}, {}, True),
        ({"no_cache": True}, {}, False),
        ({"no_cache": False}, {}, True),
        ({}, {"GLANCECLI_CACHE": "0"}, False),
        ({}, {"GLANCECLI_CACHE": "1"}, True),
        ({}, {"OS_NO_CACHE": "1"}, False),
        ({}, {"OS_NO_CACHE": "0"}, True),
    ],
)
def test_the_cache_is_on_unless_it_is_turned_off(place, flags, environ, cache):
    assert (
        load({"os_auth_url": "http://k", **flags}, {**environ, "HOME": str(place)}).cache is cache
    )


@pytest.mark.parametrize("value", ["1", "true", "True", "yes"])
def test_insecure_by_variable(place, value):
    assert load({"os_auth_url": "http://k"}, {"OS_INSECURE": value}).insecure


@pytest.mark.parametrize(("value", "seconds"), [(5, 5.0), ("2.5", 2.5), ("0", None), (None, None)])
def test_the_timeout_is_in_seconds(place, value, seconds):
    assert load_here({"os_auth_url": "http://k", "timeout": value}).timeout == seconds


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf"])
def test_a_timeout_that_is_not_a_number_of_seconds_is_an_error(place, value):
    with pytest.raises(UsageError) as caught:
        load_here({"timeout": value})
    assert str(caught.value) == f"The timeout must be a number of seconds, not {value}."


# the sandbox

SANDBOX = '# Written by a program.\n{"clouds": {"sandbox-demo": {"auth": {"auth_url": "http://127.0.0.1:5/v3"}}}}\n'


@pytest.mark.parametrize(
    ("file", "environ"),
    [
        ("home/.local/share/glancecli/sandbox/clouds.yaml", {}),
        ("data/glancecli/sandbox/clouds.yaml", {"XDG_DATA_HOME": "data"}),
    ],
)
def test_the_clouds_of_the_sandbox_need_no_configuration(place, monkeypatch, file, environ):
    write(place, {file: SANDBOX, **CLOUD})
    for name, folder in environ.items():
        monkeypatch.setenv(name, str(place / folder))
    settings = load_here({"os_cloud": "sandbox-demo"})
    assert (settings.auth, settings.source) == (
        {"auth_url": "http://127.0.0.1:5/v3"},
        str(place / file),
    )


def test_a_cloud_without_settings_exists(place):
    write(place, {"cwd/clouds.yaml": "clouds:\n  here:\n"})
    settings = load_here({"os_cloud": "here"})
    assert (settings.cloud, settings.auth) == ("here", {})


def test_a_users_cloud_named_like_the_sandbox_comes_first(place):
    write(place, {"home/.local/share/glancecli/sandbox/clouds.yaml": SANDBOX})
    write(place, {"cwd/clouds.yaml": "clouds: {sandbox-demo: {auth: {auth_url: http://mine}}}"})
    assert load_here({"os_cloud": "sandbox-demo"}).auth == {"auth_url": "http://mine"}


# errors


@pytest.mark.parametrize(
    ("files", "flags", "text"),
    [
        (
            CLOUD,
            {"os_cloud": "d"},
            "Cloud d is not in {tmp}/cwd/clouds.yaml.",
        ),
        (
            {},
            {"os_cloud": "d"},
            "Cloud d is unknown: no clouds.yaml was found. "
            "Add it to ~/.config/openstack/clouds.yaml, or set OS_* variables.",
        ),
        (
            {},
            {"os_cloud": "sandbox"},
            "Cloud sandbox does not exist yet. Run `glancecli sandbox up` first.",
        ),
        (
            {"home/.local/share/glancecli/sandbox/clouds.yaml": SANDBOX, **CLOUD},
            {"os_cloud": "sandbox-dmo"},
            "The sandbox has no cloud sandbox-dmo; did you mean sandbox-demo?",
        ),
        (
            {"home/.local/share/glancecli/sandbox/clouds.yaml": "clouds: {mine: {}}\n"},
            {"os_cloud": "x"},
            "Cloud x is unknown: no clouds.yaml was found. Add it to "
            "~/.config/openstack/clouds.yaml, or set OS_* variables.",
        ),
        (
            {"home/.local/share/glancecli/sandbox/clouds.yaml": SANDBOX},
            {"os_cloud": "sandbx-demo"},
            "Cloud sandbx-demo is unknown: no clouds.yaml was found; did you mean sandbox-demo?",
        ),
        (
            {"cwd/clouds.yaml": "clouds: {prod: {}, test: {}}"},
            {"os_cloud": "prd"},
            "Cloud prd is not in {tmp}/cwd/clouds.yaml; did you mean prod?",
        ),
        *(
            (
                {"cwd/clouds.yaml": content},
                {"os_cloud": "here"},
                "Cloud here is not in {tmp}/cwd/clouds.yaml, which has no clouds.",
            )
            for content in ("", "clouds:\n", "clouds: []\n", "clouds: {}\n")
        ),
        (
            {"cwd/clouds.yaml": "clouds: {here: [auth]}"},
            {"os_cloud": "here"},
            "In {tmp}/cwd/clouds.yaml, cloud here must be a mapping, not a list.",
        ),
        (
            {"cwd/clouds.yaml": "clouds: {b: {auth: {auth_url: x}}, a: {auth: {auth_url: x}}}"},
            {},
            "No cloud is chosen; {tmp}/cwd/clouds.yaml has 2 clouds. Choose one with --os-cloud or OS_CLOUD.",
        ),
        (
            {"cwd/clouds.yaml": "clouds: {a: {auth: {auth_url: x}, regions: [one, {name: two}]}}"},
            {"os_cloud": "a", "os_region_name": "One"},
            "Cloud a has no region One; it has one, two (case matters).",
        ),
        (
            {"cwd/clouds.yaml": "clouds: {a: {auth: {auth_url: x}, regions: [{nam: two}]}}"},
            {"os_cloud": "a"},
            "In clouds.yaml, a region must have name and values, not nam.",
        ),
        (
            {
                "cwd/clouds.yaml": "clouds: {a: {auth: {auth_url: x}, regions: [{name: r, values: [b]}]}}"
            },
            {"os_cloud": "a"},
            "In clouds.yaml, values of region r must be a mapping, not a list.",
        ),
        (
            {"cwd/clouds.yaml": "- a\n- b\n"},
            {"os_cloud": "a"},
            "{tmp}/cwd/clouds.yaml must be a mapping, not a list.",
        ),
        (
            {"cwd/clouds.yaml": "clouds: {a: {auth: secret}}"},
            {"os_cloud": "a"},
            "In clouds.yaml, auth must be a mapping, not text.",
        ),
        (
            {"cwd/clouds.yaml": "clouds: {a: {profile: vexxhost}}"},
            {"os_cloud": "a"},
            "Profile vexxhost of cloud a is unknown. Set auth_url of cloud a in {tmp}/cwd/clouds.yaml.",
        ),
        (
            {"cwd/clouds.yaml": "clouds: {a: {profile: betacloud}}"},
            {"os_cloud": "a"},
            "The cloud of profile betacloud no longer exists.",
        ),
    ],
)
def test_invalid_settings_are_explained(place, files, flags, text):
    write(place, files)
    with pytest.raises(AuthError) as caught:
        load_here(flags)
    assert str(caught.value) == text.replace("{tmp}", str(place))


@pytest.mark.parametrize("flags", [{}, {"os_cloud": "c"}], ids=["none chosen", "unknown"])
def test_an_error_about_the_choice_lists_the_clouds_that_are_there(place, flags):
    entry = (
        "{auth: {auth_url: 'http://x:secret@k', username: ada, password: hidden, project_name: p}}"
    )
    content = f"clouds: {{bb: {entry}, a: {{profile: vexxhost}}}}"
    write(place, {"cwd/clouds.yaml": content})
    with pytest.raises(AuthError) as caught:
        load_here(flags)
    assert caught.value.candidates == [
        "bb  http://k  ada  p",
        "a   Profile vexxhost of cloud a is unknown.",
    ]


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("clouds.yaml", b"clouds: {a: [", "clouds.yaml is not valid YAML (line 2, column 1)."),
        ("clouds.yaml", b"a:\n\tb: pw5ecret", "clouds.yaml is not valid YAML (line 2, column 1)."),
        (
            "clouds.yaml",
            b"a: {b: !pw5ecret x}",
            "clouds.yaml is not valid YAML (line 1, column 8).",
        ),
        ("clouds.yaml", b"a: *pw5ecret", "clouds.yaml is not valid YAML (line 1, column 4)."),
        (
            "clouds.yaml",
            b"a: 1\nb: {c: pw5ecret\x07}",
            "clouds.yaml is not valid YAML: it has a control character (line 2, column 16).",
        ),
        (
            "clouds.json",
            b'{"clouds": "pw5ecret" pw5ecret}',
            "clouds.json is not valid JSON (line 1, column 23).",
        ),
        (
            "clouds.json",
            b'{"clouds": ' + b"[" * 200_000,
            "clouds.json has too many brackets within brackets.",
        ),
        (
            "clouds.yaml",
            b"a: \xc3\xbc\nb: {c: pw5ecret\xfc}",
            "clouds.yaml is not UTF-8 text (line 2, column 16).",
        ),
    ],
)
def test_an_invalid_file_is_named_with_the_position_of_the_fault_and_nothing_of_its_content(
    place, name, content, text
):
    (place / "cwd" / name).write_bytes(content)
    with pytest.raises(AuthError) as caught:
        load_here({"os_cloud": "a"})
    assert caught.value.message == f"{place / 'cwd'}/{text}"
    assert caught.value.__cause__ is None
    assert "pw5ecret" not in str(caught.value)


def test_a_clouds_file_that_may_not_be_read_is_skipped(place):
    write(place, CLOUD)
    (place / "cwd" / "clouds.yaml").rename(place / "cwd" / "clouds.yml")
    (place / "cwd" / "clouds.yaml").mkdir()
    assert load_here({"os_cloud": "c"}).source == str(place / "cwd" / "clouds.yml")


def test_a_variable_may_name_the_file_of_providers(place, monkeypatch):
    write(place, {"cwd/clouds.yaml": "clouds: {a: {profile: acme}}"})
    write(place, {"any/p.yaml": "public-clouds: {acme: {auth: {auth_url: http://acme/v3}}}"})
    monkeypatch.setenv("OS_CLIENT_VENDOR_FILE", str(place / "any" / "p.yaml"))
    assert load_here({"os_cloud": "a"}).auth == {"auth_url": "http://acme/v3"}
