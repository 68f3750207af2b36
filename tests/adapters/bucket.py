"""A small S3 server for tests: objects by key, refusing what is not signed (AWS Signature Version 4) with its key."""

import hashlib
import hmac
from urllib.parse import quote, unquote

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ACCESS, SECRET = "an-access-key", "a-secret-key"


class Bucket:
    """`objects` maps a path, bucket included, to bytes and content type; `down` makes every answer a 503."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.down = False
        methods = ["GET", "PUT", "DELETE", "HEAD"]
        self.app = Starlette(routes=[Route("/{path:path}", self.answer, methods=methods)])

    async def answer(self, request: Request) -> Response:
        path, body = request.path_params["path"], await request.body()
        if self.down:
            return Response(status_code=503)
        if not signed(request):
            return error(403, "SignatureDoesNotMatch")
        if request.method == "PUT":
            self.objects[path] = body, request.headers["content-type"]
            return Response(headers={"ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'})
        if request.method == "DELETE":
            self.objects.pop(path, None)
            return Response(status_code=204)
        if path not in self.objects:
            return error(404, "NoSuchKey")
        data, content_type = self.objects[path]
        headers = {"ETag": '"tag"', "Last-Modified": "Mon, 23 Nov 2026 12:00:00 GMT", "Content-Type": content_type}
        return Response(data, headers=headers)


def error(status: int, code: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return Response(body, status, media_type="application/xml")


def signed(request: Request) -> bool:
    """Whether the request carries the signature that its content and the secret key come to."""
    given = request.headers.get("authorization", "")
    parts = dict(
        part.strip().split("=", 1) for part in given.removeprefix("AWS4-HMAC-SHA256 ").split(",") if "=" in part
    )
    access, day, region, service, last = parts.get("Credential", "////").split("/")
    names = parts.get("SignedHeaders", "").split(";")
    query = "&".join(sorted(f"{quote(k, '')}={quote(v, '')}" for k, v in request.query_params.items()))
    path = quote(unquote(request.scope["raw_path"].decode().partition("?")[0]), "/~")
    lines = [request.method, path, query, *(f"{name}:{request.headers[name]}" for name in names), "", ";".join(names),
             request.headers["x-amz-content-sha256"]]  # fmt: skip
    scope = f"{day}/{region}/{service}/{last}"
    whole = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{request.headers['x-amz-date']}\n{scope}\n{whole}"
    key = f"AWS4{SECRET}".encode()
    for word in (day, region, service, last):
        key = hmac.digest(key, word.encode(), "sha256")
    expected = hmac.new(key, text.encode(), "sha256").hexdigest()
    return access == ACCESS and hmac.compare_digest(expected, parts.get("Signature", ""))
