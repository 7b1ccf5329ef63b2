"""The systems that are really there, behind the same session: Prometheus and Alertmanager, each asked in its own words."""
