"""What the pages of the registry show."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest

from tracking.models import ClientNetwork, Customer, RegistryImport
from tracking.registry.planning import CUSTOMER, NETWORK, Plan
from tracking.registry.rows import COLUMNS, BadRegistry
from tracking.registry.services import plan_of

SHOWN = 100
_LATEST = 10


def registry_context(form: Any, error: BadRegistry | None = None) -> dict[str, Any]:
    """The registry's page; ``error`` is what is wrong with a file that was sent."""
    problems = error.problems if error else []
    return {
        "form": form,
        "customers": Customer.objects.count(),
        "networks": ClientNetwork.objects.count(),
        "columns": COLUMNS,
        "imports": RegistryImport.objects.defer("content").select_related("user")[:_LATEST],
        "problems": problems[:SHOWN],
        "problem_count": len(problems),
    }


def import_context(request: HttpRequest, kept: RegistryImport) -> dict[str, Any]:
    """The preview of an import, page by page, or the record of one that was done."""
    context: dict[str, Any] = {"kept": kept, "is_replacing": kept.mode == "replace"}
    if kept.done_at is not None:
        return {**context, "counts": _counts(kept.counts)}
    try:
        plan = plan_of(kept)
    except BadRegistry as error:
        found = {"problems": error.problems[:SHOWN], "problem_count": len(error.problems)}
        return {**context, **found}
    page = Paginator(plan.changes, SHOWN).get_page(request.GET.get("page"))
    return {**context, **_of_plan(plan), "page": page}


def _of_plan(plan: Plan) -> dict[str, Any]:
    counts = plan.counts()
    return {
        "digest": plan.digest,
        "counts": _counts(counts),
        "removes": counts[CUSTOMER]["remove"] + counts[NETWORK]["remove"],
        "repeated": plan.wanted.repeated[:SHOWN],
        "repeated_count": len(plan.wanted.repeated),
        "is_guessed": plan.wanted.encoding == "windows-1252",
    }


def _counts(counts: Any) -> list[tuple[str, dict[str, int]]]:
    return [(subject, counts[subject]) for subject in (CUSTOMER, NETWORK)]
