"""kubeconfig(): where a cluster is and how to be let in, as kubectl knows it: contexts, exec plugins, tokens in a pod."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import subprocess
import tempfile
import time
from binascii import Error as Base64Error
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from gunj_widgets.arguments import kept_at, needed
from gunj_widgets.connection.auth import TokenFile
from gunj_widgets.connection.secret import Secret
from gunj_widgets.errors import AuthError, SettingsError, SetupError
from gunj_widgets.events.values import moment
from gunj_widgets.sources.source import Source

__all__ = ["kubeconfig"]

POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")
EXEC_TIMEOUT = 60.0
"""Seconds an exec plugin may take: it may have to ask a cloud."""
LIFE = 300.0
"""Seconds after which a plugin that tells no end is asked again."""


class _Cluster(msgspec.Struct, rename="kebab"):
    server: str
    certificate_authority: str | None = None
    certificate_authority_data: str | None = None
    insecure_skip_tls_verify: bool = False
    tls_server_name: str | None = None


class _Variable(msgspec.Struct):
    name: str
    value: str


class _Exec(msgspec.Struct, rename="camel"):
    api_version: str
    command: str
    args: list[str] | None = None
    env: list[_Variable] | None = None
    install_hint: str = ""


class _User(msgspec.Struct, rename="kebab"):
    token: str | None = None
    token_file: str | None = msgspec.field(name="tokenFile", default=None)
    username: str | None = None
    password: str | None = None
    client_certificate: str | None = None
    client_certificate_data: str | None = None
    client_key: str | None = None
    client_key_data: str | None = None
    exec: _Exec | None = None
    auth_provider: Any = None


class _Context(msgspec.Struct):
    cluster: str
    user: str = ""
    namespace: str | None = None


def kubeconfig(context: str | None = None, *, namespace: str | None = None, path: str | Path | None = None) -> Source:
    """Return the Source of a cluster: of a context of the kubeconfig, else of the pod we run in, else of the current context.

    `path` is the kubeconfig's (else `KUBECONFIG`, else `~/.kube/config`). `namespace`: only that one; None = all.
    SettingsError or SetupError say what is wrong with it. The same arguments give the same Source while the file stays as it is.
    """
    for name in (context, namespace):
        needed(name, (str, type(None)), "contexts and namespaces are named by text", "As in gunj.kubeconfig('prod').")
    if context is None and path is None and (POD / "token").exists() and os.environ.get("KUBERNETES_SERVICE_HOST"):
        return _in_pod(namespace)
    if path is None:
        path = next(filter(None, os.environ.get("KUBECONFIG", "").split(os.pathsep)), "~/.kube/config")
    file = kept_at(path)
    try:
        stamp = file.stat().st_mtime_ns
    except OSError as error:
        raise SettingsError(
            f"there is no kubeconfig at {file}: {error.strerror}",
            "Name it: gunj.kubeconfig(path=...), or KUBECONFIG; or give the API server: gunj.Source(url=..., token=...).",
        ) from None
    return _from_file(file, context, namespace, stamp)


@lru_cache(maxsize=16)
def _in_pod(namespace: str | None) -> Source:
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    host = f"[{host}]" if ":" in host else host
    tls = ssl.create_default_context(cafile=str(POD / "ca.crt"))
    return Source(url=f"https://{host}:{port}", token=TokenFile(POD / "token"), verify=tls, namespace=namespace)


@lru_cache(maxsize=16)
def _from_file(file: Path, name: str | None, namespace: str | None, stamp: int) -> Source:
    config = _read(file)
    name = name or config.get("current-context")
    contexts = _named(config, "contexts", "context", _Context, file)
    if not name or name not in contexts:
        known = ", ".join(sorted(contexts)) or "none"
        raise SettingsError(f"there is no context {name!r} in {file}", f"There are: {known}.")
    chosen = contexts[name]
    clusters = _named(config, "clusters", "cluster", _Cluster, file)
    users = _named(config, "users", "user", _User, file)
    if chosen.cluster not in clusters or (chosen.user and chosen.user not in users):
        raise SettingsError(f"the context {name!r} of {file} names a cluster or user that is not there", "Repair it.")
    cluster, user = clusters[chosen.cluster], users.get(chosen.user, _User())
    secure = urlsplit(cluster.server).scheme == "https"
    basic = (user.username, user.password) if user.username and user.password else None
    return Source(
        url=cluster.server.rstrip("/"),
        token=_token(user, file),
        basic=basic,
        verify=_tls(cluster, user, file) if secure else True,
        namespace=namespace,
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        import yaml
    except ImportError:
        raise SetupError(
            "reading a kubeconfig needs PyYAML", "pip install 'gunj-widgets[kubernetes]', or give gunj.Source(url=...)."
        ) from None
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise SettingsError(f"cannot read the kubeconfig {file}: {type(error).__name__}", "Repair it.") from None
    return found if isinstance(found, dict) else {}


def _named(config: dict[str, Any], many: str, one: str, kind: type[Any], file: Path) -> dict[str, Any]:
    """Return a section's entries by their names; what is in them is never part of an error."""
    found: dict[str, Any] = {}
    for entry in config.get(many) or []:
        try:
            found[str(entry["name"])] = msgspec.convert(entry.get(one) or {}, kind)
        except (msgspec.ValidationError, TypeError, KeyError, AttributeError):
            raise SettingsError(f"an entry of {many!r} in {file} is not as it should be", "Repair it.") from None
    return found


def _token(user: _User, file: Path) -> Any:
    if user.token_file:
        return TokenFile(file.parent / Path(user.token_file).expanduser())
    if user.token:
        return Secret(user.token)
    if user.exec is not None:
        return _plugin(user.exec, file)
    if user.auth_provider is not None:
        raise SettingsError(
            "the kubeconfig uses auth-provider, which Kubernetes gave up", "Use the provider's exec plugin."
        )
    return None


def _plugin(plugin: _Exec, file: Path) -> Callable[[], Any]:
    """Return what runs an exec plugin: its token, and how many seconds that lives."""
    command = plugin.command
    if os.sep in command:  # relative to the file, as kubectl has it
        command = str(file.parent / Path(command).expanduser())
    told = json.dumps({"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": {"interactive": False}})
    added = {variable.name: variable.value for variable in plugin.env or ()}
    environment = {**os.environ, **added, "KUBERNETES_EXEC_INFO": told}

    def ask() -> tuple[str, float]:
        try:
            done = subprocess.run(  # noqa: S603  the user's own kubeconfig names it
                [command, *(plugin.args or ())],
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=EXEC_TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            why = getattr(error, "strerror", None) or f"no answer within {EXEC_TIMEOUT:g} s"
            raise AuthError(f"the exec plugin {plugin.command} did not run: {why}", plugin.install_hint) from None
        if done.returncode:
            said = " ".join(done.stderr.decode(errors="replace").split())[:200]
            raise AuthError(f"the exec plugin {plugin.command} failed: {said}", "Log in again with it, then reconnect.")
        try:
            status = json.loads(done.stdout)["status"]
            token, ends = status["token"], status.get("expirationTimestamp")
        except (ValueError, KeyError, TypeError):
            raise AuthError(
                f"the exec plugin {plugin.command} gave no token", "Certificates from plugins are not supported."
            ) from None
        until = moment(ends)
        return str(token), LIFE if until is None else max(1.0, until - time.time())

    async def token() -> tuple[str, float]:
        return await asyncio.to_thread(ask)

    return token


def _tls(cluster: _Cluster, user: _User, file: Path) -> ssl.SSLContext:
    """Return the context for a cluster: its own CA alone, and our certificate where there is one."""
    try:
        authority = _pem(cluster.certificate_authority, cluster.certificate_authority_data, file)
        context = ssl.create_default_context(cadata=authority.decode() if authority else None)
        if cluster.insecure_skip_tls_verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        certificate = _pem(user.client_certificate, user.client_certificate_data, file)
        key = _pem(user.client_key, user.client_key_data, file)
        if certificate:
            _load(context, certificate + b"\n" + (key or b""))
    except (OSError, ssl.SSLError, Base64Error, UnicodeError):
        raise SettingsError(f"a certificate or key that {file} names cannot be used", "Renew or repair it.") from None
    return context


def _pem(path: str | None, data: str | None, file: Path) -> bytes | None:
    if data:
        return base64.b64decode(data)
    return (file.parent / Path(path).expanduser()).read_bytes() if path else None


def _load(context: ssl.SSLContext, pem: bytes) -> None:
    """OpenSSL reads our key from a file only: one of our own, which is gone at once."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "key.pem"
        place.touch(0o600)
        place.write_bytes(pem)
        context.load_cert_chain(place)
