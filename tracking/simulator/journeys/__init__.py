"""What happens to each mail over the relays: a function or generator for every stretch of the way.

``outbound`` and ``inbound`` let clients in at the doors, ``filtering`` is the content filter of
the inbound relay, ``delivery`` tries, tries again and gives up, ``doors`` refuses.
"""
