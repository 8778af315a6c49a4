"""Which path is which call, and how a refusal becomes an answer."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from wizard.sandbox import refusals
from wizard.sandbox.creation import Creation
from wizard.sandbox.endpoints import Endpoints, not_found_object, wrong_method
from wizard.sandbox.refusals import Refusal, RefusedError, envelope
from wizard.sandbox.tripletex import Tripletex


def application(tripletex: Tripletex) -> Starlette:
    """The service as an ASGI application; paths are matched decoded."""
    endpoints = Endpoints(tripletex)

    def refuse(request: Request, refusal: Refusal) -> Response:
        behaviour = tripletex.behaviour
        body = envelope(
            refusal,
            request_id=request.state.request_id,
            language=behaviour.language,
            link=behaviour.link,
        )
        return JSONResponse(body, status_code=refusal.status)

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, RefusedError)  # noqa: S101 - Starlette types every handler for any exception
        return refuse(request, error.refusal)

    async def unknown_path(request: Request, _: Exception) -> Response:
        return refuse(request, refusals.NO_SUCH_PATH)

    async def unknown_verb(request: Request, _: Exception) -> Response:
        return refuse(request, refusals.WRONG_METHOD)

    creation = Creation(tripletex)
    service = Starlette(
        routes=[
            Route("/v2/token/session/:create", creation.__call__, methods=["POST", "PUT"]),
            Route("/v2/token/session/>whoAmI", endpoints.who_am_i, methods=["GET"]),
            Route("/v2/token/session/{token:path}", endpoints.delete_session, methods=["DELETE"]),
            Route("/v2/company/>withLoginAccess", endpoints.with_login_access, methods=["GET"]),
            Route("/v2/company/salesmodules", endpoints.sales_modules, methods=["GET"]),
            Route("/v2/company/{id}", endpoints.company, methods=["GET"]),
            Route("/v2/company", wrong_method, methods=["GET"]),
            Route("/v2/employee/entitlement", endpoints.entitlements, methods=["GET"]),
            Route("/v2/whoAmI", not_found_object, methods=["GET"]),
        ],
        exception_handlers={RefusedError: refused, 404: unknown_path, 405: unknown_verb},
    )
    service.router.redirect_slashes = False
    return service
