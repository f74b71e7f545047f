"""The index's schema, step by step. Steps run forward only, on opening; see ``database``."""
