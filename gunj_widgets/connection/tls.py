"""One TLS context for everything: the system's trust store, and the user's own CA beside it."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError

__all__ = ["Verify", "check_verify", "tls_context"]

Verify = bool | ssl.SSLContext
"""True: verify. False: do not, and say so each time. A context: take that one as it is."""

log = logging.getLogger("gunj_widgets.connection")


def check_verify(verify: Verify) -> None:
    """Raise SettingsError for anything else: a path would count as True, and None as False."""
    needed(
        verify,
        (bool, ssl.SSLContext),
        "verify is True, False or an ssl.SSLContext",
        'A CA of your own is trusted by connection={"ca_file": path}.',
    )


def tls_context(place: str, verify: Verify = True, ca_file: str | None = None) -> ssl.SSLContext:
    """Return the context for the WebSocket, the streams and the requests to `place` (host and port).

    `ca_file` is trusted beside what the operating system trusts; SettingsError where it holds no certificate.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    context = ssl.create_default_context()
    if ca_file is not None:
        _trust(context, ca_file)
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        log.warning(
            "verify=False: whoever stands between this kernel and %s can read the token and change the data; "
            "trust its CA instead (Settings.connection.ca_file)",
            place,
        )
    return context


def _trust(context: ssl.SSLContext, ca_file: str) -> None:
    path = Path(ca_file).expanduser()
    try:
        context.load_verify_locations(path)
    except (OSError, ssl.SSLError) as error:
        why = "it holds no certificate in PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise SettingsError(
            f"cannot use the CA file {path}: {why}", "Name a PEM file with the CA's certificate."
        ) from None
