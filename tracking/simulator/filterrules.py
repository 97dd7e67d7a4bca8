"""What the content filter of the inbound relay decides, and the names it gives."""

from __future__ import annotations

import random
from dataclasses import dataclass

VIRUSES = ("Sim.Placeholder.Dropper-1", "Sim.Placeholder.Macro-7", "Sim.Placeholder.Phish-3")
ATTACHMENTS = (
    ("offer.docm", "Quarantine Office Files"),
    ("setup.zip", "Archives (programs inside)"),
    ("invoice.xlsm", "Quarantine Office Files"),
)
_HAM = (("SPF_PASS", -0.001), ("DKIM_SIGNED", 0.1), ("DKIM_VALID", -0.1), ("DKIM_VALID_AU", -0.1),
        ("HTML_MESSAGE", 0.001), ("SPF_HELO_NONE", 0.001), ("RCVD_IN_DNSWL_LOW", -0.7),
        ("MIME_HTML_ONLY", 0.1), ("RCVD_IN_MSPIKE_H2", -0.001))  # fmt: skip
_SPAM = (("BAYES_99", 3.5), ("URIBL_BLACK", 1.7), ("URIBL_DBL_SPAM", 2.5), ("RDNS_NONE", 1.274),
         ("HTML_IMAGE_ONLY_08", 1.651), ("SUBJ_ALL_CAPS", 0.5), ("FREEMAIL_FORGED_REPLYTO", 2.095),
         ("RCVD_IN_BL_SPAMCOP_NET", 1.347), ("LOTS_OF_MONEY", 0.01), ("PYZOR_CHECK", 1.985),
         ("HTML_MESSAGE", 0.001))  # fmt: skip


@dataclass(slots=True, frozen=True)
class Verdict:
    """What the filter does with a mail: accept, block or quarantine (kind), and its score."""

    action: str
    kind: str
    rule: str
    hits: list[tuple[str, float]]
    virus: str = ""
    attachment: str = ""


def judge(rng: random.Random, nature: str) -> Verdict:
    """The verdict on ham, spam, a virus or a mail with a forbidden attachment."""
    if nature == "virus":
        virus = rng.choice(VIRUSES)
        return Verdict("quarantine", "virus", "Block Viruses", _ham(rng), virus)
    if nature == "attachment":
        name, rule = rng.choice(ATTACHMENTS)
        return Verdict("accept", "attachment", rule, _ham(rng), attachment=name)
    if nature == "spam":
        return _spam(rng)
    return Verdict("accept", "", "default-accept", _ham(rng))


def _spam(rng: random.Random) -> Verdict:
    hits = rng.sample(_SPAM, rng.randrange(5, 10))
    total = sum(points for _, points in hits)
    if total < 5:
        hits += [(name, points) for name, points in _SPAM[:3] if (name, points) not in hits]
        total = sum(points for _, points in hits)
    if total >= 12:
        return Verdict("block", "", "Block Spam (Level 12)", hits)
    return Verdict("quarantine", "spam", "Quarantine/Mark Spam (Level 5)", hits)


def _ham(rng: random.Random) -> list[tuple[str, float]]:
    return rng.sample(_HAM, rng.randrange(2, 6))
