"""Static files: read once at start-up, known by the hash of their content, sent compressed and cached for good.

Only what was read is served, so no path that a browser sends ever touches the file system.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

STATIC_FOLDER: Final = Path(__file__).resolve().parent.parent / "static"
EXTENSION: Final = "bittern.assets"
HASH_LENGTH: Final = 12

FOREVER: Final = "public, max-age=31536000, immutable"
A_MINUTE: Final = "public, max-age=60"

blueprint = Blueprint("assets", __name__)

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("image/svg+xml", ".svg")


@dataclass(frozen=True, slots=True)
class Asset:
    """One static file as it is sent."""

    content: bytes
    compressed: bytes
    content_hash: str
    media_type: str


def read_assets(folder: Path = STATIC_FOLDER) -> dict[str, Asset]:
    """Read every file below the folder. Names are relative and use forward slashes."""
    return {path.relative_to(folder).as_posix(): _read(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def install(app: Flask) -> None:
    """Read the static files of the application."""
    app.extensions[EXTENSION] = read_assets()


def asset_url(name: str) -> str:
    """Return the address of a static file, which changes with its content."""
    asset = _assets()[name]
    return url_for("assets.static_file", name=name, v=asset.content_hash)


@blueprint.get("/static/<path:name>")
def static_file(name: str) -> Response:
    """Send one static file, compressed where the browser takes that."""
    asset = _assets().get(name)
    if asset is None:
        abort(404)
    compresses = request.accept_encodings.quality("gzip") > 0 and len(asset.compressed) < len(asset.content)
    response = Response(asset.compressed if compresses else asset.content, mimetype=asset.media_type)
    if compresses:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER if request.args.get("v") == asset.content_hash else A_MINUTE
    response.set_etag(asset.content_hash + ("-gzip" if compresses else ""))
    response.make_conditional(request)
    return response


def _assets() -> dict[str, Asset]:
    assets: dict[str, Asset] = current_app.extensions[EXTENSION]
    return assets


def _read(path: Path) -> Asset:
    content = _light(path.suffix, path.read_bytes())
    media_type = mimetypes.guess_type(path.name)[0] or "text/plain"
    return Asset(
        content=content,
        # A fixed time in the gzip header: the same content is the same bytes in every process.
        compressed=gzip.compress(content, 9, mtime=0),
        content_hash=hashlib.sha256(content).hexdigest()[:HASH_LENGTH],
        media_type=media_type,
    )


# What is written for whoever reads the sources: comments, and the room between the rules of a style sheet. A comment of a
# script has its lines to itself here, as the formatter and a test see to.
_COMMENT: Final = re.compile(rb"/\*.*?\*/", re.DOTALL)
_ROOM: Final = re.compile(rb"\s*([{};,])\s*|\n\s*")
_COMMENT_LINES: Final = re.compile(rb"^[ \t]*//.*\n|^[ \t]+", re.MULTILINE)


def _light(suffix: str, content: bytes) -> bytes:
    """Return a source of ours as a browser needs it. Files of others have been made small by them, and stay as they are."""
    if suffix == ".css":
        return _ROOM.sub(lambda found: found[1] or b" ", _COMMENT.sub(b"", content)).strip()
    return _COMMENT_LINES.sub(b"", content) if suffix == ".js" and content.startswith(b"// ") else content
