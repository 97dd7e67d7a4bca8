"""What every operation of the schema has: the scope it needs, and the answers of errors."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from mailgw.lib.permissions import needed_scopes

PROBLEM = {
    "type": "object",
    "properties": {
        "detail": {"type": "string"},
        "scope": {"type": "string", "description": "The scope that the token lacks."},
        "permission": {"type": "string", "description": "The permission that the user lacks."},
    },
    "required": ["detail"],
}
INVALID = {
    "type": "object",
    "description": "What is wrong, by parameter; of a body that cannot be read, `detail`.",
    "additionalProperties": {
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    },
}
_ERRORS = {
    "400": ("A parameter is wrong.", INVALID),
    "401": ("No token or session, or one that is not taken.", PROBLEM),
    "403": ("The token lacks a scope, or its user a permission.", PROBLEM),
    "404": ("There is no such object.", PROBLEM),
    "411": ("The request has no Content-Length.", PROBLEM),
    "413": ("The body is too large.", PROBLEM),
    "415": ("The body is of a type that is not taken.", PROBLEM),
    "406": ("None of the formats that Accept asks for.", PROBLEM),
}

_OF_BODIES = {"411", "413", "415"}


class ApiSchema(AutoSchema):
    """Names the scope in each description; adds the errors that any request may end in."""

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        text = super().get_description()
        names = needed_scopes(self.view, is_export=False)
        scopes = " ".join(f"`{name}`" for name in names)
        return f"{text}\n\nScope: {scopes}." if names else text

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code, (description, schema) in _ERRORS.items():
            if code == "404" and "{" not in self.path:
                continue
            if code in _OF_BODIES and self.method == "GET":
                continue
            content = {"application/json": {"schema": schema}}
            bodies.setdefault(code, {"content": content, "description": description})
        return bodies
