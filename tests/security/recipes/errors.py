"""What can be wrong with a recipe. A recipe that is not understood fails its test; it never passes in silence.

RecipeError
└── NotUnderstood      the entry uses a word that this runner does not know
"""


class RecipeError(Exception):
    """Anything wrong with an entry of an attack file."""


class NotUnderstood(RecipeError):  # noqa: N818 -- named for what happened
    """A word of the recipe language that this runner does not know. `word` is it."""

    def __init__(self, kind: str, word: object) -> None:
        super().__init__(f"the runner does not understand the {kind} {word!r}")
        self.kind = kind
        self.word = word
