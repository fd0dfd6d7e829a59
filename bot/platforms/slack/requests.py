"""Slack's HTTP requests, with SLACK_MODE=http: each proved to be Slack's, and taken once."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from bot.latest import Latest
from digest.clock import Clock

_PARTS = ("event", "view", "team", "user", "container", "channel", "message")
_TYPED = {"event_callback": "event", "view_submission": "view"}
_NEEDED = {"block_actions": ("actions", "user"), "view_submission": ("user",)}
_REMEMBERED = 20_000  # signatures, far more than come within their five minutes

log = structlog.get_logger(__name__)


class _Clock(SignatureClock):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def now(self) -> float:
        return self._clock().timestamp()


class Requests:
    """Answers requests once there is an app; until then Slack is told to come again."""

    def __init__(self, secret: str, *, clock: Clock) -> None:
        self._verifier = SignatureVerifier(secret, _Clock(clock))
        self._seen: Latest[str, None] = Latest(_REMEMBERED)
        self.app: AsyncApp | None = None

    async def answer(self, request: web.Request, body: bytes) -> web.Response:
        """Refuse what is forged, older than five minutes or a repetition; else give it to the app."""
        signature = request.headers.get("X-Slack-Signature", "")
        text = self._proved(request, body, signature)
        if text is None or signature in self._seen:
            log.warning("slack request refused", remote=request.remote, repeated=signature in self._seen)
            return web.json_response({"error": "invalid request"}, status=401)
        if self.app is None:
            return web.Response(status=503, headers={"Retry-After": "5"})
        said = _parsed(request, text)
        if said is None:
            log.warning("slack request not understood", remote=request.remote, characters=len(text))
            return web.json_response({"error": "not understood"}, status=400)
        self._seen[signature] = None
        answer = await self.app.async_dispatch(said)
        if answer.status != 200:
            self._seen.pop(signature, None)  # Slack may bring it again as it is
        return await to_aiohttp_response(answer)

    def _proved(self, request: web.Request, body: bytes, signature: str) -> str | None:
        """The body, if the signature is Slack's and of now."""
        at = request.headers.get("X-Slack-Request-Timestamp", "")
        if not at.isdecimal() or not at.isascii() or not signature.isascii():
            return None
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return None
        return text if self._verifier.is_valid(text, at, signature) else None


def _parsed(request: web.Request, text: str) -> AsyncBoltRequest | None:
    """The request as Bolt takes it; None if it is neither a form nor JSON of the kinds that Slack sends."""
    try:
        said = AsyncBoltRequest(body=text, query=request.query_string, headers=dict(request.headers))
    except (ValueError, TypeError, AttributeError, LookupError):  # Bolt's, of bodies of another form
        return None
    return said if isinstance(said.body, dict) and _is_slacks(said.body) else None


def _is_slacks(body: Mapping[str, object]) -> bool:
    """Whether it has the parts that Slack's requests of its kind have."""
    if "command" in body:
        return "channel_id" in body and "user_id" in body
    if any(not isinstance(body.get(each) or {}, dict) for each in _PARTS):
        return False
    kind = body.get("type")
    if not isinstance(kind, str):
        return "ssl_check" in body
    inner = body.get(_TYPED.get(kind, "")) or {}
    if kind in _TYPED and not (isinstance(inner, dict) and isinstance(inner.get("type"), str)):
        return False
    return all(each in body for each in _NEEDED.get(kind, ()))
