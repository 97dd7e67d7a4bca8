"""What the end of a release means for the request whose approval began it."""

from __future__ import annotations

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
