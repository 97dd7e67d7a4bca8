"""API tokens: whatever a header holds, a wrong token is refused and nothing breaks."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

_TOKEN = re.compile(rb"[\x21-\x7e]{1,200}")


class ApiTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # untyped
    """knox looks tokens up as they came; bytes that are no text would end in an error."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not _TOKEN.fullmatch(token):
            raise AuthenticationFailed
        return super().authenticate_credentials(token)


class ApiTokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    target_class = "mailgw.lib.authentication.ApiTokenAuthentication"
