"""Prometheus, Alertmanager, node-exporter and VictoriaMetrics as Debian packages them."""
