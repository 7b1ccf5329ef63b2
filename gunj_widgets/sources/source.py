"""Source: where one back end is, and what it takes to be let in."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gunj_widgets.arguments import needed
from gunj_widgets.connection.address import WEB, check_url, hidden, refuse_clear_text, shown_url
from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.secret import Secret
from gunj_widgets.connection.tls import Verify, check_verify, tls_context
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.shown import Shown, Table
from gunj_widgets.settings import Settings

__all__ = ["Source"]


HEADERS = 'Names and values are text in ASCII, on one line: headers={"X-Api-Key": "…"}.'


@dataclass(frozen=True, kw_only=True)
class Source(Shown):
    """One back end: its address and credentials, which are never shown.

    `token`: a bearer token, a function that returns one or a TokenFile. `basic`: (user, password). `headers`: any others.
    `tenant`: sent as X-Scope-OrgID. `namespace`: of Kubernetes only that one; None = all. `cert`: PEM files (certificate,
    key) for mTLS. `verify`: as for `connect()`.
    """

    url: str
    token: str | Callable[[], Any] | Auth | None = field(default=None, repr=False)
    basic: tuple[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tenant: str | None = None
    namespace: str | None = None
    cert: tuple[str, str] | None = None
    verify: Verify = True

    def __post_init__(self) -> None:
        needed(self.url, str, "an address is text", "As in Source(url='https://host').")
        object.__setattr__(self, "url", hidden(self.url))  # what it may not carry is refused where it is used
        Auth.of(self.token)
        check_verify(self.verify)
        if self.basic is not None and not _texts(self.basic, 2):
            raise SettingsError("basic is not a user and a password", 'As in basic=("me", "…").')
        if self.cert is not None and not _texts(self.cert, 2):
            raise SettingsError("cert is not two files", 'As in cert=("client.pem", "client.key").')
        for name, value in {"tenant": self.tenant, "namespace": self.namespace}.items():
            needed(value, (str, type(None)), f"a {name} is named by text", f'As in {name}="sre".')
        if not isinstance(self.headers, Mapping):
            raise SettingsError("headers are no dict", HEADERS)
        sent = {**self.headers, "X-Scope-OrgID": self.tenant or ""}
        unfit = [name for name in sent if not _texts((name, sent[name]), 2) or not _plain(name + sent[name])]
        sent.clear()  # a traceback shows variables
        if unfit:
            raise SettingsError(f"the header {unfit[0]!r:.40} cannot be sent", HEADERS)

    def _shown(self) -> Table:
        secret = [name for name in ("token", "basic", "headers") if getattr(self, name)]
        told = (
            ("url", shown_url(self.url)),
            ("tenant", self.tenant),
            ("namespace", self.namespace),
            ("certificate", self.cert[0] if self.cert else None),
            ("credentials", ", ".join(secret)),
        )
        return "Source", ("field", "value"), [row for row in told if row[1]]

    @classmethod
    def of(
        cls,
        source: str | Source,
        token: str | Callable[[], Any] | Auth | None = None,
        verify: Verify = True,
        schemes: Mapping[str, str] = WEB,
    ) -> Source:
        """Return the Source for an address; `token` and `verify` are for one that was given as a plain address."""
        source = hidden(source)
        found = source if isinstance(source, Source) else cls(url=source, token=token, verify=verify)
        if found.token is not None and found.basic is not None:
            raise SettingsError(f"both token= and basic= for {check_url(found.url, schemes)}", "Give one of them.")
        secret = Secret(found.token) if isinstance(found.token, str) else found.token
        basic = None if found.basic is None else (found.basic[0], Secret(found.basic[1]))
        headers = {name: Secret(value) for name, value in found.headers.items()}
        return cls(
            url=check_url(found.url, schemes),
            token=secret,
            basic=basic,
            headers=headers,
            tenant=found.tenant,
            namespace=found.namespace,
            cert=found.cert,
            verify=found.verify,
        )

    def auth(self) -> Auth:
        """Return the bearer token's Auth; one without a token where there is none."""
        return Auth.of(self.token)

    def sent(self) -> dict[str, str]:
        """Return the headers that go with each request, beside the bearer token."""
        headers = dict(self.headers)
        if self.basic is not None:
            pair = base64.b64encode(f"{self.basic[0]}:{self.basic[1]}".encode()).decode()
            headers["Authorization"] = Secret(f"Basic {pair}")
        if self.tenant is not None:
            headers["X-Scope-OrgID"] = self.tenant
        return headers

    def tls(self, place: str, ca_file: str | None) -> Verify:
        """Return how to verify the server, with our own certificate where there is one; SettingsError if it is unusable."""
        if self.cert is None:
            return self.verify
        context = tls_context(place, self.verify, ca_file)
        try:
            context.load_cert_chain(*self.cert)
        except (OSError, ssl.SSLError) as error:
            raise SettingsError(
                f"cannot use the client certificate {self.cert[0]}: {error.strerror or 'it is not PEM'}",
                "Name the PEM files of a certificate and its key.",
            ) from None
        return context

    def check(self, settings: Settings) -> None:
        """Raise ConnectError where a credential would travel in clear text."""
        if self.token is not None or self.basic is not None or self.headers:
            refuse_clear_text(self.url, settings)

    def identity(self) -> str:
        """Text that differs between identities. It holds secrets: hash it before keeping it."""
        basic = ":".join(self.basic or ())
        headers = sorted((name, str(value)) for name, value in self.headers.items())
        return f"{self.auth().identity()} {basic} {headers} {self.tenant} {self.namespace} {self.cert} {self.verify!r}"


def _texts(given: Any, count: int) -> bool:
    """Whether these are so many texts."""
    return isinstance(given, list | tuple) and len(given) == count and all(isinstance(one, str) for one in given)


def _plain(text: str) -> bool:
    return text.isascii() and text.isprintable()
