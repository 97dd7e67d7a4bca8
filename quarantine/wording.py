"""What the preview found, and how actions ended, in words for people."""

from __future__ import annotations

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from quarantine.preview.model import Cut, CutNote, HtmlPart, Warn

_CUTS = {
    Cut.DEPTH: gettext_lazy("Parts inside each other more than %(limit)s deep were not opened."),
    Cut.PARTS: gettext_lazy("Only the first %(limit)s parts are shown."),
    Cut.BOUNDARY: gettext_lazy("The line that should divide the parts is missing: shown as text."),
    Cut.HEADERS: gettext_lazy("Only the first %(limit)s header lines are shown."),
    Cut.TEXT: gettext_lazy("The text ends here after %(limit)s characters."),
    Cut.HTML: gettext_lazy("The HTML ends after %(limit)s characters."),
    Cut.HTML_PARTS: gettext_lazy("Only the first %(limit)s HTML parts are shown."),
    Cut.HTML_ELEMENTS: gettext_lazy("The HTML ends after %(limit)s elements."),
    Cut.HTML_FAILED: gettext_lazy(
        "The HTML is not shown: making it safe took too long or needed too much memory."
    ),
    Cut.IMAGES: gettext_lazy("Some pictures are too large or too many and are not shown."),
    Cut.FAILED: gettext_lazy(
        "This mail could not be taken apart within the limits. Look at its source."
    ),
}
_SIZE_CUTS = {
    Cut.MAIL_BYTES: gettext_lazy("Only the first %(limit)s of the mail were read."),
    Cut.HEADER_BYTES: gettext_lazy("Header lines end after %(limit)s."),
    Cut.DECODED_BYTES: gettext_lazy(
        "No more than %(limit)s were decoded: some files are not known."
    ),
}
WARNINGS = {
    Warn.REPEATED: gettext_lazy("Stands here more than once"),
    Warn.HIDDEN_CHARACTERS: gettext_lazy("Hidden or direction-changing characters"),
    Warn.MIXED_SCRIPTS: gettext_lazy("Letters of several alphabets in one word"),
    Warn.EXECUTABLE: gettext_lazy("Runs when opened"),
    Warn.DISGUISED: gettext_lazy("Not what its type says"),
    Warn.DOUBLE_EXTENSION: gettext_lazy("Two file endings"),
}
_REMOVED = {
    "script": ngettext_lazy("%(count)d script", "%(count)d scripts", "count"),
    "handler": ngettext_lazy("%(count)d event handler", "%(count)d event handlers", "count"),
    "form": ngettext_lazy("%(count)d form", "%(count)d forms", "count"),
    "frame": ngettext_lazy("%(count)d embedded page", "%(count)d embedded pages", "count"),
    "redirect": ngettext_lazy("%(count)d redirection", "%(count)d redirections", "count"),
    "remote": ngettext_lazy("%(count)d remote picture", "%(count)d remote pictures", "count"),
}


def cut_text(note: CutNote) -> str:
    """What is missing from the preview, and why."""
    if note.kind in _SIZE_CUTS:
        return str(_SIZE_CUTS[note.kind]) % {"limit": filesizeformat(note.limit)}
    return str(_CUTS[note.kind]) % {"limit": f"{note.limit:,}"}


def removed_text(page: HtmlPart) -> str:
    """What the sanitiser took out, such as "2 scripts, 1 form"; "" for nothing."""
    counts = {**page.removed, "remote": page.remote}
    found = [str(_REMOVED[name] % {"count": count}) for name, count in counts.items() if count]
    return _("Removed: %(what)s.") % {"what": ", ".join(found)} if found else ""
