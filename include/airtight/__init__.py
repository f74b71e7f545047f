"""Airtight: audit evidence that is collected on a schedule, tested, sealed and checkable by anyone.

The journey, one package a station; data flows downwards only::

    collect    a source's raw bytes            -> populations with provenance
    quality    populations                     -> may we rely on them?
    evaluate   sealed populations, controls    -> results and deviations
    seal       what a station produced         -> a signed bundle, and its verification
    publish    a bundle                        -> a write-once store and its index

``domain`` holds the nouns that travel between them, ``definitions`` reads what people wrote in YAML and
SQL, ``pipeline`` is the whole journey on one page. The library imports no Airflow.
"""

__version__ = "0.1.0"
