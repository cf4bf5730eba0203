"""Small stand-ins for both sides, in a folder of their own: they answer what the supervisor asks and nothing else."""

from __future__ import annotations

SERVER = '''
"""Answers GET and POST from a table; the port is the last argument or $PORT."""
import json, os, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def serve(port, answers):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            self.rfile.read(length)
            status, body = answers.get(self.path.partition("?")[0], (404, "nothing"))
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_DELETE = do_GET

        def log_message(self, *_):
            pass

    print("up", flush=True)
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''

SIMULATOR = """
import sys
from server import serve

if "--broken" in open("mode").read():
    print("no world today", flush=True)
    sys.exit(5)
port = int(sys.argv[sys.argv.index("--port") + 1])
with open("simulator-arguments", "w") as file:
    file.write(" ".join(sys.argv[3:]))
url = f"http://127.0.0.1:{port}"
repositories = [{"slug": "app", "url": url + "/team/app"}]
refuses = "--refuses" in open("mode").read()
panel = {"kind": "webPanels", "key": "pulse", "name": "Pulse", "url": url + "/panel?jwt=1"}
serve(port, {
    "/_simulator/": (200, {"workspaces": [{"slug": "team", "repositories": repositories}]}),
    "/_simulator/installations": (200, []),
    "/_simulator/install": (200, {"ok": not refuses, "client_key": "connection:1", "message": "refused"}),
    "/_simulator/uninstall": (200, {"ok": True, "status": 204}),
    "/_simulator/panels": (200, [] if "--bare" in open("mode").read() else [panel]),
    "/panel": (500 if "--bad-panel" in open("mode").read() else 200, "<main>12 open</main>"),
})
"""

WEB = """
import os
from server import serve

serve(int(os.environ["PORT"]), {"/readyz": (200, {"status": "ready"})})
"""

# `python -m flask` finds this one first; it writes down what it was asked for.
MIGRATE = """
import os, sys
with open("migrated", "w") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n" + os.environ["BITTERN_DATABASE_URL"])
sys.exit(7 if "--unmigratable" in open("mode").read() else 0)
"""

WORKER = "import time; print('working', flush=True); time.sleep(600)\n"


def make_root(folder, *modes):
    """A folder that the supervisor takes for the project; `modes` make its parts misbehave."""
    (folder / "simulator").mkdir(parents=True)
    files = {
        "server.py": SERVER,
        "simulator/__init__.py": "",
        "simulator/__main__.py": SIMULATOR,
        "web.py": WEB,
        "worker.py": WORKER,
        "flask.py": MIGRATE,
        "Procfile": "web: python web.py\nworker: python worker.py\n",
        "mode": " ".join(modes),
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder
