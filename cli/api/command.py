"""The command: its options, and what is done with them in which order."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from cli.api.calling import Wanted, call
from cli.api.errors import Mistyped

if TYPE_CHECKING:
    from collections.abc import Callable

METHODS: Final = ("GET", "POST", "PUT", "DELETE")
DEFAULT_SECONDS: Final = 120.0

HELP: Final = """Call the REST API of Bitbucket and print the answer.

PATH is what follows the host, with /2.0 or without; /1.0 has to be said. {workspace}, {repo_slug} and {branch} stand for
those of this folder's repository. UUIDs may be spelled in any way, and names need no encoding.

\b
flask bittern api user --user ann@example.com --token @token.txt
flask bittern api repositories/acme/paint/pullrequests --paginate --query state=MERGED --as acme
flask bittern api repositories/{workspace}/{repo_slug}/issues -f title='It drips' --as acme
flask bittern api repositories/acme/paint/src/main/README.md --anonymous > README.md

JSON is laid out on a terminal; a pipe or a file gets the answer byte by byte. The secrets --token, --access-token and
--oauth-secret may also be @FILE, @- (standard input), or in BITTERN_API_TOKEN, BITTERN_API_ACCESS_TOKEN and
BITTERN_API_OAUTH_SECRET, so that they do not stand in the list of processes.

Exit status: 0 done, 1 Bitbucket said no or could not be reached (why stands on standard error), 2 not understood.
"""

_ABOUT_THE_REQUEST: Final = (
    click.option(
        "-X",
        "--method",
        type=click.Choice(METHODS, case_sensitive=False),
        metavar="METHOD",
        help="GET, POST, PUT or DELETE. [default: GET, or POST where something is sent]",
    ),
    click.option("--query", multiple=True, metavar="KEY=VALUE", help="A query parameter; repeat it for another."),
    click.option("--fields", metavar="LIST", help="What the answer shall hold: names, or +name and -name."),
    click.option(
        "-F",
        "--field",
        multiple=True,
        metavar="KEY=VALUE",
        help="A field of the body. true, false, null and whole numbers are read as such, @FILE as its content (@- is "
        "standard input). KEY may be name[subname], name[] or name[][subname]. With GET and DELETE, a query parameter.",
    ),
    click.option(
        "-f", "--raw-field", multiple=True, metavar="KEY=VALUE", help="A field whose value is text, whatever it is."
    ),
    click.option(
        "--form", is_flag=True, help="Send the fields as a form, with files where there are any, not as JSON."
    ),
    click.option(
        "--input", metavar="FILE", help="Send a file as it is (- is standard input). JSON unless -H says else."
    ),
    click.option("-H", "--header", multiple=True, metavar="NAME: VALUE", help="A header of the request."),
    click.option(
        "-R",
        "--repository",
        metavar="WORKSPACE/REPOSITORY",
        envvar="BITTERN_API_REPOSITORY",
        help="What {workspace} and {repo_slug} stand for. [default: the repository of this folder]",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        default=DEFAULT_SECONDS,
        show_default=True,
        metavar="SECONDS",
        help="The most that each call may take, answer included.",
    ),
)
_ABOUT_THE_CALLER: Final = (
    click.option(
        "--as",
        "installation",
        metavar="INSTALLATION",
        envvar="BITTERN_API_AS",
        help="An installation of the app, by its number, client key, workspace or workspace's UUID.",
    ),
    click.option(
        "--user", metavar="EMAIL", envvar="BITTERN_API_USER", help="A person, by e-mail address and API token."
    ),
    click.option("--token", metavar="TOKEN", envvar="BITTERN_API_TOKEN", help="The API token of --user."),
    click.option(
        "--access-token",
        metavar="TOKEN",
        envvar="BITTERN_API_ACCESS_TOKEN",
        help="A repository, project or workspace access token, or an OAuth 2.0 one.",
    ),
    click.option(
        "--oauth-client",
        metavar="KEY",
        envvar="BITTERN_API_OAUTH_CLIENT",
        help="An OAuth consumer, acting as its owner (client credentials).",
    ),
    click.option(
        "--oauth-secret", metavar="SECRET", envvar="BITTERN_API_OAUTH_SECRET", help="The secret of --oauth-client."
    ),
    click.option("--anonymous", is_flag=True, help="Nobody: public data, 60 calls an hour."),
)
_ABOUT_THE_ANSWER: Final = (
    click.option("--paginate", is_flag=True, help="Fetch every page, and print them as one that holds everything."),
    click.option("-i", "--include", is_flag=True, help="Print status and headers too."),
    click.option("-q", "--quiet", is_flag=True, help="Do not say on standard error how far it is."),
)


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed((*_ABOUT_THE_REQUEST, *_ABOUT_THE_CALLER, *_ABOUT_THE_ANSWER)):
        command = option(command)
    return command


@click.command("api", help=HELP)
@click.argument("path")
@_with_options
@click.pass_context
def api(context: click.Context, /, **given: Any) -> None:  # noqa: ANN401 - click's own values
    """Read the options and call; the help is HELP."""
    typed = {name for name in given if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    try:
        call(Wanted(**given, typed=frozenset(typed), read_file=_FileReader(), folder=Path.cwd()))
    except Mistyped as error:
        raise click.UsageError(str(error)) from error


class _FileReader:
    """Reads files that were named, `-` for standard input, which can be read once."""

    def __init__(self) -> None:
        self._is_stdin_read = False

    def __call__(self, name: str) -> bytes:
        if name != "-":
            try:
                return Path(name).read_bytes()
            except OSError as error:
                raise Mistyped(f"{name} cannot be read: {error.strerror}.") from error
        if self._is_stdin_read:
            raise Mistyped("Standard input can be read for one thing only.")
        self._is_stdin_read = True
        return sys.stdin.buffer.read()
