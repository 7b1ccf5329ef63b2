"""The seam: the real network and the one in memory have the same shape."""

from __future__ import annotations

import inspect

import pytest

from gunj_widgets.connection import transport
from gunj_widgets.connection.network import WebLink, WebNetwork, WebReply, WebStream
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.testing import MemoryLink, MemoryOperator, MemoryReply, MemoryStream


@pytest.mark.parametrize(
    ("protocol", "implementations"),
    [
        (transport.Network, (WebNetwork, MemoryOperator)),
        (transport.Link, (WebLink, MemoryLink)),
        (transport.Stream, (WebStream, MemoryStream)),
        (transport.Reply, (WebReply, MemoryReply)),
    ],
)
def test_both_have_every_method_with_the_same_parameters(protocol: type, implementations: tuple[type, ...]) -> None:
    methods = [name for name, value in vars(protocol).items() if inspect.isfunction(value) and not name.startswith("_")]
    for kind in implementations:
        for name in methods:
            assert inspect.signature(getattr(kind, name)).parameters == inspect.signature(
                getattr(protocol, name)
            ).parameters or [p.name for p in inspect.signature(getattr(kind, name)).parameters.values()] == [
                p.name for p in inspect.signature(getattr(protocol, name)).parameters.values()
            ]


def test_headers_are_found_in_any_case() -> None:
    assert Refused("status", "x", status=429, headers={"Retry-After": "5"}).headers["retry-after"] == "5"
    assert Lost(1006, "x").code == 1006
