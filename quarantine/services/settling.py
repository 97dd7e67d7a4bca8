"""What the end of a release means for the request whose approval began it, and what that of the
mail means for one that is open.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from quarantine.choices import Outcome, RequestState
from quarantine.models import Release, ReleaseRequest

_STATES = {
    Outcome.DONE: RequestState.APPROVED,
    Outcome.FAILED: RequestState.FAILED,
    Outcome.UNCERTAIN: RequestState.UNCERTAIN,
}
_APPROVED = (RequestState.APPROVED, RequestState.UNCERTAIN)


def settle_request(release: Release, outcome: Outcome, why: str) -> None:
    """Have the request say how its release ended; when that is news, its requester is told anew.

    Called in the transaction that commits the end.
    """
    state = _STATES[outcome]
    asked = ReleaseRequest.objects.filter(releases=release, state__in=_APPROVED)
    asked.exclude(state=state).update(
        state=state,
        failure="" if outcome == Outcome.DONE else why,
        settled_at=timezone.now(),
        seen_at=None,
        mailed_at=None,
    )


def close_requests(held: Collection[int], why: str) -> None:
    """Nobody can release this mail any more: open requests end, and their requesters are told."""
    ReleaseRequest.objects.filter(held__in=held, state=RequestState.OPEN).update(
        state=RequestState.CLOSED, failure=why, settled_at=timezone.now()
    )
