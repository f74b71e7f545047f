"""The turns of the journey that need more than one station: what ``pipeline`` composes."""
