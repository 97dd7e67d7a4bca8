"""Words that invented people, companies and subjects are made of. Every domain is RFC 2606's."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    "budi siti agus dewi joko rina andi putri hendra wati rudi maya eko lestari doni ayu bambang "
    "fitri dedi ratna yusuf indah arif nur wahyu sri tono mega irfan laras galih tika bayu sari "
    "reza nina fajar citra adi kartika"
)
FAMILY = _words(
    "santoso wijaya pratama hidayat saputra kusuma siregar nasution lubis gunawan setiawan halim "
    "simanjuntak rahman utami permata wibowo harahap susanto maulana tanjung ginting"
)
MAILBOXES = _words(
    "info sales finance accounting hrd marketing purchasing admin support cs logistics"
)
FIRST = _words(
    "sinar maju karya mitra cahaya bumi nusa surya jaya citra graha prima mega anugerah sumber "
    "indo tirta rimba samudra garuda"
)
SECOND = _words("abadi makmur mandiri sejahtera sentosa utama lestari perkasa bersama raya persada")
TRADES = _words("tekstil logistik bank hotel farmasi properti tambang pangan kimia media")
STRANGERS = _words(
    "northwind-parts globex-trading initrode umbra-foods vandelay-imports acme-tools "
    "contoso-labs fabrikam-print wayland-freight tyrell-optics soylent-agri hooli-cloud"
)
SPAM_DOMAINS = _words(
    "cheap-pills fast-loan win-prize hot-offers best-casino crypto-gain slim-now lucky-draw "
    "account-verify parcel-notice"
)
SUBJECTS = (
    "Invoice", "Purchase order", "Meeting notes", "Penawaran harga", "Laporan mingguan",
    "Delivery schedule", "Konfirmasi pembayaran", "Undangan rapat", "Contract draft",
)  # fmt: skip
SPAM_SUBJECTS = (
    "You have won", "Pinjaman cepat cair", "Your parcel is waiting", "Verify your account",
    "Limited offer", "Meet new friends", "Double your coins",
)  # fmt: skip


def company_name(index: int) -> str:
    """A company's two words, different for each of 220 indexes."""
    return f"{FIRST[index % len(FIRST)]} {SECOND[(index // len(FIRST)) % len(SECOND)]}"


def domain(name: str, top: str = "example") -> str:
    """``sinar abadi`` is at ``sinar-abadi.example``"""
    return f"{name.replace(' ', '-')}.{top}"
