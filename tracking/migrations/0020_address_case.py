"""An address is found by its domain and itself, upper or lower case, in one step.

The trigrams of an address at a big provider are those of all its addresses: to find one of them
took longer with each that was added.
"""

from __future__ import annotations

from django.db import migrations

MAKE = """
DROP INDEX address_domain;
-- All addresses of a domain; one of them, however it is written.
CREATE INDEX address_domain ON tracking_address (domain_id, hashtext(lower(address)));
"""
UNDO = """
DROP INDEX address_domain;
CREATE INDEX address_domain ON tracking_address (domain_id);
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0019_one_segment")]

    operations = [migrations.RunSQL(MAKE, UNDO)]
