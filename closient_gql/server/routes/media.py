"""Uploads: how a file comes in, and how pictures are served. Files of other types are kept, but not served."""

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from closient_gql.adapters.storage import is_key, media_url, storage_of, type_of
from closient_gql.core.errors import BadRequest, Detail, Invalid, NotFound
from closient_gql.core.settings import settings
from closient_gql.server.answers import envelope
from closient_gql.server.requests import body_of, media_type

__all__ = ["MEDIA_ROUTES", "media_url", "uploaded", "uploaded_file"]

AROUND = 2**16  # bytes of a multipart body that are not the file
HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",  # a key never gets another content
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Content-Disposition": "inline",
}


async def media(request: Request) -> Response:
    """A stored picture."""
    key: str = request.path_params["key"]
    try:
        if not is_key(key) or not type_of(key).startswith("image/"):
            raise KeyError(key)
        data, content_type = await storage_of(settings()).get(key)
    except KeyError:
        return envelope(request, NotFound("There is no such picture."))
    except Exception as error:
        return envelope(request, error)
    headers = HEADERS | {"ETag": f'"{hashlib.sha256(data).hexdigest()[:24]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type=content_type, headers=headers)


MEDIA_ROUTES = [Route("/media/{key:path}", media, methods=["GET"])]


@dataclass(frozen=True)
class File:
    """An uploaded file, and what the client says of it, which need not be so."""

    data: bytes
    said_type: str
    said_name: str


async def uploaded(request: Request, name: str, limit: int | None = None) -> bytes:
    """The file in the part `name` of a multipart body. What the client says of its name and type is not believed.

    Args:
        limit: the most bytes that it may have; by default those of the setting `max_upload`.

    Raises:
        BadRequest, Invalid: as `uploaded_file`.
    """
    return (await uploaded_file(request, name, limit)).data


async def uploaded_file(request: Request, name: str, limit: int | None = None) -> File:
    """The file in the part `name` of a multipart body.

    Raises:
        BadRequest: the body is not multipart/form-data (415), too large (413), or malformed.
        Invalid: there is no such file in it.
    """
    if media_type(request) != "multipart/form-data":
        raise BadRequest(f"The body must be multipart/form-data with the file in the part {name!r}.", 415)
    limit = limit or settings().max_upload
    body = await body_of(request, limit + AROUND)

    async def stream() -> AsyncGenerator[bytes]:
        yield body

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=10).parse()
    except (MultiPartException, ValueError) as error:  # the second: of the parser below it
        raise BadRequest(f"The body cannot be read as multipart/form-data: {error}") from None
    try:
        file = form.get(name)
        if not isinstance(file, UploadFile):
            raise Invalid([Detail(field=name, message="is required: a file, in a part of this name")])
        data = await file.read()
        said = file.content_type or "", file.filename or ""
    finally:
        await form.close()
    if len(data) > limit:
        raise BadRequest(f"The file is too large: at most {limit} bytes are allowed.", 413)
    return File(data, *said)
