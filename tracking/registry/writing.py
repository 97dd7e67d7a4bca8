"""Does what a plan says, in a fixed number of queries for each thousand changes."""

from __future__ import annotations

from ipaddress import ip_network

from tracking.models import ClientNetwork, Customer
from tracking.registry.planning import CUSTOMER, NETWORK, Act, Plan
from tracking.registry.rows import CLASS, NAME, NOTE

_BATCH = 1000


def write(plan: Plan) -> None:
    """To be called in a transaction that holds the registry's lock since the plan was made."""
    ids = _write_customers(plan)
    _write_networks(plan, ids)
    gone = [plan.state.customers[key].pk for key in _keys(plan, CUSTOMER, Act.REMOVE)]
    Customer.objects.filter(pk__in=gone).delete()


def _keys(plan: Plan, subject: str, act: Act) -> list[str]:
    return [item.key for item in plan.changes if item.subject == subject and item.act is act]


def _write_customers(plan: Plan) -> dict[str, int]:
    """The ids of all customers by number."""
    known = plan.state.customers
    new = [_customer(plan, number) for number in _keys(plan, CUSTOMER, Act.ADD)]
    changed = [_customer(plan, number) for number in _keys(plan, CUSTOMER, Act.CHANGE)]
    Customer.objects.bulk_create(new, batch_size=_BATCH)
    Customer.objects.bulk_update(changed, (NAME, CLASS, NOTE), batch_size=_BATCH)
    return {item.number: item.pk for item in (*known.values(), *new)}


def _customer(plan: Plan, number: str) -> Customer:
    wanted = plan.wanted.customers[number]
    customer = plan.state.customers.get(number) or Customer(number=number)
    for column in (NAME, CLASS, NOTE):
        value = getattr(wanted, column)
        if value is not None:
            setattr(customer, column, value)
    return customer


def _write_networks(plan: Plan, ids: dict[str, int]) -> None:
    known = plan.state.networks
    gone = [known[ip_network(key)].pk for key in _keys(plan, NETWORK, Act.REMOVE)]
    ClientNetwork.objects.filter(pk__in=gone).delete()
    changed = [_network(plan, key, ids) for key in _keys(plan, NETWORK, Act.CHANGE)]
    ClientNetwork.objects.bulk_update(changed, ("customer", NOTE), batch_size=_BATCH)
    new = [_network(plan, key, ids) for key in _keys(plan, NETWORK, Act.ADD)]
    ClientNetwork.objects.bulk_create(new, batch_size=_BATCH)


def _network(plan: Plan, key: str, ids: dict[str, int]) -> ClientNetwork:
    wanted = plan.wanted.networks[ip_network(key)]
    network = plan.state.networks.get(wanted.network) or ClientNetwork(network=key)
    network.customer_id = ids[wanted.number]
    if wanted.note is not None:
        network.note = wanted.note
    return network
