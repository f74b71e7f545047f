"""Every error that Airtight raises on purpose, in families by who must act.

::

    AirtightError
    ├── DefinitionError       the compliance engineer mends a file of the catalog or organisation
    ├── ConfigurationError    whoever runs the installation mends settings, keys or the store
    ├── SourceError           the owner of a source system acts; the source's populations are not collected
    │   ├── SourceUnreachable     down, timed out, does not resolve
    │   ├── SourceRefused         log-in or rights refused
    │   ├── SourceChanged         columns or shape differ from what the mapping needs
    │   └── SourceIncomplete      half a page, bad JSON, a count that differs
    ├── StorageError          whoever runs the store acts
    │   ├── StoreConflict         the key exists with other content; nothing was replaced
    │   └── StoreUnwritable       read-only, full, or not reachable
    ├── EvidenceError         the evidence does not verify: someone must find out why (exit code 1)
    └── EvaluationError       a control test could not be judged; its result is inconclusive

A message says what is wrong and, through ``remedy``, what to do next. ``where`` names the file and the line
or key. A user's mistake never shows a traceback: the command line prints the three parts and exits with
``exit_code``.
"""

from __future__ import annotations


class AirtightError(Exception):
    """Base of all deliberate errors.

    Args:
        message: what is wrong, one plain sentence, without secrets or personal data.
        where: file and line or key (``sources.yaml: okta-users.options.path``), or the object concerned.
        remedy: what the reader can do next.
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        located = f"{self.where}: {self.message}" if self.where else self.message
        return f"{located} {self.remedy}" if self.remedy else located

    def __reduce__(self) -> tuple[object, ...]:
        # The default reduction drops keyword arguments; errors cross process boundaries whole.
        return (_rebuild, (type(self), self.message, self.where, self.remedy))


def _rebuild(kind: type[AirtightError], message: str, where: str | None, remedy: str | None) -> AirtightError:
    return kind(message, where=where, remedy=remedy)


class DefinitionError(AirtightError):
    """A file of the catalog, the organisation or the expectations is wrong or contradicts another."""


class ConfigurationError(AirtightError):
    """Settings, keys, paths or the store's set-up do not allow the work."""


class SourceError(AirtightError):
    """A source gave nothing that can be relied on; its populations are not collected."""


class SourceUnreachable(SourceError):
    """The source is down, timed out or does not resolve."""


class SourceRefused(SourceError):
    """The source refused the log-in or the right to read."""


class SourceChanged(SourceError):
    """The source's columns or shape are not those that the mapping needs."""


class SourceIncomplete(SourceError):
    """The source sent part of an answer, or its own count differs from what was received."""


class StorageError(AirtightError):
    """The store or the index could not do what was asked."""


class StoreConflict(StorageError):
    """The key exists with other content; nothing was replaced."""


class StoreUnwritable(StorageError):
    """The store is read-only, full or not reachable."""


class EvidenceError(AirtightError):
    """Evidence does not verify."""

    exit_code = 1


class EvaluationError(AirtightError):
    """A control test could not be judged."""
