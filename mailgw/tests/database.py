"""The test database as migrations left it, before every test and after those that commit."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection

from tracking.ingest.store.copying import ensure_partitions, forget_partitions

# Most tests' mail is of these days; a partition is made once, not by each test that then takes
# it back. Other days' partitions are made by the tests that need them.
DAYS = (datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC))

# Rows that migrations wrote, table by table.
_KEEP = """
CREATE SCHEMA kept;
DO $$
DECLARE
    name text;
    has_rows boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', name, name);
        END IF;
    END LOOP;
END $$
"""
# Deletes what is there: to truncate all tables takes fifty times as long. The locks wait for
# whoever still writes; as a replica, no foreign key and no trigger of ours is in the way.
_RESTORE = """
DO $$
DECLARE
    name text;
    has_rows boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    SELECT string_agg(format('public.%I', tablename), ', ') INTO name
    FROM pg_tables WHERE schemaname = 'public';
    EXECUTE format('LOCK TABLE %s IN EXCLUSIVE MODE', name);
    FOR name IN SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
            AND to_regclass(format('kept.%I', c.relname)) IS NULL
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO has_rows;
        IF has_rows THEN
            EXECUTE format('DELETE FROM public.%I', name);
        END IF;
    END LOOP;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'kept' LOOP
        EXECUTE format('DELETE FROM public.%1$I t
            WHERE t::text NOT IN (SELECT k::text FROM kept.%1$I k)', name);
        EXECUTE format('INSERT INTO public.%1$I SELECT k.* FROM kept.%1$I k
            WHERE k::text NOT IN (SELECT t::text FROM public.%1$I t)', name);
    END LOOP;
END $$
"""


def keep_contents() -> None:
    """Remember what is in the database; once, when its migrations have run."""
    with connection.cursor() as cursor:
        ensure_partitions(cursor, (int(day.timestamp() * 1_000_000) for day in DAYS))
        forget_partitions()
        cursor.execute(_KEEP)


def restore_contents() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_RESTORE)
