"""login(): a name and a password in exchange for tokens that renew themselves."""

from __future__ import annotations

import getpass

from gunj_widgets.arguments import needed
from gunj_widgets.connection.address import check_url, hidden
from gunj_widgets.connection.login import Login
from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.secret import Secret
from gunj_widgets.connection.tls import Verify, check_verify
from gunj_widgets.errors import SettingsError
from gunj_widgets.session.connect import check_settings
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
    text = isinstance(password, str | None)
    secret = Secret(password) if text and password is not None else None
    password = None  # a traceback shows arguments
    if not text:
        raise SettingsError("a password is text", "Leave it out, and it is asked for.")
    needed(username, (str, type(None)), "a user is named by text", 'As in username="sre".')
    check_settings(settings)
    check_verify(verify)
    url = hidden(url)
    url = check_url(url)
    secret = Secret(getpass.getpass(f"Password for {url}: ")) if secret is None else secret
    settings = settings if settings is not None else Settings.load()
    return get_io().run(_enter(url, username, settings, verify, secret)).result(settings.connection.open_timeout + 2.0)


async def _enter(url: str, username: str | None, settings: Settings, verify: Verify, secret: Secret) -> Login:
    made = Login(url, lambda: WebNetwork(url, settings, verify), settings, username)
    await made.enter(secret)
    return made
