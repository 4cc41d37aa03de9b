"""The JSON interface under /api/v1: a module an address."""
