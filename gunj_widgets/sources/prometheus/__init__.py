"""Prometheus, and what speaks its API (VictoriaMetrics, Mimir, Thanos): queries, history and a tail that loses nothing."""
