"""Uploading images of products."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response

from closient_gql.adapters.storage import storage_of
from closient_gql.core.bounds import unstorable
from closient_gql.core.errors import BadRequest, Detail, Invalid
from closient_gql.core.gs1.gtin import Gtin, parse_gtin
from closient_gql.core.models.products import ProductImage
from closient_gql.core.settings import settings
from closient_gql.server.answers import Json, envelope
from closient_gql.server.requests import body_of, context_of, media_type
from closient_gql.server.rest.apis import api_of
from closient_gql.server.routes.extra import Extra
from resolvers.products.images import Upload, add_image, check_image
from schema.scalars import write_datetime

API = api_of("/products/api/v1")
assert API
AROUND = 2**17  # bytes of the body that are not the file
SHOWN = ("id", "title", "description", "is_primary", "priority", "image_url", "thumbnail_url", "width", "height")
TEXTS = {"title": 255, "description": 5_000}
PARTS = ("image", *TEXTS, "is_primary")


async def upload_image(request: Request) -> Response:
    try:
        gtin, ctx = gtin_of(request), context_of(request)
        await check_image(ctx, gtin)  # a stranger's file is not even read
        image = await add_image(ctx, storage_of(settings()), gtin, await upload_of(request))
        return Json(detail(image), 201)
    except Exception as error:
        return envelope(request, error)


def gtin_of(request: Request) -> Gtin:
    """Raises:
    Invalid: the path has no GTIN.
    """
    try:
        return parse_gtin(request.path_params["gtin"])
    except ValueError as error:
        raise Invalid([Detail(field="gtin", message=str(error))]) from None


async def upload_of(request: Request) -> Upload:
    """The file and what is said of it. What the client says of the file's name and type is not believed.

    Raises:
        BadRequest: the body is not multipart/form-data (415), too large (413), or malformed.
        Invalid: there is no image in it, or a part is wrong; all of them are named.
    """
    if media_type(request) != "multipart/form-data":
        raise BadRequest("The body must be multipart/form-data with the picture in the part 'image'.", 415)
    limit = settings().max_upload
    body = await body_of(request, limit + AROUND)

    async def stream() -> AsyncGenerator[bytes]:
        yield body

    try:
        form = await MultiPartParser(request.headers, stream(), max_files=1, max_fields=10).parse()
    except (MultiPartException, ValueError) as error:  # the second: of the parser below it
        raise BadRequest(f"The body cannot be read as multipart/form-data: {error}") from None
    try:
        if problems := problems_of(form):
            raise Invalid(problems)
        file = form["image"]
        assert isinstance(file, UploadFile)
        data = await file.read()
    finally:
        await form.close()
    if len(data) > limit:
        raise BadRequest(f"The file is too large: at most {limit} bytes are allowed.", 413)
    return Upload(data, text(form, "title"), text(form, "description"), text(form, "is_primary").lower() == "true")


def text(form: Mapping[str, Any], name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def problems_of(form: FormData) -> list[Detail]:
    """Everything that is wrong with the parts."""
    found = [Detail(field=name, message="is not known") for name in dict.fromkeys(form) if name not in PARTS]
    if not isinstance(form.get("image"), UploadFile):
        found.append(Detail(field="image", message="is required: a file, in a part of this name"))
    for name, most in TEXTS.items():
        if isinstance(form.get(name), UploadFile):
            found.append(Detail(field=name, message="must be a string"))
        elif len(text(form, name)) > most:
            found.append(Detail(field=name, message=f"must have at most {most} characters"))
        elif problem := unstorable(text(form, name)):
            found.append(Detail(field=name, message=problem))
    if text(form, "is_primary").lower() not in ("", "true", "false"):
        found.append(Detail(field="is_primary", message="must be true or false"))
    return found


def detail(image: ProductImage) -> dict[str, Any]:
    """The documented schema ProductImageOut; the same as the fragment of that name in schema/products/rest.graphql."""
    return {name: getattr(image, name) for name in SHOWN} | {"created": write_datetime(image.created)}


ROUTES = (
    Extra(
        API,
        "POST",
        "/products/{gtin}/images",
        upload_image,
        {
            "operationId": "upload_product_image",
            "tags": ["products"],
            "summary": "Add an image.",
            "description": "A PNG, JPEG, WebP or GIF, in the part `image`. It is encoded anew, without metadata, and "
            "gets a thumbnail. The first image of a product is its primary one. Owners, managers and editors of the "
            "owning organization may.",
            "security": [{"ApiKey": []}],
            "parameters": [
                {
                    "name": "gtin", "in": "path", "required": True,
                    "description": "8, 12, 13 or 14 digits, separators allowed.",
                    "schema": {"type": "string", "minLength": 8, "maxLength": 40},
                }
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["image"],
                            "properties": {
                                "image": {"type": "string", "format": "binary", "description": "The picture."},
                                "title": {"type": "string", "maxLength": 255, "description": "What it shows."},
                                "description": {
                                    "type": "string", "maxLength": 5000,
                                    "description": "What it shows, for people who do not see it.",
                                },
                                "is_primary": {
                                    "type": "boolean", "default": False,
                                    "description": "Whether it is to stand for the product from now on.",
                                },
                            },
                        }
                    }
                },
            },
            "responses": {
                "201": {
                    "description": "The image.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ProductImageOut"}}},
                }
            },
        },
        errors=(400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503),
    ),
)  # fmt: skip
