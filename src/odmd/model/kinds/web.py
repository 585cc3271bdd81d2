"""Kinds of APIs over HTTP and their documents."""

from __future__ import annotations

from typing import Final

from odmd.model.kinds.base import READ_ONLY, Child
from odmd.model.kinds.messaging import Channel, Message_co
from odmd.model.kinds.url import UrlKind


class HttpApi(UrlKind):
    """An HTTP endpoint by its base URL."""

    looks_like = "a URL like https://api.example.com/v1"


class GraphQlApi(UrlKind):
    """A GraphQL endpoint by its URL."""

    looks_like = "a URL like https://api.example.com/graphql"


class WebSocketApi(UrlKind, Channel[Message_co]):
    """A web socket endpoint by its URL."""

    schemes = "wss?"
    looks_like = "a URL like wss://api.example.com/live"


class Website(UrlKind):
    """A page for people by its URL."""

    looks_like = "a URL like https://www.example.com"
    accesses = READ_ONLY


class OpenApi(UrlKind):
    """An OpenAPI document by the URL that serves it."""

    schemes = "https?|s3"
    looks_like = "the URL of an OpenAPI document"
    accesses = READ_ONLY


class GraphQlSchema(UrlKind):
    """A GraphQL schema by the URL that serves it."""

    schemes = "https?|s3"
    looks_like = "the URL of a GraphQL schema"
    accesses = READ_ONLY


API_DOC: Final[Child[HttpApi, OpenApi]] = Child(HttpApi, "api-doc", OpenApi)
GRAPHQL_SCHEMA: Final[Child[GraphQlApi, GraphQlSchema]] = Child(GraphQlApi, "schema", GraphQlSchema)
