"""API tokens: known by their digest, refused once expired, revoked or used from elsewhere."""

from __future__ import annotations

import re
from hmac import compare_digest
from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import get_token_model
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from mailgw.lib.networks import client_address

_TOKEN = re.compile(r"[\x21-\x7e]{1,200}")


class ApiTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # untyped
    """``Authorization: Token …``; why a token is refused is told to who holds it, only."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is not None:
            _, token = found
            address = client_address(request._request)
            if reason := token.refusal(address):
                raise AuthenticationFailed(reason)
            token.note_use(address)
        return found

    def authenticate_credentials(self, token: bytes) -> Any:
        """knox would delete an expired token; here it stays, for its owner to see."""
        text = token.decode("latin-1")
        if _TOKEN.fullmatch(text):
            digest = hash_token(text)
            candidates = get_token_model().objects.filter(
                token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH]
            )
            for known in candidates.select_related("user"):
                if compare_digest(digest, known.digest):
                    return self.validate_user(known)
        raise AuthenticationFailed


class ApiTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "mailgw.lib.authentication.ApiTokenAuthentication"
    name = "apiToken"
