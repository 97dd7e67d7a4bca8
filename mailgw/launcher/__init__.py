"""What bin/start and bin/manage run: the embedded servers and the processes of the console.

Imports no Django: it starts processes that do.
"""
