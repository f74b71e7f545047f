"""Questions to GitHub's REST API: one log-in, answers page by page, each fault one ``SourceError``.

PyGithub carries the questions: it retries what may be retried and waits for rate limits, up to a bound. Answers
come back as the JSON that GitHub sent. A redirect to another host is not followed, so the token stays where it
belongs, and no text of an error holds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

import requests
from github import Auth, Github, GithubException, RateLimitExceededException
from github.GithubRetry import GithubRetry
from requests.utils import parse_header_links

from airtight.errors import SourceChanged, SourceError, SourceIncomplete, SourceRefused, SourceUnreachable

Parameters = Mapping[str, str | int]
Record = dict[str, object]

_PAGE = 100
_TIMEOUT = 30
_RATE_LIMITED = "GitHub's rate limit is used up"


@dataclass(frozen=True)
class Answer:
    """What GitHub answered: the status, its headers in lower case, and the JSON (None where the body was empty)."""

    status: int
    headers: Mapping[str, str]
    data: object


class GitHubApi:
    """One log-in to one GitHub server.

    Args:
        base_url: ``https://api.github.com`` or ``https://github.acme.com/api/v3``.
        retries: attempts after the first, for server errors, broken connections and rate limits.
        rate_limit_wait: the longest wait for a rate limit to be lifted, in seconds.
        user_agent: product and version, which GitHub asks every client for.
    """

    def __init__(self, base_url: str, token: str, retries: int, rate_limit_wait: int, user_agent: str) -> None:
        self.base_url = base_url
        self.pages = 0
        """Answers received so far."""
        self._token = token
        retry = GithubRetry(
            total=retries,
            backoff_factor=0.5,
            max_rate_limit_wait=rate_limit_wait,
            retry_after_max=rate_limit_wait,
        )
        self._requester = Github(
            base_url=base_url,
            auth=Auth.Token(token),
            retry=retry,
            timeout=_TIMEOUT,
            user_agent=user_agent,
            seconds_between_requests=None,
        ).requester

    def close(self) -> None:
        """Give back the connections."""
        self._requester.close()

    def get(self, path: str, parameters: Parameters | None = None) -> Answer:
        """One answer.

        Raises:
            SourceError: GitHub is not reached, refuses, limits or answers half.
        """
        answer = self._ask(path, parameters)
        if answer.status >= 300:
            self.refuse(answer, path)
        return answer

    def one(self, path: str, parameters: Parameters | None = None) -> Record:
        """One JSON object; an answer of another shape is a ``SourceChanged``."""
        return _object(self.get(path, parameters).data, self._place(path))

    def find(self, path: str, absent: tuple[int, ...] = (404,)) -> Record | None:
        """One JSON object, or None where GitHub says by one of the ``absent`` statuses that there is none."""
        answer = self._ask(path, None)
        if answer.status in absent and not _is_rate_limit(answer):
            return None
        if answer.status >= 300:
            self.refuse(answer, path)
        return _object(answer.data, self._place(path))

    def ask(self, path: str, parameters: Parameters | None = None) -> Answer:
        """One answer whatever its status, for callers to whom a refusal tells something; a rate limit raises."""
        answer = self._ask(path, parameters)
        if _is_rate_limit(answer) or answer.status >= 500:
            self.refuse(answer, path)
        return answer

    def each(self, path: str, parameters: Parameters | None = None) -> Iterator[Record]:
        """Every object of a list, page after page."""
        yield from self._pages(self.get(path, _first_page(parameters)), None, path)

    def known(
        self, path: str, absent: tuple[int, ...], parameters: Parameters | None = None, within: str | None = None
    ) -> list[Record] | None:
        """A whole list, or None where GitHub says by one of the ``absent`` statuses that there is none.

        Args:
            within: key of the list where the answer wraps it, such as ``check_runs``.
        """
        answer = self._ask(path, _first_page(parameters))
        if answer.status in absent and not _is_rate_limit(answer):
            return None
        if answer.status >= 300:
            self.refuse(answer, path)
        return list(self._pages(answer, within, path))

    def _pages(self, answer: Answer, within: str | None, path: str) -> Iterator[Record]:
        yield from _objects(answer.data, within, self._place(path))
        while following := _next_page(answer):
            answer = self.get(following)
            yield from _objects(answer.data, within, self._place(path))

    def _ask(self, path: str, parameters: Parameters | None) -> Answer:
        try:
            status, headers, body = self._requester.requestJson("GET", path, dict(parameters or {}))
        except GithubException as error:
            known = {str(key).lower(): str(value) for key, value in (error.headers or {}).items()}
            answer = Answer(error.status, known, error.data)
            if isinstance(error, RateLimitExceededException) or _is_rate_limit(answer):
                raise self._limited(answer, path) from None
        except (requests.RequestException, RuntimeError, AssertionError) as error:
            raise self._broken(error, path) from None
        else:
            answer = Answer(status, headers, self._decode(body, status, path))
        self.pages += 1
        return answer

    def _decode(self, body: str, status: int, path: str) -> object:
        if not body:
            return None
        try:
            decoded: object = json.loads(body)
        except ValueError:
            if status >= 300:
                return None
            raise SourceIncomplete(
                "GitHub's answer is not whole JSON.",
                where=self._place(path),
                remedy="Collect again; if it persists, look at proxies between here and GitHub.",
            ) from None
        return decoded

    def _place(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.base_url}{path}"

    def _limited(self, answer: Answer, path: str) -> SourceError:
        reset = answer.headers.get("x-ratelimit-reset", "")
        until = f" until {datetime.fromtimestamp(int(reset), UTC):%Y-%m-%dT%H:%M:%SZ}" if reset.isdigit() else ""
        return SourceUnreachable(
            f"{_RATE_LIMITED}{until}.",
            where=self._place(path),
            remedy="Collect again after that, or raise option rate_limit_wait.",
        )

    def _broken(self, error: Exception, path: str) -> SourceError:
        where = self._place(path)
        if isinstance(error, requests.exceptions.RetryError):
            if "429" in str(error) or "403" in str(error):
                return SourceUnreachable(f"{_RATE_LIMITED}.", where=where, remedy="Collect again later.")
            return SourceUnreachable("GitHub kept answering with server errors.", where=where)
        if isinstance(error, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
            return SourceIncomplete("GitHub broke off in the middle of an answer.", where=where)
        if isinstance(error, requests.exceptions.SSLError):
            return SourceUnreachable("GitHub's certificate is not trusted here.", where=where)
        if isinstance(error, requests.exceptions.Timeout):
            return SourceUnreachable(f"GitHub did not answer within {_TIMEOUT} seconds.", where=where)
        if isinstance(error, requests.RequestException):
            return SourceUnreachable("GitHub cannot be reached.", where=where, remedy="Check the connection's host.")
        return SourceUnreachable(
            "GitHub sent the question on to another place.", where=where, remedy="Correct the connection's host."
        )

    def refuse(self, answer: Answer, path: str) -> NoReturn:
        """Raise what a status above 299 means."""
        if _is_rate_limit(answer):
            raise self._limited(answer, path)
        where, said = self._place(path), self.said(answer)
        if answer.status in _REFUSALS:
            meaning, remedy = _REFUSALS[answer.status]
            raise SourceRefused(f"{meaning}{said}.", where=where, remedy=remedy)
        if answer.status >= 500:
            raise SourceUnreachable(f"GitHub answered with status {answer.status}.", where=where)
        raise SourceChanged(f"GitHub does not understand the question: status {answer.status}{said}.", where=where)

    def said(self, answer: Answer) -> str:
        """GitHub's own words about a refusal, in brackets, without the token."""
        words = answer.data.get("message") if isinstance(answer.data, dict) else None
        return f" ('{words[:200].replace(self._token, '***')}')" if isinstance(words, str) else ""


#: Status -> what it means, and what to do.
_REFUSALS = {
    302: ("GitHub offers only the public part of this list", "Use a token of a member of the organisation."),
    401: ("GitHub refused the log-in", "Renew the connection's token."),
    403: ("the token may not read this", "Give it the right to read it."),
    404: (
        "GitHub knows no such place, or hides it",
        "Check owner and repositories; the token may lack the right to see them.",
    ),
}


def _is_rate_limit(answer: Answer) -> bool:
    if answer.status not in (403, 429):
        return False
    words = str(answer.data.get("message", "")).lower() if isinstance(answer.data, dict) else ""
    return answer.status == 429 or "rate limit" in words or answer.headers.get("x-ratelimit-remaining") == "0"


def _first_page(parameters: Parameters | None) -> Parameters:
    return {"per_page": _PAGE, **(parameters or {})}


def _next_page(answer: Answer) -> str | None:
    links = parse_header_links(answer.headers.get("link", ""))
    return next((link["url"] for link in links if link.get("rel") == "next"), None)


def _object(data: object, where: str) -> Record:
    if not isinstance(data, dict):
        raise SourceChanged("GitHub's answer is no JSON object.", where=where)
    return data


def _objects(data: object, within: str | None, where: str) -> list[Record]:
    items = _object(data, where).get(within) if within else data
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise SourceChanged("GitHub's answer is no list of JSON objects.", where=where)
    return items
