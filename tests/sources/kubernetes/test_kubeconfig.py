"""Where a cluster is and how to be let in: contexts, tokens, plugins, certificates, and what is wrong with them."""

from __future__ import annotations

import base64
import datetime
import json
import ssl
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.auth import TokenFile
from gunj_widgets.errors import AuthError, SettingsError
from gunj_widgets.sources.kubernetes import kubeconfig as module

SECRET = "s3cr3t-t0ken"


def written(folder: Path, user: dict[str, Any], cluster: dict[str, Any] | None = None, **more: Any) -> Path:
    config = {
        "current-context": "prod",
        "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u", "namespace": "monitoring"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://10.0.0.1:6443/", **(cluster or {})}}],
        "users": [{"name": "u", "user": user}],
        **more,
    }
    file = folder / "config"
    file.write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    return file


@pytest.fixture(autouse=True)
def not_in_a_pod(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "POD", tmp_path / "pod")
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.delenv("KUBECONFIG", raising=False)


def test_the_current_context_with_its_token(tmp_path: Path) -> None:
    found = gunj.kubeconfig(path=written(tmp_path, {"token": SECRET}))
    assert found.url == "https://10.0.0.1:6443"
    assert found.namespace is None
    assert isinstance(found.verify, ssl.SSLContext)
    assert found.verify.verify_mode is ssl.CERT_REQUIRED
    assert SECRET not in repr(found)


def test_the_same_file_gives_the_same_source_so_that_connect_twice_is_one_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, {"token": SECRET})
    monkeypatch.setenv("KUBECONFIG", f"{file}:/elsewhere")
    assert gunj.kubeconfig() is gunj.kubeconfig()
    assert gunj.kubeconfig("prod", namespace="a").namespace == "a"


def test_a_pod_finds_its_own_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pod = tmp_path / "pod"
    pod.mkdir()
    (pod / "token").write_text(SECRET)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setattr(ssl, "create_default_context", lambda **_: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    module._in_pod.cache_clear()
    found = gunj.kubeconfig()
    assert found.url == "https://[fd00::1]:443"
    assert isinstance(found.token, TokenFile)


def test_a_token_file_beside_the_config(tmp_path: Path) -> None:
    found = gunj.kubeconfig(path=written(tmp_path, {"tokenFile": "token"}))
    assert isinstance(found.token, TokenFile)
    assert found.token.path == tmp_path / "token"


def test_basic_and_insecure(tmp_path: Path) -> None:
    file = written(tmp_path, {"username": "a", "password": "b"}, {"insecure-skip-tls-verify": True})
    found = gunj.kubeconfig(path=file)
    assert found.basic == ("a", "b")
    assert isinstance(found.verify, ssl.SSLContext)
    assert found.verify.verify_mode is ssl.CERT_NONE


def plugin(folder: Path, script: str) -> dict[str, Any]:
    file = folder / "plugin"
    file.write_text(f"#!{sys.executable}\nimport json, os, sys\n{script}\n", encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": "./plugin",
            "args": ["get-token"],
            "env": [{"name": "ROLE", "value": "sre"}],
            "installHint": "Install the plugin.",
        }
    }


async def test_an_exec_plugin_is_asked_for_its_token(tmp_path: Path) -> None:
    ends = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)).isoformat()
    script = (
        "told = json.loads(os.environ['KUBERNETES_EXEC_INFO'])\n"
        "assert told['kind'] == 'ExecCredential' and sys.argv[1] == 'get-token'\n"
        f"status = {{'token': os.environ['ROLE'] + '-token', 'expirationTimestamp': '{ends}'}}\n"
        "print(json.dumps({'status': status}))"
    )
    found = gunj.kubeconfig(path=written(tmp_path, plugin(tmp_path, script)))
    assert callable(found.token)
    token, seconds = await found.token()
    assert token == "sre-token"
    assert 3500 < seconds <= 3600


@pytest.mark.parametrize(
    ("script", "words"),
    [("sys.exit('not logged in')", "not logged in"), ("print('{}')", "gave no token"), ("print(1)", "gave no token")],
)
async def test_a_plugin_that_fails_says_why(tmp_path: Path, script: str, words: str) -> None:
    found = gunj.kubeconfig(path=written(tmp_path, plugin(tmp_path, script)))
    assert callable(found.token)
    with pytest.raises(AuthError, match=words):
        await found.token()


async def test_a_plugin_that_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    user = plugin(tmp_path, "")
    user["exec"]["command"] = "no-such-plugin-anywhere"
    found = gunj.kubeconfig(path=written(tmp_path, user))
    assert callable(found.token)
    with pytest.raises(AuthError, match="Install the plugin"):
        await found.token()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"current-context": "gone"}, "There are: prod"),
        ({"contexts": []}, "There are: none"),
        ({"clusters": []}, "cluster or user that is not there"),
        ({"users": [{"name": "u", "user": {"token": [SECRET]}}]}, "not as it should be"),
        ({"users": [{"name": "u", "user": {"auth-provider": {"name": "gcp"}}}]}, "exec plugin"),
        (
            {"users": [{"name": "u", "user": {"client-certificate-data": base64.b64encode(b"x").decode()}}]},
            "certificate or key",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_without_its_secrets(
    tmp_path: Path, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        gunj.kubeconfig(path=written(tmp_path, {"token": SECRET}, **more))
    assert SECRET not in str(caught.value)


def test_no_file_and_no_yaml(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no kubeconfig at"):
        gunj.kubeconfig(path=tmp_path / "none")
    with pytest.raises(SettingsError, match="a file is named by text or a Path, not 5"):
        gunj.kubeconfig(path=5)  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="contexts and namespaces are named by text, not 5"):
        gunj.kubeconfig(5)  # type: ignore[arg-type]  on purpose
    broken = tmp_path / "broken"
    broken.write_text("a: [", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot read"):
        gunj.kubeconfig(path=broken)
