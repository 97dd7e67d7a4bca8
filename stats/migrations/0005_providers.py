"""The big mail providers by the names of their servers, and of their users' domains."""

from __future__ import annotations

from typing import Any

from django.db import migrations

PROVIDERS = {
    "Google": "google.com googlemail.com gmail.com smtp.goog",
    "Microsoft": "outlook.com hotmail.com live.com msn.com mx.microsoft outlook.co.id",
    "Yahoo": "yahoodns.net yahoo.com yahoo.co.id ymail.com rocketmail.com aol.com",
    "Apple": "icloud.com me.com mac.com apple.com",
    "Proofpoint": "pphosted.com ppe-hosted.com gpphosted.com",
    "Mimecast": "mimecast.com mimecast.co.za mimecast-offshore.com",
    "Cisco": "iphmx.com",
    "Barracuda": "barracudanetworks.com",
    "Trend Micro": "trendmicro.com trendmicro.eu",
    "Zoho": "zoho.com zohomail.com zoho.eu zoho.in",
    "Yandex": "yandex.net yandex.ru yandex.com",
    "Fastmail": "messagingengine.com fastmail.com",
    "Proton": "protonmail.ch proton.me protonmail.com",
    "Amazon": "amazonaws.com",
    "GoDaddy": "secureserver.net",
    "Telkom": "telkom.net.id telkom.net telkom.co.id indihome.co.id",
    "Telkomsel": "telkomsel.com telkomsel.co.id",
    "Indosat": "indosat.net.id indosat.com indosatm2.com",
    "XL Axiata": "xl.co.id xl.net.id",
    "Biznet": "biz.net.id biznetnetworks.com biznetgio.com",
    "CBN": "cbn.net.id cbn.id",
    "Link Net": "link.net.id linknet.co.id firstmedia.com fast.net.id",
    "Lintasarta": "lintasarta.net.id lintasarta.net lintasarta.co.id",
    "PLN Icon Plus": "iconpln.net.id iconpln.co.id",
    "Moratelindo": "moratelindo.co.id moratelindo.net.id",
    "MyRepublic": "myrepublic.net.id myrepublic.co.id",
    "Indonet": "indo.net.id indonet.co.id",
    "Centrin": "centrin.net.id",
    "RADNET": "rad.net.id",
}
OWN = "Own mail servers"


def add(apps: Any, schema_editor: Any) -> None:
    """A person changes them later; a new one that is there already is left alone."""
    provider = apps.get_model("stats", "Provider")
    suffix = apps.get_model("stats", "ProviderSuffix")
    provider.objects.get_or_create(name=OWN, defaults={"is_own": True})
    for name, suffixes in PROVIDERS.items():
        found, _ = provider.objects.get_or_create(name=name)
        suffix.objects.bulk_create(
            [suffix(provider=found, suffix=text) for text in suffixes.split()],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("stats", "0004_more_rollups")]

    # Nothing to undo: going back drops the tables.
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
