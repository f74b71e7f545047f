"""The sample organisation: exports as its vendors would write them, and the key to what is planted in them.

Lumen Lending is an invented lender that runs AI models. ``python -m samples --out FOLDER --last 2026-06-30``
writes what its systems would have exported each day, and ``answer_key.yaml``: test by test, which deviations
must be found on which day, and nothing else. The same seed and days give the same bytes.
"""
