"""A small web server, on this machine only: shows a previewed page and tells the browser of a new one."""

import json
import mimetypes
import sys
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import plotly

from evaluation.publish.pages.policy import POLICY

ADDRESS = "127.0.0.1"
_OWN = "/_voorvertoning/"
_ALIVE_SECONDS = 10
_SCRIPT = Path(__file__).with_name("preview.js")


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that left before it had its answer."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class PreviewServer:
    """Serves the pages in a folder, and the previewed one from memory: the last that was whole."""

    def __init__(self, site: Path, edition: str, page: str, port: int = 0) -> None:
        self.site, self.edition, self.page = site, edition, page
        self.version, self.error, self.note, self.is_closed = 0, "", "", False
        self._body = b""
        self._changed = threading.Condition()
        self._http = _Server((ADDRESS, port), _handler(self))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, name="preview", daemon=True).start()

    @property
    def address(self) -> str:
        """Where the previewed page is."""
        return f"http://{ADDRESS}:{self._http.server_address[1]}/{self.edition}/{self.page}"

    def show(self, note: str = "") -> None:
        """Show the page as it is in the folder now, with a note if any, and let browsers load it."""
        with self._changed:
            self._body = (self.site / self.page).read_bytes()
            self.version, self.error, self.note = self.version + 1, "", note
            self._changed.notify_all()

    def tell(self, error: str) -> None:
        """Show above the last good page why there is no new one."""
        with self._changed:
            self.error = error
            self._changed.notify_all()

    def close(self) -> None:
        """Stop serving."""
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()
        self._http.shutdown()
        self._http.server_close()

    def state(self) -> dict[str, object]:
        """Say what a browser has to know."""
        return {"versie": self.version, "fout": self.error, "melding": self.note}

    def wait(self, known: dict[str, object]) -> dict[str, object] | None:
        """Wait until the state is another than `known`, or for some seconds; None when it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_closed or self.state() != known, timeout=_ALIVE_SECONDS)
            return None if self.is_closed else self.state()

    def find(self, path: str) -> tuple[bytes, str] | None:
        """Return the content and kind of what an address names; None where there is nothing."""
        if path == f"{_OWN}voorvertoning.js":
            return _SCRIPT.read_bytes(), "text/javascript"
        if path.endswith("/assets/plotly.min.js"):
            return _plotly(), "text/javascript"
        folder, _, name = path.lstrip("/").partition("/")
        file = (self.site / name).resolve()
        if folder != self.edition or not file.is_relative_to(self.site.resolve()) or not file.is_file():
            return None
        kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        if kind != "text/html":
            return file.read_bytes(), kind
        body = self._body if name == self.page and self._body else file.read_bytes()
        return self._with_script(body, is_subject=name == self.page), kind

    def _with_script(self, body: bytes, *, is_subject: bool) -> bytes:
        """Put into a page what makes it load itself anew; pages of the last run say that they are."""
        version = self.version if is_subject else ""
        script = f'<script src="{_OWN}voorvertoning.js" data-versie="{version}" data-pagina="{self.page}"></script>'
        return body.replace(b"</body>", f"{script}\n</body>".encode(), 1)


@cache
def _plotly() -> bytes:
    return (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


def _handler(server: PreviewServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = urlsplit(f"//{self.headers.get('Host', '')}").hostname
            path = unquote(urlsplit(self.path).path)
            if host not in (ADDRESS, "localhost"):
                self.send_error(403)  # a page of another site that found this server
            elif path == "/":
                self.send_response(302)
                self.send_header("Location", f"/{server.edition}/{server.page}")
                self.end_headers()
            elif path == f"{_OWN}gebeurtenissen":
                self._send_events()
            elif (found := server.find(path)) is None:
                self.send_error(404)
            else:
                self._send(*found)

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            text = kind.startswith("text/")
            self._send_headers(f"{kind}; charset=utf-8" if text else kind, is_fixed=body is _plotly())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _send_events(self) -> None:
            self.send_response(200)
            self._send_headers("text/event-stream; charset=utf-8", is_fixed=False)
            self.end_headers()
            known = server.state()
            try:
                while known is not None:
                    self.wfile.write(f"data: {json.dumps(known)}\n\n".encode())
                    self.wfile.flush()
                    known = server.wait(known)
            except OSError:
                pass  # the browser left

        def _send_headers(self, kind: str, *, is_fixed: bool) -> None:
            self.send_header("Content-Type", kind)
            self.send_header("Cache-Control", "max-age=3600" if is_fixed else "no-store")
            self.send_header("Content-Security-Policy", POLICY)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing: the command tells what it does."""

    return Handler
