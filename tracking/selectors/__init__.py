"""Reads that span tables, returning dataclasses. Views, API and commands read through these."""
