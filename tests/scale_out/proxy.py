"""nginx with the configuration of deploy/nginx, in front of instances on ports of this machine."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.house_figures import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CONFIGURATION = ROOT / "deploy/nginx"
INSTANCE = re.compile(r"^( *server )web-\d+:\d+( .*;)\n", re.MULTILINE)
TARGET = "    default $request_uri;\n"
STRIPPED = r"    ~^{path}(?<bittern_rest>/.*)$ $bittern_rest;"
MAIN = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""
PLAIN_SERVER = """
server {{
    listen 127.0.0.1:{port};
    access_log {folder}/access.log bittern;
    error_log stderr crit;
    include {proxy};
}}
"""


class NoNginx(Exception):  # noqa: N818 -- named for what is wrong
    """There is no nginx on this machine."""


def program() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    if found is None:
        raise NoNginx("no nginx on PATH or in /usr/sbin")
    return found


def upstreams(instances: Sequence[int], *, strips: str | None = None) -> str:
    """All of bittern.conf but its servers, with these ports in the place of its machines; `strips` is a path to take off."""
    text = (CONFIGURATION / "bittern.conf").read_text()
    text = text[: text.index("\nserver {")]

    def listed(block: re.Match[str]) -> str:
        lines = dict.fromkeys(
            f"{one[1]}127.0.0.1:{port}{one[2]}" for one in INSTANCE.finditer(block[0]) for port in instances
        )
        return "\n".join(lines) + "\n"

    text = re.sub(rf"(?:{INSTANCE.pattern})+", listed, text, flags=re.MULTILINE)
    return text if strips is None else text.replace(TARGET, f"{STRIPPED.format(path=strips)}\n{TARGET}")


def write(folder: Path, *, port: int, instances: Sequence[int], strips: str | None = None) -> list[str]:
    """Write the configuration for plain http on loopback. Returns the command that serves it."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)  # where we are root, the process that does the work is not
    site = upstreams(instances, strips=strips) + PLAIN_SERVER.format(
        port=port, folder=folder, proxy=CONFIGURATION / "proxy.conf"
    )
    main = folder / "nginx.conf"
    main.write_text(MAIN.format(folder=folder, site=site))
    return [program(), "-c", str(main), "-p", str(folder)]


def check(command: Sequence[str]) -> None:
    """Have nginx read its configuration, and say in its own words what is wrong with it."""
    ran = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
