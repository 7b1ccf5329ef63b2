"""Alertmanager: which alerts are active, who is told of them, and what silences them."""
