"""The secrets scan: access keys, tokens and private keys that stand in the text of a population are masked.

The patterns are those of the library detect-secrets. The engine looks for values that may hold one, by the same
patterns without the assertions that its regular expressions lack; the values found are judged and masked here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

MASK = "***"

#: Module and class of every detector in use; names that only hint at a secret (keywords, entropy) are left out.
_DETECTORS = (
    ("artifactory", "ArtifactoryDetector"),
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("basic_auth", "BasicAuthDetector"),
    ("cloudant", "CloudantDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("ibm_cloud_iam", "IbmCloudIamDetector"),
    ("ibm_cos_hmac", "IbmCosHmacDetector"),
    ("jwt", "JwtTokenDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"),
    ("private_key", "PrivateKeyDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("softlayer", "SoftlayerDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)

_ASSERTIONS = re.compile(r"\(\?<?[=!](?:[^()\[\]\\]|\\.|\[(?:\\.|[^\]\\])*\])*\)")
_PRIVATE_KEY_BODY = re.compile(r"(?:-----)?BEGIN [A-Z0-9 ]*PRIVATE KEY.*?(?:-----END[A-Z0-9 ]*-----|\Z)", re.DOTALL)
#: How detect-secrets ends the left side of an assignment; patterns with it are tried only where _ASSIGNMENT stands.
_ASSIGNMENT_TAIL = r"(?: *)(?:=|:|:=|=>| +|::)"
_ASSIGNMENT = r"(?i)(?:key|pwd|pw|pass|password|token)(?:\"|'|)(?:\]|)(?: *)(?:=|:| )"
#: Shorter texts hold no secret that a pattern would know.
SHORTEST = 8


@dataclass(frozen=True)
class _Pattern:
    kind: str
    regex: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> tuple[_Pattern, ...]:
    found = []
    for module, name in _DETECTORS:
        detector = getattr(import_module(f"detect_secrets.plugins.{module}"), name)
        found += [_Pattern(name, regex) for regex in detector.denylist]
    return tuple(found)


@dataclass(frozen=True)
class _EnginePatterns:
    quick: tuple[str, ...]
    assignments: tuple[str, ...]


@lru_cache(maxsize=1)
def _engine_patterns() -> _EnginePatterns:
    # gathered so that each automaton stays small: the engine becomes slow when one grows too large
    plain: list[str] = []
    broad: list[str] = []
    assignments: list[str] = []
    for pattern in _patterns():
        widened = _ASSERTIONS.sub("", pattern.regex.pattern).replace("{50,1024}", "{50,}")
        grouped = f"(?i:{widened})" if pattern.regex.flags & re.IGNORECASE else f"(?:{widened})"
        if _ASSIGNMENT_TAIL in widened:
            assignments.append(grouped)
        elif widened.startswith(("[", "\\d", "(?:\\s", "(?:r|s)")):
            broad.append(grouped)
        else:
            plain.append(grouped)
    return _EnginePatterns(("|".join(plain), "|".join(broad)), tuple(assignments))


def engine_patterns() -> tuple[str, ...]:
    """Patterns for the engine (RE2): each text that holds a secret matches at least one of them."""
    patterns = _engine_patterns()
    return (*patterns.quick, *patterns.assignments)


def may_hold_a_secret(expression: str) -> str:
    """SQL condition over a text expression; false for null."""
    patterns = _engine_patterns()
    quick = " OR ".join(f"regexp_matches({expression}, {_literal(p)})" for p in patterns.quick)
    slow = " OR ".join(f"regexp_matches({expression}, {_literal(p)})" for p in patterns.assignments)
    assigned = f"CASE WHEN regexp_matches({expression}, {_literal(_ASSIGNMENT)}) THEN {slow} ELSE false END"
    return f"coalesce(length({expression}) >= {SHORTEST} AND ({quick} OR ({assigned})), false)"


def nears_a_secret(expression: str) -> str:
    """SQL condition that holds for each text with a part that ``may_hold_a_secret``, and for some others."""
    patterns = (*_engine_patterns().quick, _ASSIGNMENT)
    return " OR ".join(f"regexp_matches({expression}, {_literal(pattern)})" for pattern in patterns)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def mask_secrets(text: str) -> tuple[str, int]:
    """The text with asterisks for each secret, and how many there were."""
    spans = _merged(sorted(_spans(text)))
    for start, end in reversed(spans):
        text = text[:start] + MASK + text[end:]
    return text, len(spans)


def mask_secrets_in_json(document: str) -> tuple[str, int]:
    """Likewise for JSON text, which stays JSON."""
    masked, found = mask_secrets(document)
    if found:
        try:
            json.loads(masked)
        except ValueError:
            return json.dumps(MASK), found
    return masked, found


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for pattern in _patterns():
        for match in pattern.regex.finditer(text):
            if pattern.kind == "JwtTokenDetector" and not _is_jwt(match[0]):
                continue
            yield _secret_part(match, pattern)
    for match in _PRIVATE_KEY_BODY.finditer(text):
        yield match.span()


def _secret_part(match: re.Match[str], pattern: _Pattern) -> tuple[int, int]:
    """The group that holds the secret, where the pattern has exactly one and it is not a mere prefix."""
    if match.re.groups == 1 and len(match[1] or "") >= SHORTEST:
        return match.span(1)
    if pattern.kind == "BasicAuthDetector":
        return match.span(1)
    return match.span()


def _is_jwt(token: str) -> bool:
    from detect_secrets.plugins.jwt import JwtTokenDetector

    return bool(JwtTokenDetector.is_formally_valid(token))


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return merged
