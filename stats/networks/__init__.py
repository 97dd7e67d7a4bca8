"""The pages of networks: the table, one network, one address, and who is in no registry."""
