"""Azure OpenAI's API: the classic paths with a deployment and a dated version, and the v1 API."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from llmdocs.wire import dialect
from llmdocs.wire.accounts import Account, Model, Operation
from llmdocs.wire.dialect import Refusal, listed
from llmdocs.wire.openai import api as openai
from llmdocs.wire.openai.chat_requests import CHAT_PARAMETERS, check_chat
from llmdocs.wire.openai.requests import Body, json_body, model_in, refusal

# Microsoft's "API version lifecycle" page: the v1 API takes no date. The first two are what
# openai-python sends; litellm takes `v1` for itself and sends nothing.
V1_API_VERSIONS = ("preview", "latest", "v1")

# What Azure takes besides OpenAI's parameters: "On Your Data", and the user's security context.
AZURE_CHAT_PARAMETERS = {
    **CHAT_PARAMETERS,
    "data_sources": "an array of objects",
    "user_security_context": "an object",
}

OPERATIONS = {"chat": "chatCompletion", "embeddings": "embeddings"}

_SAFE = {"filtered": False, "severity": "safe"}
_CATEGORIES = dict.fromkeys(("hate", "self_harm", "sexual", "violence"), _SAFE)
# CoderCookE/vim-llm-agent#37
_PROMPT_CATEGORIES = {**_CATEGORIES, "jailbreak": {"filtered": False, "detected": False}}
PROMPT_FILTER_RESULTS = [{"prompt_index": 0, "content_filter_results": _PROMPT_CATEGORIES}]


def application(account: Account) -> Starlette:
    """Azure OpenAI's API, at the origin's root: `/openai/deployments/…` and `/openai/v1/…`."""

    # The gateway knows its routes by path and version, so both come before the key. Inferred.
    async def classic(request: Request) -> tuple[Body, str]:
        _check_dated_version(request, account)
        _check_key(request, account, bearer=False)
        return await _json_body(request), request.path_params["deployment"]

    async def v1(request: Request) -> tuple[Body, str]:
        _check_v1_version(request)
        _check_key(request, account, bearer=True)
        body = await _json_body(request)
        return body, model_in(body)

    async def classic_chat(request: Request) -> Response:
        return _chat(account, *await classic(request))

    async def v1_chat(request: Request) -> Response:
        return _chat(account, *await v1(request))

    async def classic_embeddings(request: Request) -> Response:
        return _embeddings(account, *await classic(request))

    async def v1_embeddings(request: Request) -> Response:
        return _embeddings(account, *await v1(request))

    async def v1_models(request: Request) -> Response:
        _check_v1_version(request)
        _check_key(request, account, bearer=True)
        models = {model.name for model in account.served.values()}
        return JSONResponse(openai.model_list(sorted(models)))

    deployment = "/openai/deployments/{deployment}"
    routes = [
        Route(f"{deployment}/chat/completions", classic_chat, methods=["POST"]),
        Route(f"{deployment}/embeddings", classic_embeddings, methods=["POST"]),
        Route("/openai/v1/chat/completions", v1_chat, methods=["POST"]),
        Route("/openai/v1/embeddings", v1_embeddings, methods=["POST"]),
        Route("/openai/v1/models", v1_models),
    ]
    return dialect.application(
        "azure", routes, not_found=_unknown_path, method_not_allowed=_unknown_path
    )


def _chat(account: Account, body: Body, deployment: str) -> Response:
    model = _deployed(account, deployment, "chat")
    check_chat(body, model.name, AZURE_CHAT_PARAMETERS)
    reply = openai.reply_to(model.name, body)
    if body.get("stream"):
        return openai.event_stream(_filtered_chunks(openai.chunks(model.name, reply, body)))
    answer = openai.completion(model.name, reply, body)
    for choice in answer["choices"]:
        choice["content_filter_results"] = _CATEGORIES
    return JSONResponse({**answer, "prompt_filter_results": PROMPT_FILTER_RESULTS})


def _embeddings(account: Account, body: Body, deployment: str) -> Response:
    model = _deployed(account, deployment, "embeddings")
    return JSONResponse(openai.embeddings(model.name, body))


def _filtered_chunks(chunks: Iterable[Body]) -> Iterator[Body]:
    """A chunk about the prompt and without choices, then the answer's own.

    AbanteAI/archive-old-cli-mentat#429, rksm/org-ai#90.
    """
    yield {
        "id": "",
        "choices": [],
        "created": 0,
        "model": "",
        "object": "",
        "system_fingerprint": None,
        "prompt_filter_results": PROMPT_FILTER_RESULTS,
    }
    for chunk in chunks:
        for choice in chunk["choices"]:
            choice["content_filter_results"] = _CATEGORIES if choice["delta"].get("content") else {}
        yield chunk


def _gateway(status: int, code: str, message: str, hint: str) -> Refusal:
    """A refusal of the gateway in front of the models: two fields, not OpenAI's four."""
    return Refusal(status, {"error": {"code": code, "message": message}}, hint)


def error_body(status: int, message: str, code: str | None = None) -> Body:
    """The body of an error that is no fault of the request."""
    return {"error": {"code": code or "InternalServerError", "message": message}}


def _not_found(hint: str) -> Refusal:
    # ThinkInAIXYZ/deepchat#262
    return _gateway(404, "404", "Resource not found", hint)


def _unknown_path(request: Request) -> Refusal:
    # That a known path with another method is answered alike is inferred.
    return _not_found(
        "LLM_BASE_URL is the resource's address alone: https://your-resource.openai.azure.com. "
        "Below it are /openai/deployments/<deployment>/chat/completions and /openai/v1."
    )


def _check_dated_version(request: Request, account: Account) -> None:
    """Refuse any version but the account's own, and none at all.

    The words are those for a version that Azure does not know: MicrosoftDocs/azure-docs#114602,
    Azure-Samples/azure-search-openai-demo#1358; `preview` is none of these paths' versions:
    CherryHQ/cherry-studio#8077. Azure itself knows several dated versions. The mock takes one
    alone, so that a program is noticed that sends its own in place of the reader's.
    """
    if request.query_params.get("api-version") not in account.api_versions:
        raise _not_found(
            "The recipe's LLM_API_VERSION, sent as api-version, is "
            f"{listed(sorted(account.api_versions))}; Azure itself knows other dated versions too."
        )


def _check_v1_version(request: Request) -> None:
    version = request.query_params.get("api-version")
    if version is not None and version not in V1_API_VERSIONS:
        # mindsdb/mindshub#11563
        raise _gateway(
            400,
            "BadRequest",
            "API version not supported",
            f"Under /openai/v1, api-version is absent or one of {listed(V1_API_VERSIONS)}.",
        )


def _check_key(request: Request, account: Account, *, bearer: bool) -> None:
    """Refuse a request without the account's key; the v1 API takes it as a Bearer token too.

    What is no Entra token is refused in words of its own (567-labs/instructor, the guide to Azure).
    No key at all is answered as a wrong one, and so is a wrong Bearer on the v1 API: inferred.
    """
    if not account.keys:
        return
    hint = f"The recipe's LLM_API_KEY is {listed(sorted(account.keys))}, sent in api-key."
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    key = request.headers.get("api-key")
    if key is None and scheme.lower() == "bearer":
        if not bearer:
            message = (
                "Unauthorized. Access token is missing, invalid, audience is incorrect "
                "(https://cognitiveservices.azure.com), or have expired."
            )
            raise Refusal(401, {"statusCode": 401, "message": message}, hint)
        key = token.strip()
    if key not in account.keys:
        # SciSharp/BotSharp#386
        raise _gateway(
            401,
            "401",
            "Access denied due to invalid subscription key or wrong API endpoint. Make sure to "
            "provide a valid key for an active subscription and use a correct regional API "
            "endpoint for your resource.",
            hint,
        )


def _deployed(account: Account, deployment: str, operation: Operation) -> Model:
    model = account.served.get(deployment)
    if model is None:
        # microsoft/chat-copilot#111; on the v1 API inferred.
        raise _gateway(
            404,
            "DeploymentNotFound",
            "The API deployment for this resource does not exist. If you created the deployment "
            "within the last 5 minutes, please wait a moment and try again.",
            f"This resource's deployments: {listed(account.names())}.",
        )
    if model.operation != operation:
        # microsoft/graphrag#1557, OpenHands/OpenHands#1003
        raise _gateway(
            400,
            "OperationNotSupported",
            f"The {OPERATIONS[operation]} operation does not work with the specified model, "
            f"{model.name}. Please choose different model and try again. You can learn more about "
            "which models can be used with each operation here: "
            "https://go.microsoft.com/fwlink/?linkid=2197993.",
            f"Deployments for this operation: {listed(account.names(operation))}.",
        )
    return model


async def _json_body(request: Request) -> Body:
    """The request's JSON object; takahirom/arbigent#218 for the words, their cause is inferred."""
    try:
        return await json_body(request)
    except Refusal as refused:
        raise refusal(400, "Invalid request body.", hint=refused.hint) from refused
