"""Drift, performance and fairness of AI systems, computed from their predictions; figures with counts and bins.

Evidently is imported in ``evidently_report`` and nowhere else, and only when a report is due.
"""
