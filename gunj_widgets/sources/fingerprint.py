"""The fingerprint that Prometheus and Alertmanager give a set of labels: by it both name the same alert. Pure."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["fingerprint"]

OFFSET, PRIME = 14695981039346656037, 1099511628211
"""Of FNV-1a with 64 bits."""


def fingerprint(labels: Mapping[str, str]) -> str:
    """Return 16 hex digits, as `model.LabelSet.Fingerprint` of Prometheus' common library does."""
    found = OFFSET
    for name in sorted(labels):
        for byte in b"%s\xff%s\xff" % (name.encode(errors="replace"), labels[name].encode(errors="replace")):
            found = ((found ^ byte) * PRIME) & 0xFFFFFFFFFFFFFFFF
    return f"{found:016x}"
