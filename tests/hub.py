"""A stand-in for the Hugging Face Hub on this machine: what `huggingface_hub` asks of it when a dataset is pushed.

It keeps repositories with commits, branches and tags, takes large files by the LFS protocol and commits as NDJSON, as
the Hub does (preupload, batch, upload, verify, commit). It can be told to fail.
"""

import base64
import contextlib
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_a_token_that_nobody_may_see"
LARGE = re.compile(r".*\.(parquet|gz|arrow)")
ROUTES = (
    ("POST", r"/api/repos/create", "create"),
    ("POST", r"/api/validate-yaml", "validate"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/refs", "refs"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)", "tree"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/preupload/(?P<revision>[^/]+)", "preupload"),
    ("POST", r"/datasets/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch", "batch"),
    ("PUT", r"/lfs/(?P<oid>[0-9a-f]{64})", "upload"),
    ("POST", r"/lfs/verify", "verify"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/commit/(?P<revision>[^/]+)", "commit"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/tag/(?P<revision>[^/]+)", "tag"),
    ("GET", r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
    ("HEAD", r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<path>.+)", "resolve"),
)


class Repo:
    def __init__(self) -> None:
        self.commits: dict[str, dict[str, bytes]] = {}
        self.log: list[tuple[str, str]] = []
        """(oid, summary) of every commit, the oldest first."""
        self.tags: dict[str, str] = {}
        self.private = False
        self.add({".gitattributes": b"*.parquet filter=lfs\n"}, "initial commit")

    @property
    def head(self) -> str:
        return self.log[-1][0]

    def add(self, files: dict[str, bytes], summary: str) -> str:
        oid = hashlib.sha1(repr((len(self.log), sorted(files))).encode(), usedforsecurity=False).hexdigest()
        self.commits[oid] = files
        self.log.append((oid, summary))
        return oid

    def at(self, revision: str) -> dict[str, bytes]:
        return self.commits[self.tags.get(revision, self.head if revision == "main" else revision)]


class Hub:
    """The server's state, and what it was asked."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.failing: dict[str, int] = {}
        """Calls of a route that pass before it fails with 400, once."""
        self.url = ""

    def count(self, name: str) -> int:
        return self.asked.count(name)

    def write(self, repo: str, revision: str, folder: Path) -> Path:
        """The files of a revision, as somebody who fetches them has them."""
        for path, content in self.repos[repo].at(revision).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        (folder / ".gitattributes").unlink()
        return folder


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@contextlib.contextmanager
def served() -> Iterator[Hub]:
    """A hub that answers on a port of this machine until the block ends."""
    hub = Hub()

    class Handler(_Handler):
        pass

    Handler.hub = hub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Says nothing."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if self.headers.get("Transfer-Encoding") == "chunked":
            pieces = []
            while size := int(self.rfile.readline(), 16):
                pieces.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(pieces)
        path = urlsplit(self.path).path
        for method, pattern, name in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and method == self.command:
                self.hub.asked.append(name)
                if name != "upload" and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                    return self._send(401, {"error": f"Invalid credentials {self.headers.get('Authorization')}"})
                left = self.hub.failing.get(name)
                if left is not None:
                    self.hub.failing[name] = left - 1
                    if left == 0:
                        del self.hub.failing[name]
                        return self._send(400, {"error": f"refused with {TOKEN}"})
                given = {key: unquote(value) for key, value in match.groupdict().items()}
                if "repo" in given and given["repo"] not in self.hub.repos:
                    return self._send(404, {"error": "no such repository"}, {"X-Error-Code": "RepoNotFound"})
                return getattr(self, name)(body, **given)
        return self._send(404, {"error": f"no route {self.command} {path}"})

    do_GET = do_POST = do_PUT = do_HEAD = _answer  # noqa: N815  so they must be called

    def _send(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for key, text in {"Content-Length": str(len(content)), **(headers or {})}.items():
            self.send_header(key, text)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def create(self, body: bytes) -> None:
        given = json.loads(body)
        assert given["type"] == "dataset"
        name = f"{given['organization']}/{given['name']}"
        if name in self.hub.repos:
            return self._send(409, {"error": "exists", "url": f"{self.hub.url}/datasets/{name}"})
        self.hub.repos[name] = Repo()
        self.hub.repos[name].private = bool(given.get("private") or given.get("visibility") == "private")
        return self._send(200, {"url": f"{self.hub.url}/datasets/{name}", "name": name})

    def validate(self, body: bytes) -> None:
        assert json.loads(body)["repoType"] == "dataset"
        self._send(200, {"errors": [], "warnings": []})

    def refs(self, _body: bytes, repo: str) -> None:
        found = self.hub.repos[repo]
        tags = [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": oid} for n, oid in found.tags.items()]
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": found.head}
        self._send(200, {"branches": [main], "converts": [], "tags": tags})

    def tree(self, _body: bytes, repo: str, revision: str) -> None:
        rows = []
        for path, content in sorted(self.hub.repos[repo].at(revision).items()):
            row: dict[str, Any] = {"type": "file", "path": path, "size": len(content), "oid": blob_id(content)}
            if LARGE.fullmatch(path):
                row["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 130}
            rows.append(row)
        folders = {path.rpartition("/")[0] for path in self.hub.repos[repo].at(revision) if "/" in path}
        rows += [{"type": "directory", "path": path, "oid": "0" * 40, "size": 0} for path in sorted(folders)]
        self._send(200, rows)

    def preupload(self, body: bytes, repo: str, revision: str) -> None:
        there = self.hub.repos[repo].at(revision)
        files = [
            {
                "path": file["path"],
                "uploadMode": "lfs" if LARGE.fullmatch(file["path"]) else "regular",
                "shouldIgnore": False,
                "oid": blob_id(there[file["path"]]) if file["path"] in there else None,
            }
            for file in json.loads(body)["files"]
        ]
        self._send(200, {"files": files})

    def batch(self, body: bytes, repo: str) -> None:
        objects = []
        for item in json.loads(body)["objects"]:
            upload = {"href": f"{self.hub.url}/lfs/{item['oid']}", "header": {}}
            check = {"href": f"{self.hub.url}/lfs/verify", "header": {}}
            known = item["oid"] in self.hub.objects
            objects.append(item | ({} if known else {"actions": {"upload": upload, "verify": check}}))
        self._send(200, {"transfer": "basic", "objects": objects})

    def upload(self, body: bytes, oid: str) -> None:
        assert hashlib.sha256(body).hexdigest() == oid
        self.hub.objects[oid] = body
        self._send(200, b"")

    def verify(self, body: bytes) -> None:
        given = json.loads(body)
        self._send(200 if len(self.hub.objects[given["oid"]]) == given["size"] else 404, {})

    def commit(self, body: bytes, repo: str, revision: str) -> None:
        found = self.hub.repos[repo]
        header, *operations = map(json.loads, body.splitlines())
        assert (header["key"], revision) == ("header", "main")
        if header["value"].get("parentCommit", found.head) != found.head:
            return self._send(412, {"error": "the branch has moved"})
        files = dict(found.at("main"))
        for operation in operations:
            value = operation["value"]
            match operation["key"]:
                case "file":
                    files[value["path"]] = base64.b64decode(value["content"])
                case "lfsFile":
                    files[value["path"]] = self.hub.objects[value["oid"]]
                case "deletedFile":
                    del files[value["path"]]
        oid = found.add(files, header["value"]["summary"])
        return self._send(
            200, {"success": True, "commitOid": oid, "commitUrl": f"{self.hub.url}/datasets/{repo}/commit/{oid}"}
        )

    def tag(self, body: bytes, repo: str, revision: str) -> None:
        found, name = self.hub.repos[repo], json.loads(body)["tag"]
        if name in found.tags:
            return self._send(409, {"error": "the tag exists"})
        found.tags[name] = found.head if revision == "main" else revision
        return self._send(200, {})

    def resolve(self, _body: bytes, repo: str, revision: str, path: str) -> None:
        content = self.hub.repos[repo].at(revision)[path]
        headers = {"ETag": f'"{blob_id(content)}"', "X-Repo-Commit": revision, "Accept-Ranges": "bytes"}
        self._send(200, content, headers)
