"""What an answer says about the quota. Most say nothing: only access tokens on scaled limits get these headers."""

from dataclasses import dataclass

from bitbucket.messages import Headers


@dataclass(frozen=True, slots=True)
class RateLimit:
    """The quota that a call was counted against: calls per rolling hour, for a group of resources.

    `is_near` is Bitbucket's own warning. How much is left is never told; `sync/budget.py` counts for itself.
    """

    calls_per_hour: int | None
    resource: str | None
    is_near: bool

    @classmethod
    def from_http(cls, headers: Headers) -> "RateLimit | None":
        """What the headers tell; None where they tell nothing. What cannot be read counts as not told."""
        limit = headers.get("X-RateLimit-Limit", "").strip()
        resource = headers.get("X-RateLimit-Resource", "").strip()
        near = headers.get("X-RateLimit-NearLimit", "").strip().lower()
        if not (limit or resource or near):
            return None
        is_number = limit.isascii() and limit.isdecimal() and len(limit) <= 9
        return cls(int(limit) if is_number else None, resource or None, near == "true")
