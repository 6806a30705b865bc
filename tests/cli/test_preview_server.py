"""The server of a preview: what a browser does to it is no trouble to who looks at the terminal."""

import socket
import struct
import time

from evaluation.cli.preview.server import PreviewServer


def test_a_request_that_is_aborted_leaves_no_traceback(tmp_path, capfd):
    (tmp_path / "x.html").write_bytes(b"<body>" + b"x" * 20_000_000 + b"</body>")
    server = PreviewServer(tmp_path, "2021", "x.html")
    try:
        port = int(server.address.split(":")[2].partition("/")[0])
        for _ in range(3):
            with socket.create_connection(("127.0.0.1", port)) as browser:
                browser.sendall(b"GET /2021/x.html HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                browser.recv(100)
                browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # as a tab that closes
        time.sleep(0.5)
    finally:
        server.close()
    assert capfd.readouterr().err == ""
