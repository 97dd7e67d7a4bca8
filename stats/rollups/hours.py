"""The rollups of an hour, in SQL over counted_mail (stats.rollups.counting)."""

from __future__ import annotations

from stats.buckets import DELAYS, SCORES, SIZES
from stats.models import VerdictSubject
from stats.rollups.definition import BOUNCED, DEFERRED, DIRECTIONS, IS_MAIL, Rollup, histogram

_BOUNDS = "received_at >= %(since)s AND received_at < %(until)s"
_MAIL_KEY = ("direction", "kind", "service_class", "disposition", "quarantine_kind")
_MAIL_SUMS = ("messages", "recipients", "bytes", "delay_ms", "timed")
_FIGURES = """
count(*) FILTER (WHERE is_first)::integer, count(*)::integer,
coalesce(sum(size_bytes) FILTER (WHERE is_first), 0)::bigint,
coalesce(sum(delay_ms), 0)::bigint, count(delay_ms)::integer
"""
_TRAFFIC = f"""
SELECT %(hour)s::timestamptz, relay_id::bigint, network_id::bigint, direction, kind, service_class,
       disposition, quarantine_kind, {_FIGURES}
FROM counted_mail
GROUP BY relay_id, network_id, direction, kind, service_class, disposition, quarantine_kind
"""
_PASSED = f"""
SELECT %(hour)s::timestamptz, h.relay_id::bigint, direction, kind, service_class, disposition,
       quarantine_kind, {_FIGURES}
FROM (
    SELECT DISTINCT message_id, relay_id FROM tracking_hop WHERE {_BOUNDS}
) h
JOIN counted_mail c ON c.id = h.message_id
GROUP BY h.relay_id, direction, kind, service_class, disposition, quarantine_kind
UNION ALL
SELECT %(hour)s::timestamptz, NULL, direction, kind, service_class, disposition,
       quarantine_kind, {_FIGURES}
FROM counted_mail
GROUP BY direction, kind, service_class, disposition, quarantine_kind
"""
_REJECTED = f"""
SELECT %(hour)s::timestamptz, relay_id::bigint, kind, stage, network_id::bigint, count(*)::integer
FROM tracking_rejection WHERE {_BOUNDS}
GROUP BY relay_id, kind, stage, network_id
"""
_SIZES = f"""
SELECT %(hour)s::timestamptz, direction, service_class, count(*)::integer, sum(size_bytes)::bigint,
       count(*) FILTER (WHERE client_tls)::integer, {histogram("bucket", len(SIZES) + 1, "true")}
FROM (
    SELECT *, width_bucket(size_bytes, ARRAY{list(SIZES)}) AS bucket
    FROM counted_mail WHERE is_first AND {IS_MAIL}
) c
GROUP BY direction, service_class
"""
_PROVIDERS = f"""
SELECT %(hour)s::timestamptz, direction, provider, disposition, count(*)::integer,
       sum(size_bytes)::bigint, count(*) FILTER (WHERE is_retried)::integer,
       count(*) FILTER (WHERE is_tls)::integer, coalesce(sum(delay_ms), 0)::bigint,
       count(delay_ms)::integer, {histogram("bucket", len(DELAYS) + 1, "true")}
FROM (
    SELECT *, width_bucket(delay_ms, ARRAY{[round(bound * 1000) for bound in DELAYS]}::bigint[])
              AS bucket
    FROM counted_mail WHERE {IS_MAIL}
) c
JOIN counted_provider p USING (relay_name_id, domain_id)
GROUP BY direction, provider, disposition
"""
_FLOWS = f"""
SELECT %(hour)s::timestamptz, direction, service_class, last_relay_id::bigint, provider,
       disposition, count(*)::integer, sum(size_bytes)::bigint
FROM counted_mail JOIN counted_provider USING (relay_name_id, domain_id) WHERE {IS_MAIL}
GROUP BY direction, service_class, last_relay_id, provider, disposition
"""
_REASONS = f"""
SELECT %(hour)s::timestamptz, direction, provider, disposition, reason, count(*)::integer
FROM counted_mail
JOIN counted_provider USING (relay_name_id, domain_id)
JOIN counted_reason USING (disposition, quarantine_kind, reply_id)
WHERE {IS_MAIL}
GROUP BY direction, provider, disposition, reason
"""
_NETWORK_REASONS = f"""
SELECT %(hour)s::timestamptz, network_id::bigint, direction, disposition,
       nullif(reply_id, 0)::bigint, count(*)::integer, min(id)
FROM counted_mail WHERE {IS_MAIL} AND ({BOUNCED} OR {DEFERRED})
GROUP BY network_id, direction, disposition, reply_id
"""
# As the search does: the verdict of a recipient, or one that is for all.
_VERDICTS = f"""
FROM tracking_filterverdict v
JOIN counted_mail c ON c.id = v.message_id AND (v.recipient_id IS NULL
    OR v.recipient_id = c.recipient_id OR v.recipient_id = c.original_recipient_id)
WHERE {_BOUNDS} AND {IS_MAIL}
"""
_DISTINCT = "count(DISTINCT c.id)::integer, count(DISTINCT c.delivery_id)::integer"
_NAMED = " UNION ALL ".join(
    f"SELECT %(hour)s::timestamptz, direction, {subject.value}::smallint, v.{column}::bigint, "
    f"{_DISTINCT} {_VERDICTS} AND v.{column} IS NOT NULL GROUP BY direction, v.{column}"
    for subject, column in ((VerdictSubject.VIRUS, "virus_id"), (VerdictSubject.RULE, "rule_id"))
)
_SCORES = f"""
SELECT %(hour)s::timestamptz, direction,
       least(greatest(floor(v.score), {SCORES[0]}), {SCORES[-1]})::smallint AS score, {_DISTINCT}
{_VERDICTS} AND v.score IS NOT NULL AND v.score <> 'NaN'
GROUP BY 2, 3
"""
_SITE = f"""
SELECT %(hour)s::timestamptz, {{directions}}, coalesce(sum(refused), 0)::integer
FROM (
    SELECT direction, count(*) AS mails, 0 AS refused FROM counted_mail
    WHERE is_first AND {IS_MAIL} GROUP BY direction
    UNION ALL
    SELECT NULL, 0, count(*) FROM tracking_rejection WHERE {_BOUNDS}
) counted HAVING sum(mails) + sum(refused) > 0
"""


def _site_facts() -> str:
    sums = (
        f"coalesce(sum(mails) FILTER (WHERE direction = {value}), 0)::integer"
        for value in DIRECTIONS.values()
    )
    return _SITE.format(directions=", ".join(sums))


TRAFFIC = Rollup("stats_traffichour", ("relay_id", "network_id", *_MAIL_KEY), _MAIL_SUMS, _TRAFFIC)
RELAYS = Rollup("stats_relayhour", ("relay_id", *_MAIL_KEY), _MAIL_SUMS, _PASSED)
REJECTIONS = Rollup(
    "stats_rejectionhour", ("relay_id", "kind", "stage", "network_id"), ("rejections",), _REJECTED
)
SITE = Rollup("stats_sitehour", (), (*DIRECTIONS, "rejected"), _site_facts())
SIZES_OF_MAIL = Rollup(
    "stats_sizehour",
    ("direction", "service_class"),
    ("messages", "bytes", "client_tls"),
    _SIZES,
    (("sizes", len(SIZES) + 1),),
)
PROVIDERS = Rollup(
    "stats_providerhour",
    ("direction", "provider", "disposition"),
    ("recipients", "bytes", "retried", "tls", "delay_ms", "timed"),
    _PROVIDERS,
    (("delays", len(DELAYS) + 1),),
)
FLOWS = Rollup(
    "stats_flowhour",
    ("direction", "service_class", "relay_id", "provider", "disposition"),
    ("recipients", "bytes"),
    _FLOWS,
)
REASONS = Rollup(
    "stats_reasonhour",
    ("direction", "provider", "disposition", "reason"),
    ("recipients",),
    _REASONS,
)
REASONS_OF_NETWORKS = Rollup(
    "stats_networkreasonhour",
    ("network_id", "direction", "disposition", "reply_id"),
    ("recipients", "example_id"),
    _NETWORK_REASONS,
)
VERDICTS = Rollup(
    "stats_verdicthour", ("direction", "subject", "name_id"), ("messages", "recipients"), _NAMED
)
SCORES_OF_MAIL = Rollup(
    "stats_scorehour", ("direction", "score"), ("messages", "recipients"), _SCORES
)

# Rows of these are added up by day; SiteHour has one row an hour, networks have a table of days
# that is made of the facts, and reports read the reasons of networks by hours, in any zone.
WITH_DAYS = (
    *(RELAYS, REJECTIONS, SIZES_OF_MAIL, PROVIDERS, FLOWS, REASONS, VERDICTS, SCORES_OF_MAIL),
)
ROLLUPS = (TRAFFIC, SITE, REASONS_OF_NETWORKS, *WITH_DAYS)
