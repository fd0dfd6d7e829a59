"""What servers say when they refuse, each in its own words, and how it is understood."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from digest.analysis.openai_faults import Fault, Meaning, Place, Refusal, understood
from digest.analysis.openai_waits import wait_in_words, wait_of_headers

PLACE = Place(model="m-1", base_url="https://user:pw@models.example/v1", key=SecretStr("sk-secret-123456"))
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


def fault(status: int, body: object, **headers: str) -> Fault:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    return understood(Refusal(status=status, headers=headers, body=text), PLACE, lambda: NOON)


def said(message: str, **fields: object) -> dict[str, object]:
    return {"error": {"message": message, **fields}}


TOO_LONG = {
    "openai": (
        400,
        said(
            "This model's maximum context length is 128000 tokens. However, your messages resulted in 130031 "
            "tokens. Please reduce the length of the messages.",
            code="context_length_exceeded",
        ),
        128000,
    ),
    "openai, newer": (
        400,
        said(
            "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300012.",
            code="context_length_exceeded",
        ),
        272000,
    ),
    "openai, per minute": (
        429,
        said(
            "Request too large for gpt-4o in org-1 on tokens per min (TPM): Limit 30000, Requested "
            "50000. The input or output tokens must be reduced in order to run successfully.",
            code="rate_limit_exceeded",
        ),
        30000,
    ),
    "llama.cpp": (
        400,
        said(
            "request (9031 tokens) exceeds the available context size (8192 tokens), try increasing it",
            type="exceed_context_size_error",
            n_prompt_tokens=9031,
            n_ctx=8192,
        ),
        8192,
    ),
    "llama.cpp, older": (
        500,
        said("the request exceeds the available context size. try increasing it"),
        None,
    ),
    "vllm": (
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 4096 tokens. However, you requested 5014 "
            "tokens in the messages, Please reduce the length of the messages.",
            "code": 400,
        },
        4096,
    ),
    "vllm, answer too": (
        400,
        said(
            "'max_tokens' or 'max_completion_tokens' is too large: 6000. This model's maximum context length "
            "is 8192 tokens and your request has 4000 input tokens (6000 > 8192 - 4000)."
        ),
        8192,
    ),
    "vllm, decoder": (
        400,
        said("The decoder prompt (length 9000) is longer than the maximum model length of 8192."),
        8192,
    ),
    "anthropic": (400, said("prompt is too long: 210000 tokens > 200000 maximum"), 200000),
    "anthropic, answer too": (
        400,
        said("input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input"),
        200000,
    ),
    "anthropic, bytes": (413, said("Request exceeds the maximum size", type="request_too_large"), None),
    "gemini": (
        400,
        [said("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).")],
        1048576,
    ),
    "mistral": (
        400,
        {"message": "Prompt contains 40000 tokens, too large for model with 32768 maximum context length"},
        32768,
    ),
    "xai": (
        400,
        {"error": "This model's maximum prompt length is 131072 but the request contains 200000 tokens."},
        131072,
    ),
    "qwen": (
        400,
        said("InternalError.Algo.InvalidParameter: Range of input length should be [1, 98304]"),
        98304,
    ),
    "moonshot": (400, said("Invalid request: Your request exceeded model token limit: 8192"), 8192),
    "zhipu": (400, said("Prompt 超长", code="1261"), None),
    "cohere": (
        400,
        {"message": "too many tokens: total number of tokens in the prompt cannot exceed 4081"},
        4081,
    ),
    "openrouter": (
        400,
        said(
            "Provider returned error",
            metadata={"raw": '{"message":"prompt is too long: 210000 tokens > 200000 maximum"}'},
        ),
        200000,
    ),
    "groq": (
        413,
        said("Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9"),
        6000,
    ),
    "cerebras": (
        400,
        said("Please reduce the length of the messages. Current length is 9000 while limit is 8192"),
        8192,
    ),
    "sglang": (
        400,
        {"message": "The input (9000 tokens) is longer than the model's context length (8192 tokens)."},
        8192,
    ),
    "tgi": (
        422,
        {"error": "Input validation error: `inputs` must have less than 1024 tokens. Given: 2000"},
        1024,
    ),
    "tgi, answer too": (
        422,
        {"error": "`inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9000 `inputs` tokens"},
        8193,
    ),
    "nim": (400, said("Input length 5000 exceeds maximum allowed token size 4096"), 4096),
    "fireworks": (400, said("The prompt is too long: 40000, model maximum context length: 32767"), 32767),
    "lm studio": (400, {"error": "The number of tokens is greater than the context length"}, None),
    "bedrock": (400, said("Input is too long for requested model."), None),
    "nginx": (413, "<html><h1>413 Request Entity Too Large</h1></html>", None),
}


@pytest.mark.parametrize(("status", "body", "limit"), TOO_LONG.values(), ids=TOO_LONG)
def test_a_text_that_is_too_long_is_understood_with_its_limit(
    status: int, body: object, limit: int | None
) -> None:
    found = fault(status, body)

    assert (found.meaning, found.limit) == (Meaning.TOO_LONG, limit)


OTHERS = {
    "answer too long": (
        400,
        said("max_tokens is too large: 32000. This model supports at most 16384"),
        "change",
    ),
    "answer too long, anthropic": (
        400,
        said("max_tokens: 100000 > 8192, which is the maximum allowed number of output tokens for m-1"),
        "change",
    ),
    "answer too long, groq": (
        400,
        said("`max_tokens` must be less than or equal to `8192`, the maximum for this context_window"),
        "change",
    ),
    "openrouter": (404, said("No endpoints found that support the requested parameters."), "change"),
    "openrouter, model": (404, said("No endpoints found for m-1."), "person"),
    "moderation": (400, said("Your prompt was flagged as potentially violating our usage policy"), "refused"),
    "schema": (400, said("Invalid schema for response_format 'A': 'maxLength' is not permitted."), "change"),
    "validation": (
        422,
        {"detail": [{"loc": ["body", "stream"], "msg": "extra", "input": "maximum context length"}]},
        "change",
    ),
    "grammar": (500, said("failed to parse grammar"), "change"),
    "template": (500, said("Conversation roles must alternate user/assistant"), "change"),
    "loading": (503, said("Loading model", type="unavailable_error"), "again"),
    "overloaded": (529, said("Overloaded"), "again"),
    "page": (502, "<html>Bad Gateway</html>", "again"),
    "nothing": (500, "", "again"),
    "gemini, a minute's quota": (
        429,
        said("You exceeded your current quota, please check your plan"),
        "again",
    ),
    "quota": (429, said("You exceeded your current quota", code="insufficient_quota"), "person"),
    "deepseek": (402, said("Insufficient Balance"), "person"),
    "zhipu": (429, said("您的账户已欠费", code="1113"), "person"),
    "anthropic credit": (400, said("Your credit balance is too low to access the API."), "person"),
    "gemini key": (400, said("API key not valid. Please pass a valid API key."), "person"),
    "key": (401, "", "person"),
    "ollama": (404, {"error": "model 'm-1' not found, try pulling it first"}, "person"),
    "model": (400, said("m-1 is not a valid model ID"), "person"),
    "azure": (400, said("The response was filtered", code="content_filter"), "refused"),
    "qwen": (
        400,
        said("Output data may contain inappropriate content.", code="data_inspection_failed"),
        "refused",
    ),
}


@pytest.mark.parametrize(("status", "body", "meaning"), OTHERS.values(), ids=OTHERS)
def test_a_refusal_is_understood(status: int, body: object, meaning: str) -> None:
    assert fault(status, body).meaning == meaning


def test_a_sentence_names_the_server_and_hides_key_password_and_lengths() -> None:
    found = fault(418, said(f"sk-secret-123456 and sk-proj-{'x' * 20} " + "are\nbad " * 100))

    assert "models.example" in found.sentence
    assert not any(secret in found.sentence for secret in ("secret", "sk-proj", "user:pw", "\n"))
    assert len(found.sentence) < 450
    assert "pw" not in repr(PLACE.memory_key) + PLACE.server + PLACE.address


def test_a_placeholder_for_a_key_changes_no_words() -> None:
    place = Place(model="m-1", base_url="http://localhost/v1", key=SecretStr("x"))
    body = json.dumps(said("maximum context length is 10 tokens; x is no key"))
    found = understood(Refusal(status=400, headers={}, body=body), place, lambda: NOON)

    assert found.limit == 10
    assert "maximum context length is 10 tokens; [key] is" in found.sentence


def test_a_parameter_named_late_in_a_long_refusal_is_still_found() -> None:
    detail = [{"loc": ["body", "messages", n], "msg": "odd"} for n in range(40)]
    detail.append({"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"})
    assert "stream_options" in fault(422, {"detail": detail}).words


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"error": null}', "[" * 100_000, '{"error": []}'])
@pytest.mark.parametrize("status", [300, 400, 404, 418, 500])
def test_any_body_is_understood_somehow(status: int, body: str) -> None:
    assert fault(status, body).sentence.endswith(".")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Tue, 30 Jun 2026 12:05:00 GMT"}, 300),
        ({"retry-after": "Tue, 30 Jun 2026 11:05:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_a_header_that_asks_to_wait_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_of_headers(headers, lambda: NOON) == seconds


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Rate limit reached. Please try again in 1.5s. Visit", 1.5),
        ("Please try again in 6m12.5s.", 372.5),
        ("please try again in 920ms", 0.92),
        ('"details": [{"retryDelay": "34s"}]', 34),
        ("Please retry after 20 seconds.", 20),
        ("Please retry in 2h3m", 7380),
        ("Please try again later", None),
        ("", None),
    ],
)
def test_words_that_ask_to_wait_are_read(words: str, seconds: float | None) -> None:
    assert wait_in_words(words) == (None if seconds is None else pytest.approx(seconds))
