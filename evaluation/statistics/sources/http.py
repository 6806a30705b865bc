"""Ask a publisher for an answer: with time limits, patience and a check that the answer is one."""

from __future__ import annotations

import email.utils
import itertools
import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from evaluation.base.errors import SettingError, SourceError, UnreachableError
from evaluation.base.zips import has_half_letters

_TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})
_TITLE = re.compile(rb"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to try.

    - `attempts`: Of one question, for answers that may be better later (HTTP 408, 429, 5xx, a time-out, a broken
      connection).
    - `connections`: Of one question, where the host cannot be reached at all.
    - `timeout_s`: For a connection, and between two parts of an answer.
    - `answer_s`: For one whole answer.
    - `first_wait_s`, `longest_wait_s`: The wait doubles after each attempt; a publisher that asks for a longer wait
      than the longest is told no.
    - `largest_bytes`: Of one answer.
    """

    attempts: int = 5
    connections: int = 2
    timeout_s: float = 60.0
    answer_s: float = 600.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    largest_bytes: int = 300_000_000


class Client:
    """Questions about one table; a context manager.  Each raises a SourceError when there is no good answer.

    - `table`: Name of the table in messages.
    - `base_url`: Address below which paths are asked.
    - `sleep`: Waits a number of seconds; that of the system by default.
    """

    def __init__(
        self,
        table: str,
        base_url: str,
        *,
        patience: Patience | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> None:
        self.table, self.base_url, self._sleep = table, base_url, sleep or time.sleep
        self.patience = patience or Patience()
        headers = {"User-Agent": "regiodeal-evaluation", "Accept": "application/json, text/plain, */*"}
        self._client = httpx.Client(
            timeout=self.patience.timeout_s, follow_redirects=True, headers=headers, **_surroundings(base_url)
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def address(self, path: str, query: Mapping[str, str] | None = None) -> str:
        """Write the whole address of a path with its query.

        Parameters
        ----------
        path, query : str, Mapping[str, str] | None
            Below the base address; name to value, not yet quoted.

        Returns
        -------
        str
        """
        pairs = [f"{name}={quote(value, safe='$,()/:')}" for name, value in (query or {}).items()]
        return f"{self.base_url}/{path}" + ("?" + "&".join(pairs) if pairs else "")

    def json(self, address: str) -> dict:
        """Ask for a JSON object.

        Parameters
        ----------
        address : str
            As of `address`.

        Returns
        -------
        dict
        """
        return self._ask(address, _parse_json)

    def count(self, address: str) -> int | None:
        """Ask for a bare number.

        Parameters
        ----------
        address : str
            As of `address`.

        Returns
        -------
        int | None
            None where the service does not count.
        """
        try:
            return self._ask(address, _parse_count)
        except _Refused as refused:
            if refused.code in (400, 404, 405, 501):
                return None
            raise

    def content(self, address: str) -> bytes:
        """Ask for a file; a page of HTML is no good answer.

        Parameters
        ----------
        address : str
            As of `address`.

        Returns
        -------
        bytes
        """
        return self._ask(address, _parse_file)

    def fault(self, address: str, found: str) -> SourceError:
        """Make the error that tells what was found at an address.

        Parameters
        ----------
        address, found : str
            As of `address`, and in words.

        Returns
        -------
        SourceError
        """
        return SourceError(found, table=self.table, address=_shown(address))

    def _ask(self, address: str, parse: Callable[[bytes, str], object]):
        limit = self.patience
        wait = limit.first_wait_s
        for attempt in itertools.count(1):
            try:
                return self._once(address, parse)
            except _Again as again:
                allowed = limit.connections if again.is_unreachable else limit.attempts
                asked = again.wait_s or 0.0
                if attempt >= allowed or asked > limit.longest_wait_s:
                    raise self._given_up(address, again, attempt) from None
                self._sleep(min(max(wait, asked), limit.longest_wait_s))
                wait *= 2

    def _once(self, address: str, parse: Callable[[bytes, str], object]):
        try:
            with self._client.stream("GET", address) as response:
                body = self._body(address, response)
                kind = response.headers.get("content-type", "")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            reason = str(error) or type(error).__name__
            raise _Again(f"cannot reach {urlsplit(address).netloc} ({reason})", is_unreachable=True) from None
        except httpx.TimeoutException:
            raise _Again(f"no answer within {self.patience.timeout_s:g} s") from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise _Again(f"the connection broke ({error})") from None
        except httpx.InvalidURL as error:
            raise self.fault(address, f"not an address ({error})") from None
        if response.status_code in _TEMPORARY:
            raise _Again(f"HTTP {response.status_code}{_title(body)}", wait_s=_retry_after(response))
        if response.status_code != 200:
            text = f"HTTP {response.status_code}{_title(body)}; expected 200"
            raise _Refused(response.status_code, text, table=self.table, address=_shown(address))
        try:
            return parse(body, kind)
        except ValueError as error:
            raise self.fault(address, str(error)) from None

    def _body(self, address: str, response: httpx.Response) -> bytes:
        begun, size = time.monotonic(), 0
        parts: list[bytes] = []
        for part in response.iter_bytes():
            size += len(part)
            if size > self.patience.largest_bytes:
                raise self.fault(address, f"more than {self.patience.largest_bytes} bytes in one answer")
            if time.monotonic() - begun > self.patience.answer_s:
                raise _Again(f"no whole answer within {self.patience.answer_s:g} s")
            parts.append(part)
        return b"".join(parts)

    def _given_up(self, address: str, again: _Again, attempts: int) -> SourceError:
        tried = f"{attempts} {'attempt' if attempts == 1 else 'attempts'}"
        if again.is_unreachable:
            return UnreachableError(f"{again.reason}, {tried}", table=self.table, address=_shown(address))
        if again.wait_s and again.wait_s > self.patience.longest_wait_s:
            asks = f"asks to wait {again.wait_s:.0f} s, longer than {self.patience.longest_wait_s:g} s"
            return self.fault(address, f"{again.reason}: the publisher {asks}; try again later")
        return self.fault(address, f"{again.reason}, {tried}")


def _surroundings(address: str) -> dict[str, Any]:
    """Read the proxy and the certificates of this machine for an address; httpx itself stops at an IPv6 NO_PROXY.

    Raises SettingError for a proxy or certificates that cannot be used, without the password of the proxy.
    """
    parts, proxies = urlsplit(address), getproxies()
    is_direct = any(proxy_bypass(host) for host in (parts.hostname or "", parts.netloc.rpartition("@")[2]))
    name = None if is_direct else next((name for name in (parts.scheme, "all") if proxies.get(name)), None)
    try:
        found: dict[str, Any] = {"trust_env": False, "verify": httpx.create_ssl_context()}
    except OSError as error:  # an SSLError is one
        place = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
        raise SettingError(
            f"SSL_CERT_FILE or SSL_CERT_DIR is {place}: no certificates can be read there ({error.strerror or error}). "
            "Name a file with certificates, or unset it."
        ) from None
    if name is None:
        return found
    proxy = proxies[name] if "://" in proxies[name] else f"http://{proxies[name]}"
    try:
        if not proxy.lower().startswith(("http://", "https://")):
            raise ValueError(proxy)
        return found | {"proxy": httpx.Proxy(proxy)}
    except (ValueError, httpx.InvalidURL):
        raise SettingError(
            f"{name.upper()}_PROXY is {proxy.partition('://')[0]}://{re.split('://|@', proxy)[-1]}: only a proxy of "
            "the form http://host:port can be used (no SOCKS). Name another, or put the publisher in NO_PROXY."
        ) from None


class _Again(Exception):
    """An answer that may be better at the next attempt."""

    def __init__(self, reason: str, *, wait_s: float | None = None, is_unreachable: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.wait_s, self.is_unreachable = reason, wait_s, is_unreachable


class _Refused(SourceError):
    """An answer that stays what it is."""

    def __init__(self, code: int, found: str, *, table: str, address: str) -> None:
        super().__init__(found, table=table, address=address)
        self.code = code


def _parse_json(body: bytes, kind: str) -> dict:
    _refuse_html(body, kind, "JSON")
    try:
        content = json.loads(body)
    except RecursionError:
        raise ValueError(f"{len(body)} bytes of JSON that are nested too deep") from None
    except ValueError as error:
        raise _Again(f"{len(body)} bytes that are not whole JSON ({error})") from None
    if not isinstance(content, dict):
        raise ValueError(f"a JSON {type(content).__name__}; expected an object")
    if has_half_letters(body, content):
        raise ValueError("JSON with half of a letter")
    return content


def _parse_count(body: bytes, kind: str) -> int:
    _refuse_html(body, kind, "a number")
    text = body.decode("utf-8-sig", errors="replace").strip()
    if not text.isdigit():
        raise ValueError(f"{text[:40]!r} where a number is expected")
    return int(text)


def _parse_file(body: bytes, kind: str) -> bytes:
    _refuse_html(body, kind, "a spreadsheet")
    return body


def _refuse_html(body: bytes, kind: str, expected: str) -> None:
    if "html" in kind.lower() or body.lstrip()[:1] == b"<":
        raise ValueError(f"HTML where {expected} is expected{_title(body)}")


def _title(body: bytes) -> str:
    found = _TITLE.search(body[:20_000])
    text = " ".join(found.group(1).decode("utf-8", errors="replace").split()) if found else ""
    return f" (a page with the title {text[:60]!r})" if text else ""


def _retry_after(response: httpx.Response) -> float | None:
    """Read how many seconds the publisher asks to wait: a number, or a date."""
    text = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _shown(address: str) -> str:
    """Write the path of an address for a message, with a query that stays readable."""
    parts = urlsplit(address)
    query = unquote(parts.query)
    return parts.path + (f"?{query[:100]}" if query else "") + ("..." if len(query) > 100 else "")
