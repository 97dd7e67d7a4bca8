"""Mails made to harm whoever looks at them: each has the name of its attack.

``ALL`` is what the browser and the preview are tried with; what a preview must show of one is said
where it is tested.
"""

from __future__ import annotations

from quarantine.tests.hostile import bombs, disguise, markup, network

ALL: dict[str, bytes] = {**markup.MAILS, **network.MAILS, **disguise.MAILS, **bombs.MAILS}
