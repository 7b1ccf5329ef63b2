"""What a platform tells of its back ends, and whose credentials go where."""

from __future__ import annotations

import pytest

from gunj_widgets.sources.endpoints import Service, backends, service_of, source_for, through_api
from gunj_widgets.sources.source import Source

OWN = Source.of(Source(url="https://gunj.example.com", token="canary"))


def test_every_spelling_and_only_what_we_can_ask() -> None:
    told = {
        "Prometheus": "https://p.example.com/prom/",
        "alert-manager": "am.monitoring.svc:9093",
        "lokiUrl": "http://loki:3100/loki/..",
        "grafana": "https://g.example.com",
        "tempo": "http://tempo:3200",
    }
    assert backends(told) == {
        "prometheus": "https://p.example.com/prom",
        "alertmanager": "http://am.monitoring.svc:9093",
        "loki": "http://loki:3100/loki/..",
    }


@pytest.mark.parametrize(
    "told", ["", "file:///etc/passwd", "http://", "http://user:pw@host", "x" * 3_000, "http://a b"]
)
def test_what_is_no_address_is_left_out(told: str) -> None:
    assert backends({"prometheus": told}) == {}


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("http://p.monitoring.svc:9090/x", Service("http", "p", "monitoring", 9090, "/x")),
        ("https://p.monitoring.svc.cluster.local", Service("https", "p", "monitoring", 443, "")),
        ("http://prometheus:9090", Service("http", "prometheus", "here", 9090, "")),
        ("http://localhost:9090", None),
        ("http://p.example.com", None),
        ("http://127.0.0.1:9090", None),
        ("http://[::1]:9090", None),
    ],
)
def test_names_of_a_cluster(url: str, found: Service | None) -> None:
    assert service_of(url, "here") == found


@pytest.mark.parametrize(
    ("url", "trust", "sent"),
    [
        ("https://gunj.example.com/platforms/prod/prometheus", (), True),
        ("https://gunj.example.com:8443/prometheus", (), False),
        ("http://gunj.example.com/prometheus", (), False),
        ("https://gunj.example.com.evil.org", (), False),
        ("https://prom.example.com", (), False),
        ("https://prom.example.com", ("prom.example.com",), True),
        ("https://PROM.example.com", ("*.Example.com",), True),
        ("https://example.com.evil.org", ("*.example.com",), False),
        ("https://evil.org/.example.com", ("*.example.com",), False),
    ],
)
def test_credentials_go_to_our_own_host_and_to_trusted_ones(url: str, trust: tuple[str, ...], sent: bool) -> None:
    source, remedy = source_for(url, OWN, trust)
    assert (source.token is not None) is sent
    assert source.url == url
    assert bool(remedy) is not sent
    assert "canary" not in f"{source!r} {remedy}"


def test_through_the_api_server() -> None:
    api = Source.of(Source(url="https://10.0.0.1:6443", token="t", namespace="monitoring"))
    made = through_api(Service("https", "p", "monitoring", 9090, "/prom"), api)
    assert made.url == "https://10.0.0.1:6443/api/v1/namespaces/monitoring/services/https:p:9090/proxy/prom"
    assert (made.token, made.namespace) == (api.token, None)
