"""Plain Flask, and beside it the packages that the service is made of: the memory that they take before there is anything of ours."""

from __future__ import annotations

import cryptography.hazmat.primitives.ciphers.aead
import jwt
import requests
import sqlalchemy.dialects.sqlite
import sqlalchemy.orm
from flask import Flask

PACKAGES = (cryptography, jwt, requests, sqlalchemy)

application = Flask(__name__)


@application.get("/")
def say() -> str:
    """Say hello."""
    return "Hello, World!"
