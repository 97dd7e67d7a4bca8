"""Alerts: rules that administrators keep, what broke them, and who was told."""
