"""Certifications beyond JSON: the evidence of a certificate, which only the owner's members and authorities see."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from closient_gql.adapters.evidence import TYPES
from closient_gql.adapters.storage import storage_of
from closient_gql.core.bounds import Id, bounds_of
from closient_gql.core.errors import Detail, Invalid
from closient_gql.core.gs1.gtin import Gtin, parse_gtin
from closient_gql.core.ids import PATTERN
from closient_gql.core.models.certifications import CertificationAssignment
from closient_gql.core.settings import settings
from closient_gql.server.answers import Json, envelope
from closient_gql.server.requests import context_of
from closient_gql.server.rest.apis import api_of
from closient_gql.server.routes.extra import Extra
from closient_gql.server.routes.media import uploaded_file
from resolvers.certifications.evidence import Upload, check_evidence, read, set_evidence
from resolvers.products.inputs import PlainGtin
from schema.scalars import write_datetime

API = api_of("/certifications/api/v1")
assert API
ENDINGS = {kind: ending for ending, kind in reversed(TYPES.items())}
PRIVATE = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


async def upload(request: Request) -> Response:
    try:
        (gtin, id), ctx = place_of(request), context_of(request)
        await check_evidence(ctx, gtin, id)  # a stranger's file is not even read
        file = await uploaded_file(request, "evidence")
        given = Upload(file.data, file.said_type, file.said_name)
        row = await set_evidence(ctx, storage_of(settings()), gtin, id, given)
        return Json(detail(gtin, row), 201)
    except Exception as error:
        return envelope(request, error)


async def download(request: Request) -> Response:
    try:
        gtin, id = place_of(request)
        found = await read(context_of(request), storage_of(settings()), gtin, id)
    except Exception as error:
        return envelope(request, error)
    name = f"certificate-{gtin}.{ENDINGS[found.content_type]}"  # to be saved, never shown on our origin
    headers = PRIVATE | {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(found.data, media_type=found.content_type, headers=headers)


def place_of(request: Request) -> tuple[Gtin, str]:
    """GTIN and id of the certification.

    Raises:
        Invalid: one of them is none; both are named.
    """
    problems, text, id = list[Detail](), request.path_params["gtin"], request.path_params["certification_id"]
    gtin = Gtin("")
    if problem := bounds_of(PlainGtin)[0].problem(text):
        problems.append(Detail(field="gtin", message=problem))
    else:
        try:
            gtin = parse_gtin(text)
        except ValueError as error:
            problems.append(Detail(field="gtin", message=str(error)))
    if problem := bounds_of(Id)[0].problem(id):
        problems.append(Detail(field="certification_id", message=problem))
    if problems:
        raise Invalid(problems)
    return gtin, id


def detail(gtin: Gtin, row: CertificationAssignment) -> dict[str, Any]:
    assert row.evidence_at
    return {
        "gtin": gtin,
        "certification_id": row.certification_id,
        "content_type": row.evidence_type,
        "evidence_at": write_datetime(row.evidence_at),
        "verification_status": row.verification_status,
    }


OUT = {
    "title": "EvidenceOut",
    "type": "object",
    "required": ["gtin", "certification_id", "content_type", "evidence_at", "verification_status"],
    "properties": {
        "gtin": {"type": "string", "pattern": r"^\d{14}$"},
        "certification_id": {"type": "string", "pattern": PATTERN},
        "content_type": {"type": "string", "enum": sorted(set(TYPES.values())), "description": "What the file is."},
        "evidence_at": {"type": "string", "format": "date-time", "description": "When it was uploaded."},
        "verification_status": {"type": "string", "enum": ["unverified"], "description": "What awaits the authority."},
    },
}
PARAMETERS = [
    {
        "name": "gtin", "in": "path", "required": True, "description": "GTIN without separators.",
        "schema": {"type": "string", "minLength": 8, "maxLength": 14, "pattern": "^[0-9]{8,14}$"},
    },
    {
        "name": "certification_id", "in": "path", "required": True,
        "description": "Id of the certification, not of the assignment.",
        "schema": {"type": "string", "pattern": PATTERN},
    },
]  # fmt: skip
PATH = "/products/{gtin}/certifications/{certification_id}/evidence"
ROUTES = (
    Extra(
        API,
        "POST",
        PATH,
        upload,
        {
            "operationId": "upload_certification_evidence",
            "tags": ["assignments"],
            "summary": "Add evidence of a certificate.",
            "description": "A PDF, PNG, JPEG or WebP in the part `evidence`, which must be what its name and type say. "
            "It takes the place of the evidence that there is, and a verified certificate is unverified again. Only "
            "members of the organization that adds it, and authorities, can read it. Owners, managers and editors may.",
            "security": [{"ApiKey": []}],
            "parameters": PARAMETERS,
            "requestBody": {
                "required": True,
                "content": {
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["evidence"],
                            "properties": {
                                "evidence": {"type": "string", "format": "binary", "description": "The file."}
                            },
                        }
                    }
                },
            },
            "responses": {"201": {"description": "What was stored.", "content": {"application/json": {"schema": OUT}}}},
        },
        errors=(400, 401, 403, 404, 413, 415, 422, 429, 500, 503),
    ),
    Extra(
        API,
        "GET",
        PATH,
        download,
        {
            "operationId": "download_certification_evidence",
            "tags": ["assignments"],
            "summary": "Read the evidence of a certificate.",
            "description": "For members of the organization that added it, and for authorities.",
            "security": [{"ApiKey": []}],
            "parameters": PARAMETERS,
            "responses": {
                "200": {
                    "description": "The file, to be saved.",
                    "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ENDINGS},
                }
            },
        },
        errors=(400, 401, 403, 404, 422, 429, 500, 503),
    ),
)
