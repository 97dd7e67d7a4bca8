"""API tokens: made, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from mailgw.lib.scopes import scopes_of
from tracking.models import ApiToken

MAX_DAYS = 366
MAX_NETWORKS = 20
MAX_TOKENS = 50
_SHOWN_AFTER_END = timedelta(days=90)


def issue_token(
    user: User,
    name: str,
    scopes: Sequence[str],
    days: int,
    networks: Sequence[str] = (),
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is stored nowhere.

    Raises ValidationError by field: scopes that the user has not, a name in use, bad networks.
    """
    if not 1 <= days <= MAX_DAYS:
        raise _wrong("days", _("From 1 to %(most)s days.") % {"most": MAX_DAYS})
    _check_scopes(user, scopes)
    if live_tokens(user).count() >= MAX_TOKENS:
        raise _wrong("name", _("You have %(most)s tokens: revoke one.") % {"most": MAX_TOKENS})
    manager: Any = ApiToken.objects
    try:
        with transaction.atomic():
            _free_name(user, name)
            token, secret = manager.create(
                user,
                expiry=timedelta(days=days),
                name=name,
                scopes=sorted(set(scopes)),
                networks=clean_networks(networks),
            )
    except IntegrityError as error:
        raise _wrong("name", _("You have a token of this name.")) from error
    return token, secret


def _free_name(user: User, name: str) -> None:
    """A token that has expired holds no name."""
    now = timezone.now()
    expired = ApiToken.objects.filter(user=user, name=name, expiry__lte=now)
    expired.filter(revoked_at__isnull=True).update(revoked_at=now)


def clean_networks(texts: Sequence[str]) -> list[str]:
    """Networks in CIDR form, host bits cut; raises ValidationError that names the bad one."""
    if len(texts) > MAX_NETWORKS:
        raise _wrong("networks", _("At most %(most)s networks.") % {"most": MAX_NETWORKS})
    networks = []
    for text in texts:
        try:
            networks.append(str(ip_network(text, strict=False)))
        except ValueError as error:
            problem = _("%(text)s is no IP address or network such as 192.0.2.0/24.")
            raise _wrong("networks", problem % {"text": text[:100]}) from error
    return networks


def revoke_token(token: ApiToken) -> bool:
    """False when it was revoked before."""
    live = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True)
    return bool(live.update(revoked_at=timezone.now()))


def live_tokens(user: User) -> QuerySet[ApiToken]:
    """Those that would be taken."""
    found: QuerySet[ApiToken] = ApiToken.objects.filter(
        user=user, revoked_at__isnull=True, expiry__gt=timezone.now()
    )
    return found


def tokens_of(user: User) -> list[ApiToken]:
    """A user's tokens, newest first; those that ended long ago are left out."""
    since = timezone.now() - _SHOWN_AFTER_END
    is_recent = Q(expiry__gt=since) & (Q(revoked_at__isnull=True) | Q(revoked_at__gt=since))
    return list(ApiToken.objects.filter(is_recent, user=user)[: 4 * MAX_TOKENS])


def _check_scopes(user: User, scopes: Sequence[str]) -> None:
    if not scopes:
        raise _wrong("scopes", _("Choose at least one scope."))
    allowed = {scope.name for scope in scopes_of(user)}
    for name in scopes:
        if name not in allowed:
            problem = _("%(name)s is no scope that this user may give.")
            raise _wrong("scopes", problem % {"name": name[:100]})


def _wrong(field: str, text: str) -> ValidationError:
    return ValidationError({field: text})
