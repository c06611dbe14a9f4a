"""Metadata definitions in v2 (https://docs.openstack.org/api-ref/image/v2/metadefs-index.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api import decoding
from glancecli.api.interfaces import Kind, Pagination
from glancecli.api.v2.tags import fits_in_path
from glancecli.errors import Hint, NotFound, Subject, UsageError, Words
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.interfaces import (
        Definition,
        DefinitionFields,
        DefinitionList,
    )
    from glancecli.api.v2.client import ClientV2
    from glancecli.transport.responses import Response

NAMESPACES = "/v2/metadefs/namespaces"


class Collection(NamedTuple):
    """Where the definitions of a kind are.

    path is below the namespace, unless the kind is in none. key is that of the list in a response.
    listing is the command that lists them. not_updated are fields that an update does not take;
    has_more_fields says whether there are others than the name.
    """

    path: str
    key: str
    listing: str
    is_in_namespace: bool = True
    not_updated: tuple[str, ...] = ()
    has_more_fields: bool = True


COLLECTIONS = {
    Kind.NAMESPACE: Collection(
        NAMESPACES,
        "namespaces",
        "md-namespace-list",
        is_in_namespace=False,
        not_updated=("properties", "objects", "tags", "resource_type_associations"),
    ),
    Kind.RESOURCE_TYPE: Collection(
        "/v2/metadefs/resource_types",
        "resource_types",
        "md-resource-type-list",
        is_in_namespace=False,
    ),
    Kind.ASSOCIATION: Collection(
        "/resource_types", "resource_type_associations", "md-namespace-resource-type-list"
    ),
    Kind.PROPERTY: Collection("/properties", "properties", "md-property-list"),
    Kind.OBJECT: Collection("/objects", "objects", "md-object-list"),
    Kind.TAG: Collection("/tags", "tags", "md-tag-list", has_more_fields=False),
}

ALL = Pagination()

# Fields of every kind that only the service sets. It refuses requests that have them.
READ_ONLY = ("self", "schema", "created_at", "updated_at")


class MetadefsV2:
    """Namespaces and the definitions in them."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def namespaces(
        self, filters: Mapping[str, str], pagination: Pagination
    ) -> Iterator[Definition]:
        """Returns the namespaces that match, page by page."""
        rows = self.client.rows(NAMESPACES, "namespaces", list(filters.items()), pagination)
        return map(decoding.definition, rows)

    def list(self, kind: Kind, namespace: str = "", pagination: Pagination = ALL) -> DefinitionList:
        """Returns the definitions of a kind: all but for tags, of which pagination may choose.

        Without a limit the service sends all at once, and with one it sends no link to the rest.
        """
        params = [(key, value) for key, value in pagination._asdict().items() if value]
        document = self._request("GET", kind, namespace=namespace, params=params).object()
        found = document.get(COLLECTIONS[kind].key) or []
        if isinstance(found, dict):  # properties, by their names
            found = [
                {**info, "name": name} for name, info in found.items() if isinstance(info, dict)
            ]
        return decoding.definitions(found)

    def get(
        self, kind: Kind, name: str, namespace: str = "", *, resource_type: str = ""
    ) -> Definition:
        """Returns a definition, with the names that its properties have for a resource type."""
        if kind is Kind.TAG and not fits_in_path(name):
            return self._tag_in_list(name, namespace)
        params = [("resource_type", resource_type)] if resource_type else []
        response = self._request("GET", kind, name, namespace, params=params)
        return decoding.definition(response.object())

    def create(self, kind: Kind, fields: DefinitionFields, namespace: str = "") -> Definition:
        """Creates a definition. A tag whose name fits in no path is created by a list of tags."""
        name = str(fields.get("namespace") or fields.get("name") or "")
        if kind is Kind.TAG:
            if not fits_in_path(name):
                created = self.set_tags(namespace, [name], append=True)
                return next(iter(created), decoding.definition({"name": name}))
            response = self._request("POST", kind, name, namespace, expect=(201,))
        else:
            check_name(kind, name)
            response = self._request(
                "POST", kind, namespace=namespace, new=name, body=writable(fields), expect=(201,)
            )
        return decoding.definition(response.object())

    def update(
        self, kind: Kind, name: str, fields: DefinitionFields, namespace: str = ""
    ) -> Definition:
        """Returns the definition after one PUT, which replaces it: it is read first, as fields that
        are left out keep their values.
        """
        new_name = str(fields.get("namespace") or fields.get("name") or "")
        if kind is Kind.TAG and not fits_in_path(name):
            self._replace_tag(name, [new_name], namespace)
            return self.get(kind, new_name, namespace)
        if kind is not Kind.TAG:
            check_name(kind, new_name)
        collection = COLLECTIONS[kind]
        known: Definition = {}
        if collection.has_more_fields:
            known = writable(self.get(kind, name, namespace), collection.not_updated)
        body = {**known, **fields}
        response = self._request("PUT", kind, name, namespace, body=body)
        return decoding.definition(response.object())

    def delete(self, kind: Kind, name: str, namespace: str = "") -> None:
        """Deletes a definition, a namespace with all that is in it."""
        if kind is Kind.TAG and not fits_in_path(name):
            self._replace_tag(name, [], namespace)
            return
        self._request("DELETE", kind, name, namespace, expect=(204,))

    def delete_all(self, kind: Kind, namespace: str) -> None:
        """Deletes all definitions of a kind in a namespace."""
        self._request("DELETE", kind, namespace=namespace, expect=(204,))

    def set_tags(self, namespace: str, names: Iterable[str], *, append: bool) -> DefinitionList:
        """Creates tags, in place of all tags of the namespace or in addition to them."""
        tags = [{"name": name} for name in names]
        response = self._request(
            "POST",
            Kind.TAG,
            namespace=namespace,
            body={"tags": tags},
            headers={"X-Openstack-Append": str(append)},
            expect=(201,),
        )
        return decoding.definitions(response.object().get("tags"))

    def _replace_tag(self, name: str, new_names: Sequence[str], namespace: str) -> None:
        """Replaces a tag, whose name fits in no path, in the list of all tags."""
        self._tag_in_list(name, namespace)
        others = [tag["name"] for tag in self.list(Kind.TAG, namespace) if tag["name"] != name]
        names = [*others, *new_names]
        if names:
            self.set_tags(namespace, names, append=False)
        else:
            self.delete_all(Kind.TAG, namespace)  # an empty list would change nothing

    def _tag_in_list(self, name: str, namespace: str) -> Definition:
        for tag in self.list(Kind.TAG, namespace):
            if tag["name"] == name:
                return tag
        raise NotFound(f"namespace {namespace} has no tag '{name}'")

    def _request(
        self,
        method: str,
        kind: Kind,
        name: str = "",
        namespace: str = "",
        *,
        new: str = "",
        **options: Any,
    ) -> Response:
        """Sends a request about a definition, or about all of a kind; new is the name of one to
        come.
        """
        path = path_to(kind, name, namespace)
        subject = subject_of(kind, name or new, namespace)
        try:
            return self.client.request(method, path, subject=subject, **options)
        except NotFound as error:
            listing: Words = (COLLECTIONS[Kind.NAMESPACE].listing,)
            if name and namespace:
                listing = (COLLECTIONS[kind].listing, namespace)
            error.hint = Hint("{} lists those that you can see.", listing)
            raise


def writable(fields: DefinitionFields, not_taken: tuple[str, ...] = ()) -> Definition:
    """The fields that a request may have, of a definition as the service shows it."""
    kept: Definition = {}
    for key, value in fields.items():
        if key in READ_ONLY or key in not_taken:
            continue
        kept[key] = value
        if key in ("objects", "tags", "resource_type_associations"):
            kept[key] = [writable(each) for each in value]
    return kept


def path_to(kind: Kind, name: str, namespace: str) -> str:
    """The path of a definition, or of all definitions of its kind."""
    collection = COLLECTIONS[kind]
    path = collection.path
    if collection.is_in_namespace:
        check_name(Kind.NAMESPACE, namespace)
        path = f"{NAMESPACES}/{quoted(namespace)}{path}"
    if name:
        check_name(kind, name)
        path += f"/{quoted(name)}"
    return path


def check_name(kind: Kind, name: str) -> None:
    """Raises UsageError for a name by which the service cannot find the definition again; none at
    all is for the service to refuse.
    """
    if name and not fits_in_path(name):
        raise UsageError(
            f"{kind.value} '{name}': the service reads names in URL paths as Latin-1 and takes a "
            "slash for a separator, so it does not find this name",
            hint="Use ASCII characters without a slash.",
        )


def subject_of(kind: Kind, name: str, namespace: str) -> Subject | None:
    """The subject of errors: the definition, else the namespace."""
    if not name and not namespace:
        return None
    if not name:
        return Subject(Kind.NAMESPACE.value, namespace)
    if namespace:
        name = f"{name} of namespace {namespace}"
    return Subject(kind.value, name)
