"""login(): a name and a password in exchange for tokens that renew themselves."""

from __future__ import annotations

import getpass

from gunj_widgets.connection.address import check_url, hidden
from gunj_widgets.connection.login import Login
from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.secret import Secret
from gunj_widgets.connection.tls import Verify
from gunj_widgets.settings import Settings

__all__ = ["login"]


def login(
    url: str,
    *,
    username: str | None = None,
    password: str | None = None,
    settings: Settings | None = None,
    verify: Verify = True,
) -> Login:
    """Log in and return what `connect(url, token=...)` takes: `gunj.connect(url, token=gunj.login(url))`.

    Without a password it is asked for, unseen. It is sent once and not kept; AuthError where it is wrong.
    """
    secret = None if password is None else Secret(password)
    password = None  # a traceback shows arguments
    url = hidden(url)
    url = check_url(url)
    secret = Secret(getpass.getpass(f"Password for {url}: ")) if secret is None else secret
    settings = settings if settings is not None else Settings.load()
    return get_io().run(_enter(url, username, settings, verify, secret)).result(settings.connection.open_timeout + 2.0)


async def _enter(url: str, username: str | None, settings: Settings, verify: Verify, secret: Secret) -> Login:
    made = Login(url, lambda: WebNetwork(url, settings, verify), settings, username)
    await made.enter(secret)
    return made
