"""Notifications, and how they are configured."""

from __future__ import annotations

import json

import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.alertmanager.webhook import configuration, news

yaml = pytest.importorskip("yaml")


def test_a_notification_says_how_many() -> None:
    assert news(json.dumps({"version": "4", "status": "firing", "alerts": [{}, {}]}).encode()) == 2


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"version": "3", "alerts": []}', b"[" * 5_000, b"\xff"])
def test_anything_else_is_none(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        news(body)


def test_the_configuration_names_the_file_and_not_the_token() -> None:
    (found,) = yaml.safe_load(configuration("http://127.0.0.1:1/alertmanager", "/run/token"))
    (hook,) = found["webhook_configs"]
    assert hook["http_config"] == {"authorization": {"credentials_file": "/run/token"}}
    assert (found["name"], hook["url"]) == ("gunj", "http://127.0.0.1:1/alertmanager")
