"""How a generated request shows who it is: a fresh token for the admin of the recorded roster. Requests may end sessions,
one token or all of an account, and must not end the run with it."""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import time
import uuid

import schemathesis

DATABASE = os.environ["ROSTERD_TEST_DATABASE"]
SECRET = os.environ["ROSTERD_TEST_SECRET"].encode()
ADMIN = os.environ["ROSTERD_TEST_ADMIN"]


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def stamp():
    """The account's session stamp as it is now."""
    with sqlite3.connect(f"file:{DATABASE}?mode=ro", uri=True, timeout=30) as database:
        return database.execute("SELECT session_stamp FROM auth WHERE id = ?", (ADMIN,)).fetchone()[0]


@schemathesis.auth(refresh_interval=None)
class Admin:
    def get(self, case, context):
        now = int(time.time())
        claims = {"id": ADMIN, "typ": "session", "jti": str(uuid.uuid4()), "iat": now, "exp": now + 600, "session_stamp": stamp()}
        parts = [encoded(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims)]
        signed = b".".join(parts)
        return (signed + b"." + encoded(hmac.digest(SECRET, signed, hashlib.sha256))).decode()

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
