"""Access over the whole timeline, put together once: what is in order, then the plants, then requests and reviews."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from samples.access_base import base, request_grants
from samples.access_lives import Draft
from samples.access_people import move
from samples.access_plants import plant_access, plant_reviews
from samples.access_reviews import draw_reviews, pass_rights
from samples.world import World

_BOOKS: WeakKeyDictionary[World, Draft] = WeakKeyDictionary()


def book(world: World) -> Draft:
    """The book of a world, put together on first use."""
    if world not in _BOOKS:
        _BOOKS[world] = _written(world)
    return _BOOKS[world]


def _written(world: World) -> Draft:
    draft = base(world)
    move(draft)
    pass_rights(draft)
    plant_access(draft)
    request_grants(draft)
    draw_reviews(draft)
    plant_reviews(draft)
    return draft
