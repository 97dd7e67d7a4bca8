"""Imports of the registry: kept until they are confirmed, then done whole or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils import timezone

from tracking.models import RegistryImport
from tracking.registry.checking import Wanted, check_rows
from tracking.registry.csv_reading import read_csv
from tracking.registry.planning import Mode, Plan, make_plan
from tracking.registry.rows import BadRegistry, Sheet
from tracking.registry.writing import write

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEPT_UNCONFIRMED = timedelta(days=1)


class RegistryChanged(Exception):
    """What would be done is no longer what was shown."""


def wanted_of(sheet: Sheet) -> Wanted:
    """What a file asks for, with all that is wrong with it."""
    wanted = check_rows(sheet.rows)
    wanted.problems += sheet.problems
    wanted.encoding = sheet.encoding
    return wanted


def plan_of(kept: RegistryImport) -> Plan:
    """What a kept file would do now; raises BadRegistry."""
    return _good(make_plan(wanted_of(read_csv(bytes(kept.content))), Mode(kept.mode)))


def keep_import(user: User, raw: bytes, mode: Mode, file_name: str) -> RegistryImport:
    """A file to be looked at and confirmed; raises BadRegistry. Old unconfirmed ones go."""
    _good(make_plan(wanted_of(read_csv(raw)), mode))
    old = RegistryImport.objects.filter(done_at=None)
    old.filter(uploaded_at__lt=timezone.now() - KEPT_UNCONFIRMED).delete()
    return RegistryImport.objects.create(
        user=user, content=raw, mode=mode.value, file_name=file_name[:200]
    )


def confirm_import(kept: RegistryImport, digest: str) -> None:
    """Do what was shown as the plan of this digest; once, however often it is confirmed.

    Raises RegistryChanged when it would do something else now, and BadRegistry.
    """
    with transaction.atomic():
        lock_registry()
        kept.refresh_from_db()
        if kept.done_at is not None:
            return
        plan = plan_of(kept)
        if plan.digest != digest:
            raise RegistryChanged
        write(plan)
        kept.done_at, kept.counts, kept.content = timezone.now(), plan.counts(), b""
        kept.save(update_fields=("done_at", "counts", "content"))


def import_now(user: User, raw: bytes, mode: Mode, *, is_dry: bool = False) -> Plan:
    """A file without a preview, as scripts send it; raises BadRegistry. A dry run only looks."""
    with transaction.atomic():
        plan = bring_up_to_date(wanted_of(read_csv(raw)), mode, is_dry=is_dry)
        if not is_dry:
            RegistryImport.objects.create(
                user=user, mode=mode.value, done_at=timezone.now(), counts=plan.counts()
            )
    return plan


def bring_up_to_date(wanted: Wanted, mode: Mode, *, is_dry: bool = False) -> Plan:
    """Make the registry what is wanted, in one transaction; raises BadRegistry."""
    with transaction.atomic():
        lock_registry()
        plan = _good(make_plan(wanted, mode))
        if not is_dry:
            write(plan)
    return plan


def lock_registry() -> None:
    """Nobody else changes the registry until this transaction ends; readers go on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "LOCK TABLE tracking_customer, tracking_clientnetwork IN SHARE ROW EXCLUSIVE MODE"
        )


def _good(plan: Plan) -> Plan:
    if plan.problems:
        raise BadRegistry(plan.problems)
    return plan
