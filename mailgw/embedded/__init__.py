"""PostgreSQL and Redis under MAILGW_HOME, for the first run, development and tests.

Imports no Django: settings ask it for addresses, the launcher and the tests hold its servers.
Whoever needs a server holds a shared lock (``holder.hold``); one small process per server, the
keeper, starts it, restarts it when it dies, and stops it when nobody holds the lock any more,
however the holders ended.
"""
