"""Web addresses: read as well as servers serve them, and told what is wrong where they do not."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from reading import Read, json_lines
from sites import ARTICLE, rejections

from broadsheet import build as way
from broadsheet import config
from broadsheet.errors import CallError
from broadsheet.read import files
from broadsheet.release.verify import KEPT, verify

pytest.importorskip("aiohttp")

LINES = json_lines([{"id": f"{i}", "text": f"text {i} " + "x" * 300} for i in range(200)])
PAGE = b'<html><body><a href="#top">Up</a> <a href="other.html">Other</a><p>' + ARTICLE.encode()


class _Server(BaseHTTPRequestHandler):
    """Serves by the first part of the path: `plain`, `chunked` (no length), `cut` (less than it says), `gone`."""

    protocol_version = "HTTP/1.1"
    requests: ClassVar[dict[str, int]] = {}

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        way = self.path.split("/")[1]
        content = PAGE if ".html" in self.path else LINES
        self.requests[self.path] = self.requests.get(self.path, 0) + 1
        if way == "gone" or (way == "later" and self.requests[self.path] > 1):
            self.send_error(404)
            return
        self.send_response(200)
        if way == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(content) + (500 if way == "cut" else 0)))
        self.send_header("Connection", "close")
        self.end_headers()
        if body and way == "chunked":
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content))
        elif body:
            self.wfile.write(content)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server on loopback, with a user and a password in it."""
    serving = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield f"http://user:s3cret@127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.mark.parametrize("way", ["plain", "chunked"])
def test_a_web_address_is_one_file(tmp_path: Path, server: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines, and a page whatever it links to; with a length or without, though nobody serves ranges."""
    monkeypatch.setattr(files, "SLICE_BYTES", 5000)
    found = Read([f"{server}/{way}/a.jsonl", f"{server}/{way}/b.html?id=2"], tmp_path / "work")
    assert not found.failed
    host = server.replace("user:s3cret@", "")
    assert {name: file["n_pages"] for name, file in found.files.items()} == {
        f"{host}/{way}/a.jsonl": 200,
        f"{host}/{way}/b.html?id=2": 1,
    }


@pytest.mark.parametrize("fault", ["cut", "later"])
def test_a_server_that_fails_costs_its_file_and_no_secret(tmp_path: Path, server: str, fault: str) -> None:
    """What breaks off or is gone while it is read is a failed file beside others, and its message names no password."""
    page = tmp_path / "a.txt"
    page.write_text(ARTICLE, "utf-8")
    urls = [str(page), f"{server}/{fault}/{tmp_path.name}.jsonl"]
    built = way.build(urls, config.load(None, {"name": "remote"}), out=tmp_path / "dist")
    ((path, error),) = ((file["path"], file["error"]) for file in built.failed)
    assert path.endswith(".jsonl")
    assert error.startswith("cannot be read")
    assert "s3cret" not in json.dumps(built.failed)
    for file in built.path.rglob("*"):
        assert file.is_dir() or b"s3cret" not in file.read_bytes()
    assert rejections(built.path) == []
    assert {verdict.verdict for verdict in verify(built.path)} == {KEPT}


def test_an_address_that_is_not_there_is_a_wrong_call(server: str) -> None:
    """It is said at once, without the password."""
    with pytest.raises(CallError, match="cannot be reached") as caught:
        files.plan([f"{server}/gone/a.jsonl"])
    assert "s3cret" not in str(caught.value)
