"""Who sent: the customer, class and network of mail (``m``) and of rejections (``j``)."""

from __future__ import annotations

from tracking.selectors import lookups
from tracking.selectors.conditions import all_of, of_client
from tracking.selectors.keyset import NEVER, Condition, Note, Search

UNREGISTERED = "unregistered"  # beside the classes and networks: the client is nobody's
MAX_NAMES = 3  # of customers in a sentence
_NO_CUSTOMER = "NOT EXISTS (SELECT 1 FROM tracking_customer c WHERE c.id = {}.customer_id)"
_OF_CLASS = "{}.customer_id IN (SELECT id FROM tracking_customer WHERE service_class = %s)"
_NO_NETWORK = "NOT EXISTS (SELECT 1 FROM tracking_clientnetwork w WHERE w.id = {}.network_id)"


def of_class(alias: str, value: str) -> Condition:
    """Rows of customers of a class, or of nobody."""
    if value == UNREGISTERED:
        return Condition(_NO_CUSTOMER.format(alias))
    return Condition(_OF_CLASS.format(alias), (value,))


def of_customer(search: Search, text: str, alias: str = "m") -> Search:
    """What a customer sent, by number or part of the name."""
    found = lookups.find_customers(text)
    if not found:
        return search.where(NEVER).noting(Note("no-customer", text))
    names = ", ".join(str(customer) for customer in found[:MAX_NAMES])
    ids = [customer.pk for customer in found]
    search = search.where(Condition(f"{alias}.customer_id = ANY(%s)", (ids,)))
    code = "customer" if len(found) <= MAX_NAMES else "customers"
    return search.noting(Note(code, names, len(found)))


def of_client_network(search: Search, cidr: str, alias: str = "m") -> Search:
    """Rows of clients for whom this was the longest prefix, or who have none.

    The index of the client's address serves, as there is none of the network.
    """
    if cidr == UNREGISTERED:
        return search.where(Condition(_NO_NETWORK.format(alias)))
    found = lookups.find_networks(cidr)
    if not found:
        return search.where(NEVER).noting(Note("no-network", cidr))
    of_network = Condition(f"{alias}.network_id = ANY(%s)", (found,))
    return search.where(all_of([of_client(f"{alias}.client_ip", cidr), of_network]))
