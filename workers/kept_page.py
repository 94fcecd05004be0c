"""One page as it is kept: compressed, with what its host calls it."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workers.plain import plain_json, shows_hidden
from workers.response import Response
from workers.validators import Validators, headers_to_keep

_MOST_BODY = 8 * 2**20
_MOST_PACKED = 2**20
_MOST_HEADERS = 8_000  # letters of JSON
_LEVEL = 3  # of zlib: twice as quick as the default and a tenth larger, on HTML


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptPage:
    """A row of `kept_pages`; without `packed_body` it only says that the page is not worth keeping."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    packed_body: bytes | None = None
    size: int = 0
    digest: bytes = b""
    changes: int = 0

    @property
    def stored(self) -> int:
        """Bytes that it takes."""
        return len(self.packed_body or b"")

    def body(self) -> bytes | None:
        """The body as it came; None: it cannot be made of what was kept."""
        if self.packed_body is None:
            return None
        machine = zlib.decompressobj()
        try:
            body = machine.decompress(self.packed_body, self.size + 1)
        except zlib.error:
            return None
        return body if _digest(body) == self.digest else None

    def without_body(self) -> KeptPage:
        """What is left of a page that is not worth keeping."""
        return replace(self, packed_body=None, headers={})

    def row(self) -> dict[str, Any]:
        """Its columns, as parameters of `keep_pages`."""
        return {
            "urls": self.url,
            "etags": self.etag,
            "last_modified": self.last_modified,
            "headers": json.dumps(dict(self.headers)),
            "bodies": self.packed_body,
            "sizes": self.size,
            "digests": self.digest,
            "changes": self.changes,
        }


def packed(url: str, response: Response, validators: Validators, *, changes: int) -> KeptPage | None:
    """A page to keep; None: it is too large, or shows a secret."""
    headers = headers_to_keep(response.headers)
    text = json.dumps(headers)
    if len(response.content) > _MOST_BODY or len(text) > _MOST_HEADERS or plain_json(headers) != headers:
        return None
    if shows_hidden(response.content):
        return None
    body = zlib.compress(response.content, _LEVEL)
    if len(body) > _MOST_PACKED:
        return None
    return KeptPage(
        url=url,
        etag=validators.etag,
        last_modified=validators.last_modified,
        headers=headers,
        packed_body=body,
        size=len(response.content),
        digest=_digest(response.content),
        changes=changes,
    )


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=16).digest()
