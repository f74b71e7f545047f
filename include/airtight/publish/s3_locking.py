"""Object Lock: what an S3 store puts on its objects so that nobody can delete them before their time.

COMPLIANCE cannot be taken back, not even by the owner of the bucket: a person confirms it once, having been shown the
end date and the volume, and the store remembers that.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from airtight.errors import ConfigurationError
from airtight.publish.keys import PROBES, RAW
from airtight.publish.s3_client import Place, error_code, plain_errors
from airtight.publish.store import Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: Holds a name against other processes.
StoreLock = Callable[[str], AbstractContextManager[None]]


@dataclass(frozen=True)
class Locking:
    """How an S3 store locks its objects, and how its writers lock each other out.

    Attributes:
        days: COMPLIANCE retention of each new object in days; 0: none.
        raw_days: likewise for raw objects; 0: as the others.
        confirmed: ``confirmation(days)``, given once by a person.
        lock: ``Index.store_lock()``, for servers that cannot refuse a second write.
    """

    days: int = 0
    raw_days: int = 0
    confirmed: str | None = None
    lock: StoreLock | None = None

    def days_of(self, key: str) -> int:
        """Days for which a new object under that key is locked."""
        if self.days == 0 or key.startswith(PROBES):
            return 0
        return self.raw_days or self.days if key.startswith(RAW) else self.days


def confirmation(days: int) -> str:
    """What a person types to lock every new object for so many days, beyond anyone's power to delete."""
    return f"COMPLIANCE {days} days"


def check_bucket(client: S3Client, place: Place) -> None:
    """See that the bucket can lock.

    Raises:
        ConfigurationError: it was made without Object Lock, or does not exist.
    """
    from botocore.exceptions import ClientError

    with plain_errors(str(place)):
        try:
            answer = client.get_object_lock_configuration(Bucket=place.bucket)
            enabled = answer["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"
        except ClientError as error:
            if error_code(error) != "ObjectLockConfigurationNotFoundError":
                raise
            enabled = False
    if not enabled:
        raise ConfigurationError(
            "a retention is asked for, and the bucket was made without Object Lock.",
            where=str(place),
            remedy="Make a bucket with Object Lock, or set object_lock_days to 0.",
        )


def check_confirmation(store: Store, locking: Locking, where: str) -> None:
    """See that a person has confirmed this retention, today or earlier.

    Raises:
        ConfigurationError: nobody has.
    """
    if store.stat(_key(locking)) is None and locking.confirmed != confirmation(locking.days):
        raise ConfigurationError(
            f"nobody has confirmed that every new object is locked for {locking.days} days, beyond anyone's power to "
            "delete it.",
            where=where,
            remedy=f"Confirm it once by '{confirmation(locking.days)}'.",
        )


def remember_confirmation(store: Store, locking: Locking) -> None:
    """Keep in the store that this retention was confirmed."""
    store.create(_key(locking), f"{confirmation(locking.days)}\n".encode())


def _key(locking: Locking) -> str:
    return f"retention/compliance-{locking.days}-{locking.raw_days or locking.days}"
