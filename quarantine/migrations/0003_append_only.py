"""The database itself refuses to change or drop rows of the audit trail."""

from __future__ import annotations

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION quarantine_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER quarantine_action_no_change BEFORE UPDATE OR DELETE ON quarantine_quarantineaction
    FOR EACH ROW EXECUTE FUNCTION quarantine_append_only();
CREATE TRIGGER quarantine_action_no_truncate BEFORE TRUNCATE ON quarantine_quarantineaction
    FOR EACH STATEMENT EXECUTE FUNCTION quarantine_append_only();
"""
DROP = """
DROP TRIGGER quarantine_action_no_truncate ON quarantine_quarantineaction;
DROP TRIGGER quarantine_action_no_change ON quarantine_quarantineaction;
DROP FUNCTION quarantine_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("quarantine", "0002_tables")]

    operations = [migrations.RunSQL(TRIGGERS, DROP)]
