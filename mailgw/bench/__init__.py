"""What bin/bench runs: figures of a console with simulated mail, beside those of known tools.

Each benchmark has a home, a database and servers of its own, with the settings of production
(fsync on), and removes them. What takes part is the real commands in processes of their own.
"""
