"""Alice's repository with a history, and a Bitbucket that answers nothing unless a test has it answer."""

import pytest

from tests.web.fake_bitbucket import TOKEN_PATH
from tests.web.panels.places.heron import Heron


@pytest.fixture
def heron(services, alice, bitbucket):
    told = Heron(services, alice)
    bitbucket.paths = {path: said for path, said in bitbucket.paths.items() if path == TOKEN_PATH}
    return told
