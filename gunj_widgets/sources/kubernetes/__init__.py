"""Kubernetes: the operator's own resources and their events, listed once and watched from then on."""
