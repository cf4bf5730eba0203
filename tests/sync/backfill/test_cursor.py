"""What a backfill's row keeps of where it is."""

from __future__ import annotations

from bitbucket.deployments import Environment, EnvironmentKind
from sync.backfill.cursor import Cursor, Ends


def test_the_beginning_is_kept_as_nothing():
    assert Cursor().as_text() is None
    assert Cursor.from_text(None) == Cursor()


def test_everything_else_comes_back_as_it_was():
    cursor = Cursor(
        next="https://api.bitbucket.org/2.0/x?page=2",
        below=7,
        ends=(Ends(7, "a" * 12, "b" * 12), Ends(6)),
        is_listed=True,
        commits=("a" * 40,),
        after="b" * 40,
        environments=(Environment(uuid="{1}", name="Live", environment_type=EnvironmentKind(name="Production")),),
    )
    assert Cursor.from_text(cursor.as_text()) == cursor


def test_what_is_not_set_takes_no_room():
    assert Cursor(below=7).as_text() == '{"below":7}'
    assert Cursor(environments=()).as_text() == '{"environments":[]}'
