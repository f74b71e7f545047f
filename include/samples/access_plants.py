"""What is out of order about access, each with what must be found. One function, one story."""

from __future__ import annotations

from samples.access_lives import Draft


def plant_access(draft: Draft) -> None:
    """Everything out of order about accounts, rights, requests and roles."""


def plant_reviews(draft: Draft) -> None:
    """Everything out of order about reviews."""
