"""Questions to an API server: the served version, pages, and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import ConnectError, QueryError, RemoteProtocolError
from gunj_widgets.sources.kubernetes.client import KubernetesClient
from gunj_widgets.sources.kubernetes.collection import ExpiredError
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend, recorded


def client(answer: Any, namespace: str | None = None) -> KubernetesClient:
    network = FakeNetwork(answer if callable(answer) else lambda path, asked: answer)
    return KubernetesClient(backend(network, FakeClock()), namespace)


@pytest.mark.parametrize(
    ("group", "served"),
    [
        (
            {"versions": [{"version": "v1alpha1"}, {"version": "v1beta1"}], "preferredVersion": {"version": "v1beta1"}},
            "v1beta1",
        ),
        ({"versions": [{"version": "v1alpha1"}]}, "v1alpha1"),
    ],
)
async def test_the_version_that_is_served(group: dict[str, Any], served: str) -> None:
    path = f"/apis/observability.io/{served}/"
    assert await client((200, group)).platforms() == path + "observabilityplatforms"
    assert await client((200, group), "a").platforms() == path + "namespaces/a/observabilityplatforms"


async def test_a_cluster_without_the_operator() -> None:
    with pytest.raises(ConnectError, match="CRDs"):
        await client(recorded("kubernetes", "err_404")).platforms()


async def test_a_list_comes_in_pages() -> None:
    def answer(path: str, asked: dict[str, list[str]]) -> Answer:
        first = int(asked.get("continue", ["0"])[0])
        more = str(first + 1) if first < 2 else ""
        return 200, {
            "items": [{"metadata": {"name": str(first)}}],
            "metadata": {"continue": more, "resourceVersion": "7"},
        }

    objects, version = await client(answer).list("/x")
    assert [one["metadata"]["name"] for one in objects] == ["0", "1", "2"]
    assert version == "7"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((410, {"code": 410}), ExpiredError),
        ((500, {"message": "etcd is away"}), QueryError),
        ((200, b"<html>"), RemoteProtocolError),
        ((200, {"items": 1}), RemoteProtocolError),
    ],
)
async def test_lists_that_fail(answer: Answer, error: type[Exception]) -> None:
    with pytest.raises(error):
        await client(answer).list("/x")


async def test_what_is_no_api_server() -> None:
    assert await client((200, {"gitVersion": "v1.36.0"})).version() == "v1.36.0"
    with pytest.raises(ConnectError, match="no Kubernetes API server"):
        await client((200, b"hello")).version()
