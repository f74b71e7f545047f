"""The reader of definition files, see ``airtight.document``."""

from airtight.document import Entry, read_document

__all__ = ["Entry", "read_document"]
