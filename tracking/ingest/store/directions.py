"""Inbound or outbound, of mail that a client handed in."""

from __future__ import annotations

from tracking.choices import Direction, RelayRole

_OUTGOING_PORT = "10023"  # of Proxmox's filter; 10024 is for incoming mail
_OUTWARD = {RelayRole.EXT.value, RelayRole.PRE.value, RelayRole.TR.value}
_INWARD = RelayRole.MX.value


def direction_by(filter_port: str, role: str, *, is_ours: bool) -> Direction | None:
    """By what is certain, in this order; None: only the way that the mail took tells.

    That is the filter's port, whether the client ``is_ours`` (a login, or a registered network),
    and the role of the relay that took the mail.
    """
    if filter_port:
        is_outbound = filter_port == _OUTGOING_PORT
    elif is_ours or role in _OUTWARD:
        is_outbound = True
    elif role == _INWARD:
        is_outbound = False
    else:
        return None
    return Direction.OUTBOUND if is_outbound else Direction.INBOUND
