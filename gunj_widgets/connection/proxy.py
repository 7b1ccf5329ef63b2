"""Which proxy leads to an address: one choice for the WebSocket, the streams and the requests."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

from gunj_widgets.connection.address import is_loopback
from gunj_widgets.connection.secret import HIDDEN, Secret
from gunj_widgets.errors import SettingsError, SetupError

__all__ = ["DIRECT", "choose_proxy", "shown"]

DIRECT = "direct"
"""The setting that means: no proxy, whatever the environment says."""
SCHEMES = ("http", "https", "socks5", "socks5h")


def choose_proxy(url: str, setting: str | None = None) -> Secret | None:
    """Return the proxy's address for an operator's, None for none. It may hold a password, so it does not show.

    `setting` None = as `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say, or the system's settings. Loopback
    is never asked for through a proxy. SettingsError for what is no proxy, SetupError where SOCKS support is missing.
    """
    if is_loopback(url) or setting == DIRECT:
        return None
    chosen = setting or _from_environment(url)
    if not chosen:
        return None
    text = chosen if "://" in chosen else f"http://{chosen}"
    try:
        parts = urlsplit(text)
        complete = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise SettingsError("the proxy is no address", "Write http://host:port or socks5h://host:port.") from None
    if parts.scheme not in SCHEMES or not complete:
        raise SettingsError(
            f"{shown(text)!r} is no proxy we can use", f"Write scheme://host:port, with one of {', '.join(SCHEMES)}."
        )
    if parts.scheme.startswith("socks") and not (find_spec("python_socks") and find_spec("socksio")):
        raise SetupError(
            "the proxy is a SOCKS proxy, and support for it is not installed", "pip install 'gunj-widgets[proxy]'"
        )
    return Secret(urlunsplit((parts.scheme, parts.netloc, "", "", "")))


def shown(proxy: str) -> str:
    """Return a proxy's address without its password."""
    scheme, _, rest = proxy.rpartition("://")
    user, at, place = rest.rpartition("@")
    return f"{scheme}{'://' if scheme else ''}{f'{HIDDEN}@' if user or at else ''}{place}"


def _from_environment(url: str) -> str | None:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    if proxy_bypass(place):
        return None
    found = getproxies()
    return found.get(parts.scheme) or found.get("all") or found.get("socks")
