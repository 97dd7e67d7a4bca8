"""What can go wrong with the embedded servers, worded for the person at the terminal."""

from __future__ import annotations


class EmbeddedError(Exception):
    """An embedded server can't be started or used; the text says what to do."""
