"""The nouns: frozen values of the standard library that travel between the stations.

Nothing here reads a file, a clock or a network. A value refuses to be built inconsistent.
"""
