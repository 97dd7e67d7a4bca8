"""One line in, one record out: the table of daemons and their parsers."""

from __future__ import annotations

from datetime import tzinfo

from tracking.ingest.header import HeaderReader
from tracking.ingest.parsers import (
    amavis,
    bounce,
    cleanup,
    pickup,
    pmg_daemon,
    pmg_filter,
    pmg_policy,
    postscreen,
    qmgr,
    rspamd,
    smtp,
    smtpd,
)
from tracking.ingest.parsers.notices import IRRELEVANT_PROGRAMS, parse_notice
from tracking.ingest.parsers.reading import Parser
from tracking.ingest.records import (
    InvalidHeader,
    Record,
    RepeatedLine,
    SmtpDecision,
    UnsupportedLine,
)

PARSERS: dict[str, Parser] = {
    "": parse_notice,
    **dict.fromkeys(IRRELEVANT_PROGRAMS, parse_notice),
    **dict.fromkeys(("smtp", "lmtp", "local", "virtual", "pipe", "error", "retry"), smtp.parse),
    **dict.fromkeys(("discard", "relay"), smtp.parse),
    **dict.fromkeys(("bounce", "defer", "trace"), bounce.parse),
    **dict.fromkeys(("qmgr", "oqmgr", "nqmgr"), qmgr.parse),
    **dict.fromkeys(("amavis", "amavisd"), amavis.parse),
    **dict.fromkeys(("pmgdaemon", "pmgproxy"), pmg_daemon.parse),
    "cleanup": cleanup.parse,
    "pickup": pickup.parse_pickup,
    "pmg-smtp-filter": pmg_filter.parse,
    "pmgpolicy": pmg_policy.parse,
    "postscreen": postscreen.parse,
    "postsuper": pickup.parse_postsuper,
    "rspamd": rspamd.parse,
    **dict.fromkeys(("smtpd", "qmqpd"), smtpd.parse),
}


MAX_REPEATED = 10_000


def left_out(line: RepeatedLine) -> list[SmtpDecision]:
    """The refusals that a repeated line stands for; at most MAX_REPEATED of them.

    Each refusal is one of its own. What is told of a mail again, in the same words and with the
    same delays, is the same delivery.
    """
    origin = (line.at, line.host, line.service, line.program, line.pid)
    parser = PARSERS.get(line.program)
    record = parser(origin, line.text) if parser else None
    if not isinstance(record, SmtpDecision) or record.action != "reject":
        return []
    return [record] * min(line.times, MAX_REPEATED)


class LineParser:
    """Parses the lines of one source in order; holds caches and the context of years and zone.

    ``zone`` is that of stamps that have none. ``reference`` is when the lines were taken in, in
    seconds since 1970: stamps without a year get the latest that is not more than a day after
    it, unless ``year`` says which one the very first line of the source has. ``previous`` is
    the ``at`` of the line before, if the source has one: it keeps the course of the years, and
    the order of lines in the hour that summer time repeats, from one segment to the next.
    """

    def __init__(
        self,
        zone: tzinfo,
        reference: float,
        *,
        year: int | None = None,
        previous: int | None = None,
    ) -> None:
        self._headers = HeaderReader(zone, reference, year, previous)

    def parse(self, line: str) -> Record:
        """What the line says. Any text is good input."""
        return self.parse_all([line])[0]

    def parse_all(self, lines: list[str]) -> list[Record]:
        """What the lines say, one record for each."""
        find_parser = PARSERS.get
        records: list[Record] = []
        add = records.append
        for line, header in zip(lines, self._headers.read_all(lines), strict=True):
            if header is None:
                add(InvalidHeader(line))
                continue
            origin, text = header
            parser = find_parser(origin[3])
            add(parser(origin, text) if parser else UnsupportedLine(*origin, text))
        return records
