"""The types of JSON here: an object, and anything that JSON can hold."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Value: TypeAlias = Any
