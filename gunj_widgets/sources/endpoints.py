"""What a platform's `status.endpoints` tell: which back ends, where, and with whose credentials one may ask there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple
from urllib.parse import urlsplit

from gunj_widgets.connection.address import check_url, origin
from gunj_widgets.errors import ConnectError
from gunj_widgets.sources.source import Source

__all__ = ["Service", "backends", "service_of", "source_for", "through_api"]

KINDS = ("prometheus", "alertmanager", "loki")
PORTS = {"http": 80, "https": 443}
MAX_URL = 2_000


class Service(NamedTuple):
    """What a name inside a cluster names."""

    scheme: str
    name: str
    namespace: str
    port: int
    path: str


def backends(endpoints: Mapping[str, str]) -> dict[str, str]:
    """Return prometheus, alertmanager and loki → address, of those that are told; what is no address is left out.

    Names are taken in every spelling (`Prometheus`, `alert-manager`, `lokiUrl`), and an address without a scheme as http.
    """
    found: dict[str, str] = {}
    for name, told in endpoints.items():
        plain = "".join(letter for letter in name.lower() if letter.isalnum())
        kind = next((kind for kind in KINDS if plain in (kind, f"{kind}url", f"{kind}endpoint")), None)
        if kind is None or kind in found or not told or len(told) > MAX_URL:
            continue
        try:
            found[kind] = check_url(told if "://" in told else f"http://{told}")
        except ConnectError:
            continue
    return found


def service_of(url: str, namespace: str = "") -> Service | None:
    """Return the service that an address names if it is one of a cluster's own: `prometheus`, `prometheus.monitoring.svc`.

    `namespace` is that of whoever told it. A name of two parts may be anything, and is taken for a host.
    """
    parts = urlsplit(url)
    names = (parts.hostname or "").rstrip(".").split(".")
    port = parts.port or PORTS.get(parts.scheme, 80)
    if len(names) >= 3 and names[2] == "svc":
        return Service(parts.scheme, names[0], names[1], port, parts.path)
    if len(names) == 1 and names[0] not in ("", "localhost") and ":" not in names[0]:
        return Service(parts.scheme, names[0], namespace, port, parts.path)
    return None


def source_for(url: str, own: Source, trust: Sequence[str]) -> tuple[Source, str]:
    """Return the Source of an address that a platform told, and what helps where it refuses us.

    It is asked with `own` credentials (the operator's, or the API server's) where scheme, host and port are the same, or
    where the host is one of `trust` (`*.example.com`); anywhere else with none.
    """
    host = (urlsplit(url).hostname or "").lower()
    if origin(url) == origin(own.url):
        return replace(own, url=url, namespace=None), ""
    if any(fnmatchcase(host, pattern.lower()) for pattern in trust):
        return Source(url=url, token=own.token, basic=own.basic), ""
    remedy = (
        f"Your token is not sent to another host unless you say so: gunj.connect(..., trust=[{host!r}]), or give "
        "credentials of its own: gunj.connect(..., prometheus=gunj.Source(url=..., token=...))."
    )
    return Source(url=url), remedy


def through_api(service: Service, api: Source) -> Source:
    """Return the Source of a service by way of the API server's proxy, with the credentials that are its own anyway."""
    scheme = "https:" if service.scheme == "https" else ""
    place = f"/api/v1/namespaces/{service.namespace}/services/{scheme}{service.name}:{service.port}/proxy"
    return replace(api, url=f"{api.url}{place}{service.path}", namespace=None)
