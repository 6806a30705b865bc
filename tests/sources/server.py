"""A small HTTP server on the loopback address that answers as a test tells it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

MOST_SECONDS = 5.0


class Reply:
    """One answer: a status, a body, headers; cut short or late where a test wants that."""

    def __init__(
        self,
        body: object = b"",
        *,
        status: int = 200,
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
        cut: bool = False,
        late: bool = False,
    ) -> None:
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode("utf-8")
        self.status, self.kind, self.headers, self.cut, self.late = status, kind, headers or {}, cut, late


Answer = Reply | Callable[[dict[str, str]], Reply]


class Publisher:
    """The server; a context manager.

    `answers` maps a path to a reply, a function of the query, or a list of these: one for each question in turn, the
    last one for ever.  `asked` holds every question as path and query.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(MOST_SECONDS)

    def times(self, path: str) -> int:
        """Count the questions for a path."""
        return sum(asked == path for asked, _ in self.asked)

    def _next(self, path: str, query: dict[str, str]) -> Reply:
        self.asked.append((path, query))
        answer = self.answers.get(path, Reply({"error": path}, status=404))
        if isinstance(answer, list):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        return answer if isinstance(answer, Reply) else answer(query)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                reply = publisher._next(unquote(parts.path), query)
                if reply.late:
                    publisher._closing.wait(MOST_SECONDS)
                try:
                    self.send_response(reply.status)
                    for name, value in {"Content-Type": reply.kind, **reply.headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(reply.body)))
                    self.end_headers()
                    self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
                except (BrokenPipeError, ConnectionResetError):
                    pass

            def log_message(self, *_: object) -> None:
                pass

        return Handler
