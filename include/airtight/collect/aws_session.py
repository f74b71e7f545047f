"""A log-in to AWS: clients made from a connection, whose faults leave as one ``SourceError`` each.

The connection holds the key id as its login and the secret as its password; its extras may hold
``aws_session_token``, ``role_arn`` (a role to take), ``external_id``, ``region_name`` and ``endpoint_url``. Without
a login boto3 looks where it always looks, which serves roles of instances and pods. Botocore itself retries and
slows down where AWS asks for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import exceptions as faults
from botocore.config import Config
from botocore.parsers import ResponseParserError

from airtight.domain.source import Credentials
from airtight.errors import (
    DefinitionError,
    SourceChanged,
    SourceError,
    SourceIncomplete,
    SourceRefused,
    SourceUnreachable,
)

DEFAULT_REGION = "us-east-1"
_ACTION = re.compile(r"to perform:?\s+([a-z0-9-]+:[A-Za-z0-9]+)")
_ASSUMED = re.compile(r"(arn:[^:]+):sts::(\d+):assumed-role/([^/]+)/.*")
_NO_RIGHT = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "Forbidden", "403")
_NO_LOG_IN = (
    *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidAccessKeyId"),
    *("ExpiredToken", "ExpiredTokenException", "AuthFailure", "InvalidToken", "IncompleteSignature"),
)
_SLOW_DOWN = ("Throttl", "TooManyRequests", "SlowDown", "RequestLimitExceeded", "LimitExceeded")
#: First words of operations that change something.
_CHANGING = ("Create", "Delete", "Put", "Update", "Modify")
_SIMULATED_AT_MOST = 20
_BUCKET_CHANGES = ("s3:PutObject", "s3:DeleteObject", "s3:PutBucketPolicy", "s3:DeleteBucket")


@dataclass(frozen=True)
class Caller:
    """Who asks: ``arn`` and ``account`` as AWS's token service tells them."""

    arn: str
    account: str


class AwsSession:
    """Clients for one connection."""

    def __init__(self, credentials: Credentials, attempts: int, user_agent: str) -> None:
        extra = credentials.extra
        self.region = extra.get("region_name") or DEFAULT_REGION
        self._endpoint = extra.get("endpoint_url")
        self._config = Config(
            retries={"mode": "adaptive", "total_max_attempts": attempts},
            connect_timeout=10,
            read_timeout=60,
            user_agent_extra=user_agent,
        )
        self._session = boto3.session.Session(
            aws_access_key_id=credentials.login,
            aws_secret_access_key=credentials.password,
            aws_session_token=extra.get("aws_session_token"),
            region_name=self.region,
        )
        if role := extra.get("role_arn"):
            self._session = self._take(role, extra.get("external_id"))

    def _take(self, role: str, external_id: str | None) -> boto3.session.Session:
        asked = {"RoleArn": role, "RoleSessionName": "airtight"}
        with translated(f"role {role}"):
            taken = self.client("sts").assume_role(**asked, **({"ExternalId": external_id} if external_id else {}))
        keys = taken["Credentials"]
        return boto3.session.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            region_name=self.region,
        )

    def client(self, service: str, region: str | None = None) -> Any:
        """A boto3 client; its operations differ by service, so it has no narrower type."""
        make: Any = self._session.client
        with translated(service):
            return make(service, region_name=region or self.region, endpoint_url=self._endpoint, config=self._config)

    def caller(self) -> Caller:
        """Who the log-in is."""
        with translated("sts:GetCallerIdentity"):
            answer = self.client("sts").get_caller_identity()
        return Caller(str(answer["Arn"]), str(answer["Account"]))

    def can_write(self, caller: Caller, service: str, bucket: str | None = None) -> bool | None:
        """Whether the caller could change what the source holds, by IAM's own simulation; None: it does not tell.

        A right may be limited to resources that the simulation was not asked about: only of a bucket, which can be
        asked about, is it told that the caller cannot write.
        """
        if caller.arn.endswith(":root"):
            return True
        assumed = _ASSUMED.fullmatch(caller.arn)
        # A role's path is not part of the assumed role's name: such a role is not found, and the answer is None.
        arn = f"{assumed[1]}:iam::{assumed[2]}:role/{assumed[3]}" if assumed else caller.arn
        asked: dict[str, list[str]] = {"ActionNames": self._changing(service)}
        if bucket:
            name = f"{caller.arn.split(':iam:')[0].split(':sts:')[0]}:s3:::{bucket}"
            asked = {"ActionNames": list(_BUCKET_CHANGES), "ResourceArns": [name, f"{name}/*"]}
        try:
            with translated("iam:SimulatePrincipalPolicy"):
                answer = self.client("iam").simulate_principal_policy(PolicySourceArn=arn, **asked)
        except SourceError:
            return None
        allowed = any(each["EvalDecision"] == "allowed" for each in answer["EvaluationResults"])
        return True if allowed else False if bucket else None

    def _changing(self, service: str) -> list[str]:
        """Names of some operations of the service that change something, as IAM calls them."""
        model = self.client(service).meta.service_model
        names = [name for name in model.operation_names if name.startswith(_CHANGING)]
        return [f"{model.signing_name}:{name}" for name in names[:_SIMULATED_AT_MOST]]


@contextmanager
def translated(where: str) -> Iterator[None]:
    """Turn botocore's errors into ours; ``where`` says what was asked."""
    try:
        yield
    except faults.ClientError as error:
        raise _refusal(error, where) from None
    except (faults.ParamValidationError, faults.UnknownServiceError, faults.InvalidRegionError) as error:
        raise DefinitionError(f"boto3 refuses the question: {_first_line(error)}", where=where) from None
    except (faults.NoCredentialsError, faults.PartialCredentialsError, faults.CredentialRetrievalError):
        raise SourceRefused(
            "there is no complete log-in to AWS.", where=where, remedy="Name a connection with key id and secret."
        ) from None
    except (ResponseParserError, faults.ResponseStreamingError, faults.IncompleteReadError) as error:
        raise SourceIncomplete(f"AWS's answer is not whole ({type(error).__name__}).", where=where) from None
    except faults.BotoCoreError as error:
        raise SourceUnreachable(
            f"AWS cannot be reached ({type(error).__name__}).", where=where, remedy="Check region and endpoint."
        ) from None


def _first_line(error: Exception) -> str:
    # The rest of botocore's text quotes the values given.
    return str(error).splitlines()[0]


def _refusal(error: faults.ClientError, where: str) -> SourceError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _NO_RIGHT:
        named = _ACTION.search(str(error.response.get("Error", {}).get("Message", "")))
        action = named[1] if named else where
        return SourceRefused(
            f"the log-in lacks the right {action}.", where=where, remedy=f"Allow it {action}, for reading only."
        )
    if code in _NO_LOG_IN:
        return SourceRefused(f"AWS refused the log-in ({code}).", where=where, remedy="Renew the connection's keys.")
    if code.startswith(_SLOW_DOWN):
        return SourceUnreachable(f"AWS kept asking to slow down ({code}).", where=where, remedy="Collect again later.")
    if status >= 500:
        return SourceUnreachable(f"AWS answered with a server error ({code}).", where=where)
    if code.startswith("NoSuch") or status == 404:
        return SourceRefused(f"AWS knows no such thing ({code}).", where=where, remedy="Check its name and its region.")
    return SourceChanged(f"AWS does not accept the question ({code}).", where=where)
