"""Who uses an image: what is used is never called unused, however little was seen of it."""

from __future__ import annotations

from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glancecli.api.uses import Kind, Scope, Seen, Server, State, User, Uses

# A loaded machine may take a second for the first world.
on_any_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

OURS, THEIRS = "ours", "theirs"
EVERYBODY = ("public", "community", "shared")

Image = dict[str, Any]


class World(NamedTuple):
    """All that there is: images, servers, volumes, and the images that each image was made from."""

    images: list[Image]
    servers: list[Server]
    volumes: list[tuple[User, str]]
    made_from: dict[str, str]


def can_start(project: str, image: Image) -> bool:
    return image["owner"] == project or image["visibility"] in EVERYBODY


def new_image(number: int, owner: str, visibility: str, **more: Any) -> Image:
    return {
        "id": f"i{number}",
        "name": f"image{number}",
        "owner": owner,
        "visibility": visibility,
        "status": "active",
        "created_at": f"2026-01-{number // 2 + 1:02}T00:00:00Z",
        **more,
    }


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Projects start servers from images, snapshot them, delete some of them, and make volumes."""
    projects = st.sampled_from([OURS, THEIRS])
    images = [
        new_image(number, draw(projects), draw(st.sampled_from(["private", *EVERYBODY])))
        for number in range(draw(st.integers(1, 3)))
    ]
    servers: list[Server] = []
    volumes = []
    made_from = {}
    for number in range(draw(st.integers(0, 8))):
        project = draw(projects)
        base = draw(st.sampled_from(images))
        if not can_start(project, base):
            continue
        if draw(st.integers(0, 4)) == 0:
            volumes.append((User(Kind.VOLUME, f"v{number}", "", "in-use", project), base["id"]))
            continue
        server_id = f"s{number}"
        for _ in range(draw(st.integers(0, 2))):
            snapshot = new_image(
                len(images),
                project,
                draw(st.sampled_from(["private", "private", "public"])),
                base_image_ref=base.get("base_image_ref", base["id"]),
                instance_uuid=server_id,
                os_hidden=draw(st.booleans()),
            )
            images.append(snapshot)
            made_from[snapshot["id"]] = base["id"]
        if draw(st.booleans()):  # else it is deleted
            user = User(Kind.SERVER, server_id, "", "ACTIVE", project)
            servers.append(Server(user, base["id"]))
    return World(images, servers, volumes, made_from)


def seen_by(world: World, *, is_admin: bool) -> Uses:
    """What an administrator, or a member of our project, sees of the world."""
    uses = Uses(OURS)
    scope = Scope.ALL if is_admin else Scope.OWN
    for server in world.servers:
        if is_admin or server.user.project == OURS:
            uses.add_server(server)
    for volume, image_id in world.volumes:
        if is_admin or volume.project == OURS:
            uses.add_volume(volume, image_id)
    for image in world.images:
        if is_admin or image["owner"] == OURS or image["visibility"] == "public":
            uses.add_image(image)
    uses.seen = [Seen(things, scope) for things in ("servers", "volumes", "images")]
    return uses


def used_in_truth(world: World) -> set[str]:
    """The images that something was made from, directly or at the beginning of a chain."""
    used = {server.image_id or "" for server in world.servers}
    used |= {image_id for _, image_id in world.volumes}
    used |= set(world.made_from.values())
    return used | {image["base_image_ref"] for image in world.images if "base_image_ref" in image}


@settings(on_any_machine, max_examples=300)
@given(worlds(), st.booleans())
def test_what_is_used_is_never_called_unused(world: World, is_admin: bool) -> None:
    uses = seen_by(world, is_admin=is_admin)
    used = used_in_truth(world)
    unused = {i["id"] for i in world.images if uses.look_up(i).state is State.UNUSED}
    assert not used & unused


@on_any_machine
@given(worlds())
def test_what_is_not_used_is_never_called_used(world: World) -> None:
    uses = seen_by(world, is_admin=True)
    used = {i["id"] for i in world.images if uses.look_up(i).state is State.USED}
    assert used <= used_in_truth(world)


@on_any_machine
@given(worlds())
def test_an_administrator_knows_all_but_the_images_between(world: World) -> None:
    uses = seen_by(world, is_admin=True)
    for image in world.images:
        if uses.look_up(image).state is State.UNKNOWN:
            assert "base_image_ref" in image


@on_any_machine
@given(worlds())
def test_without_servers_nothing_is_called_unused(world: World) -> None:
    uses = Uses(OURS)
    for image in world.images:
        uses.add_image(image)
    uses.seen = [Seen("servers", Scope.NONE, "no Nova"), Seen("images", Scope.ALL)]
    assert all(uses.look_up(image).state is not State.UNUSED for image in world.images)


def test_users_are_named_in_a_line_the_first_three_of_them() -> None:
    uses = Uses(OURS)
    for number in range(5):
        name = f"web{number}" if number else ""
        uses.add_server(Server(User(Kind.SERVER, f"s{number}", name, "ACTIVE", OURS), "i1"))
    use = uses.look_up(new_image(1, OURS, "private"))
    assert use.summary == "server s0, server web1, server web2 and 2 more"
    assert use.summary_with_ids.startswith("server s0 (s0), server web1 (s1)")


def test_a_user_that_a_list_names_twice_is_one() -> None:
    uses = Uses(OURS)
    server = Server(User(Kind.SERVER, "s1", "web1", "ACTIVE", OURS), "i1")
    uses.add_server(server)
    uses.add_server(server)
    assert uses.look_up(new_image(1, OURS, "private")).users == (server.user,)
