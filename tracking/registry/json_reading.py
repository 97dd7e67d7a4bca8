"""registry.json, as the simulator writes it, read into the rows of a registry file."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tracking.registry.rows import CLASS, NAME, NETWORK, NUMBER, Problem, Row, Sheet, clean


def read_customers(customers: Any) -> Sheet:
    """``[{"number", "name", "service_class", "networks": [CIDR]}]``; ``line`` counts customers."""
    sheet = Sheet()
    if not isinstance(customers, list):
        sheet.problems.append(Problem(0, "", _("The customers are no list.")))
        return sheet
    for line, item in enumerate(customers, 1):
        _read(sheet, line, item if isinstance(item, dict) else {})
    return sheet


def _read(sheet: Sheet, line: int, item: dict[str, Any]) -> None:
    cells = {column: item.get(column) for column in (NUMBER, NAME, CLASS)}
    networks = item.get("networks", [])
    wrong = [column for column, value in cells.items() if not isinstance(value, str) or not value]
    if not isinstance(networks, list) or not all(isinstance(text, str) for text in networks):
        wrong.append("networks")
    sheet.problems += [Problem(line, column, _("Missing, or no text.")) for column in wrong]
    if not wrong:
        given = {column: clean(column, str(value)) for column, value in cells.items()}
        sheet.rows += [
            Row(line, {**given, NETWORK: clean(NETWORK, text)}) for text in networks or [""]
        ]
