"""Hostile mail made safe to look at.

``isolation.make_preview`` is the door: bytes in, ``model.Preview`` out. Nothing here knows
Django.
"""
