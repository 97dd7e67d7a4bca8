"""Pages of networks: the table, one network, one address, who is in no registry."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mailgw.lib.csv_export import csv_lines, download
from mailgw.lib.networks import Address
from stats.charts import Chart, ChartView
from stats.forms import RangeForm
from stats.networks.address import LONGEST, address_context
from stats.networks.blocks import blocks_context
from stats.networks.detail import network_context, span_of, traffic_chart, traffic_of
from stats.networks.forms import NetworksForm
from stats.networks.pages import CSV_HEADER, csv_rows, networks_context
from stats.pictures import bars_picture, picture_file
from stats.selectors import extent
from stats.spans import Span
from tracking.models import ClientNetwork

UNPROCESSABLE = 422
PERMISSIONS = ("tracking.view_message", "tracking.view_clientnetwork")
_ALLOWED = permission_required(PERMISSIONS, raise_exception=True)


@require_safe
@_ALLOWED
def networks(request: HttpRequest) -> HttpResponse:
    """Networks or customers, with what they sent."""
    form = NetworksForm(request.GET)
    if not form.is_valid():
        return _invalid(request, "networks", form)
    return render(request, "stats/networks/networks.html", networks_context(form))


@require_safe
@_ALLOWED
def networks_csv(request: HttpRequest) -> HttpResponseBase:
    """All rows of that table."""
    form = NetworksForm(request.GET)
    if not form.is_valid():
        return _invalid(request, "networks", form)
    return download(csv_lines(CSV_HEADER, list(csv_rows(form))), "text/csv", "networks.csv")


@require_safe
@_ALLOWED
def network(request: HttpRequest, pk: int) -> HttpResponse:
    """One network."""
    found = get_object_or_404(ClientNetwork.objects.select_related("customer"), pk=pk)
    form = RangeForm(request.GET)
    if not form.is_valid():
        return _invalid(request, "network", form, network=found)
    return render(request, "stats/networks/network.html", network_context(found, form))


@require_safe
@_ALLOWED
def address(request: HttpRequest, text: str) -> HttpResponse:
    """One client address, in a registered network or not."""
    found = _address(text)
    form = RangeForm(request.GET)
    span = span_of(form, extent().newest) if form.is_valid() else None
    if span is not None and span.until - span.since > LONGEST:
        form.add_error("until", _("An address is counted mail by mail: 31 days at most."))
    if span is None or form.errors:
        return _invalid(request, "address", form, address=found)
    return render(request, "stats/networks/address.html", address_context(found, span))


@require_safe
@_ALLOWED
def unregistered(request: HttpRequest) -> HttpResponse:
    """Clients in no registered network."""
    form = RangeForm(request.GET)
    if not form.is_valid():
        return _invalid(request, "unregistered", form)
    return render(request, "stats/networks/unregistered.html", blocks_context(form))


class NetworkChart(ChartView):
    """The hours or days of a network."""

    permission_required = PERMISSIONS

    def make_chart(self, span: Span) -> Chart:
        found = get_object_or_404(ClientNetwork, pk=self.kwargs["pk"])
        return traffic_chart(found, span, traffic_of(found.pk, span))


@require_safe
@_ALLOWED
def network_svg(request: HttpRequest, pk: int) -> HttpResponse:
    """That chart as a file."""
    found = get_object_or_404(ClientNetwork.objects.select_related("customer"), pk=pk)
    form = RangeForm(request.GET)
    if not form.is_valid():
        return _invalid(request, "network", form, network=found)
    known = extent()
    span = span_of(form, known.newest)
    scope = _("Filter: mail from %(network)s, %(customer)s; without notifications and probes") % {
        "network": found.network,
        "customer": found.customer,
    }
    picture = bars_picture(traffic_chart(found, span, traffic_of(found.pk, span)))
    return picture_file(picture, "network", scope, span, known)


def _address(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:
        raise Http404 from error


def _invalid(request: HttpRequest, page: str, form: RangeForm, **shown: Any) -> HttpResponse:
    context = {"form": form, **shown}
    return render(request, f"stats/networks/{page}.html", context, status=UNPROCESSABLE)
