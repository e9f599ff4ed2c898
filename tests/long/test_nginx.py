"""The site behind nginx with `hosts/nginx.conf`, at the root of a host and below a path. Run by `make test-long`."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import deploy
import pytest
from conftest import ROOT, Site, note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif("LONG" not in os.environ, reason="make test-long runs them")

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")

MAIN = """daemon off; pid nginx.pid; error_log stderr; events {}
http { include /etc/nginx/mime.types; access_log off; client_body_temp_path t1; proxy_temp_path t2;
  fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5; include journal.conf; }
"""


@contextlib.contextmanager
def nginx(folder: Path, root: Path, port: int, path: str) -> Iterator[None]:
    """Run nginx with the sample configuration, adapted as its first lines explain."""
    assert NGINX, "install the package nginx-light"
    conf = (ROOT / "hosts/nginx.conf").read_text(encoding="utf-8")
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{port};"),
        ("server_name journal.example.org;", "server_name _;"),
        ("root /var/www/journal;", f"root {root};"),
        ("error_page 404 /404.html;", f"error_page 404 {path}404.html;"),
    ):
        assert old in conf
        conf = conf.replace(old, new)
    folder.mkdir()
    (folder / "journal.conf").write_text(conf, encoding="utf-8")
    user = "user root;" if os.getuid() == 0 else ""  # only root can read the folders of these tests
    (folder / "nginx.conf").write_text(f"{user} {MAIN}", encoding="utf-8")
    with subprocess.Popen([NGINX, "-p", str(folder), "-c", "nginx.conf", "-e", "stderr"]) as process:
        try:
            for _ in range(100):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


@pytest.mark.parametrize("path", ["/", "/journal/"])
def test_nginx_serves_the_site(tmp_path: Path, path: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}{path}"
    site = Site(tmp_path / "journal", {"READTHEDOCS_CANONICAL_URL": url})
    site.write("notes/a.md", note("A", body="Some text about Spark.\n"))
    built = site.build()
    assert (built.status, built.log) == (0, "")
    root = tmp_path / "host"
    shutil.copytree(built.out, root / path.strip("/"))
    words, terms = (next(built.out.glob(f"search-index/{kind}-*")).name for kind in ("words", "terms"))
    style = built.page("notes/a").select_one("link[rel=stylesheet]")["href"].removeprefix("../")
    with nginx(tmp_path / "nginx", root, port, path):
        assert [*deploy.published(url)] == []
        clean, html = deploy.fetch(f"{url}notes/a"), deploy.fetch(f"{url}notes/a.html")
        assert (clean[0], clean[2]) == (200, html[2])
        assert (
            deploy.fetch(f"{url}notes")[2]
            == deploy.fetch(f"{url}notes/")[2]
            == deploy.fetch(f"{url}notes/index.html")[2]
        )
        assert deploy.fetch(f"{url}notes/a.md")[1]["Content-Type"] == "text/markdown; charset=utf-8"
        assert deploy.fetch(f"{url}.buildinfo")[0] == deploy.fetch(f"{url}.nojekyll")[0] == 404
        for name, kept in (
            (style, True),
            (f"search-index/{words}", True),
            (f"search-index/{terms}", True),
            ("search-index/overview", False),
            ("", False),
        ):
            assert ("immutable" in deploy.fetch(url + name)[1]["Cache-Control"]) == kept, name
        assert "?v=" in style
