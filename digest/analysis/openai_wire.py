"""One exchange with a model's server over the openai package; every outcome is an answer or a fault."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from digest.analysis.openai_answers import Answer, Json, Transcript, read_answer
from digest.analysis.openai_faults import Fault, Meaning, Place, Refusal, unavailable, understood
from digest.analysis.openai_request import Request
from digest.clock import Clock

if TYPE_CHECKING:
    import openai

OnText = Callable[[str], None]
_LIMITS = ("max_completion_tokens", "max_tokens")
_CHARACTERS_PER_TOKEN = 16  # far above any text: beyond it, the server has forgotten the limit
_GRACE = 5.0  # seconds for the token counts after the answer has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for a server, in seconds, and how often to try.

    `begin` is until the first word, which hidden reasoning delays; `stall` between two pieces of a stream;
    `whole` for one answer. A server's wish to wait longer than `longest_wait` is passed on, not waited out.
    """

    connect: float = 10.0
    begin: float = 300.0
    stall: float = 60.0
    whole: float = 900.0
    tries: int = 3
    backoff: float = 1.0
    longest_wait: float = 60.0


class _Failed(Exception):
    """Carries a fault out of an exchange."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.sentence)
        self.fault = fault


class Wire:
    """A connection to one server.

    Vendor errors hold the request with its key, so they end here: what leaves is text of ours.
    """

    def __init__(self, place: Place, patience: Patience, clock: Clock) -> None:
        self.place = place
        self._patience = patience
        self._clock = clock
        self._client: openai.AsyncOpenAI | None = None
        self._opening = asyncio.Lock()

    async def exchange(self, request: Request, on_text: OnText | None) -> Answer | Fault:
        """Ask for a completion; text goes to `on_text` as it comes, where the server streams."""
        try:
            client = await self._opened()
            async with asyncio.timeout(self._patience.whole) as limit:
                return await self._exchange(client, request, on_text)
        except _Failed as failed:
            return failed.fault
        except TimeoutError:
            if not limit.expired():
                raise
            what = f"did not finish its answer in {self._patience.whole:g} s"
            return unavailable(what, self.place, most=2)

    async def _exchange(
        self, client: openai.AsyncOpenAI, request: Request, on_text: OnText | None
    ) -> Answer | Fault:
        if not request.get("stream"):
            async with self._patiently(self._patience.whole):
                body = _body(await client.chat.completions.create(**request))
            return _told_at_once(self._whole(body), on_text)
        async with self._patiently(self._patience.begin):
            stream = cast("Any", await client.chat.completions.create(**request))
        try:
            return await self._streamed(stream, request, on_text)
        finally:
            await stream.close()

    async def look(self, path: str) -> Json | Fault:
        """A JSON page of the server: a path below the base URL, or an address."""
        try:
            client = await self._opened()
            async with self._patiently(self._patience.begin):
                return _body(await client.get(path, cast_to=cast("Any", object)))
        except _Failed as failed:
            return failed.fault

    async def aclose(self) -> None:
        """Close the connection."""
        if self._client is not None:
            await self._client.close()

    async def _opened(self) -> openai.AsyncOpenAI:
        async with self._opening:
            if self._client is None:
                self._check_settings()
                # Half a second of imports and certificates, off the event loop.
                self._client = await asyncio.to_thread(self._new_client)
            return self._client

    def _new_client(self) -> openai.AsyncOpenAI:
        import openai
        import openai.resources.chat.completions

        timeout = openai.Timeout(None, connect=self._patience.connect)  # the rest is timed by `_patiently`
        return openai.AsyncOpenAI(
            api_key=self.place.key.get_secret_value() or "none",
            base_url=self.place.base_url,
            max_retries=0,
            timeout=timeout,
            http_client=openai.DefaultAsyncHttpx2Client(
                timeout=timeout, follow_redirects=False, verify=_certificates()
            ),
        )

    def _check_settings(self) -> None:
        """Fail for settings with which nothing can be sent."""
        key = self.place.key.get_secret_value()
        sentence = ""
        if not self.place.is_address:
            sentence = "OPENAI_BASE_URL is not the address of a server; for example "
            sentence += "OPENAI_BASE_URL=http://localhost:8080/v1."
        elif not key and self.place.is_openai:
            sentence = (
                "OPENAI_API_KEY is not set; make a key at https://platform.openai.com/api-keys, or set "
            )
            sentence += "OPENAI_BASE_URL to a server that needs none."
        elif not re.fullmatch(r"[!-~]*", key):
            sentence = "OPENAI_API_KEY holds characters that no key has, such as spaces; copy it once more."
        if sentence:
            raise _Failed(Fault(meaning=Meaning.PERSON, sentence=sentence))

    @asynccontextmanager
    async def _patiently(self, seconds: float) -> AsyncIterator[None]:
        """Turn what the openai package and its HTTP library let out into a fault, and silence too."""
        import httpx2
        import openai

        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            raise _Failed(unavailable(f"sent nothing for {seconds:g} s", self.place, most=2)) from None
        except ValueError:
            # Broken JSON, broken UTF-8 and pydantic's complaints escape the package as they are.
            raise _Failed(unavailable("answered with something that is not JSON", self.place)) from None
        except openai.OpenAIError as error:
            raise _Failed(self._vendor_fault(error)) from None
        except (httpx2.HTTPError, httpx2.StreamError) as error:
            raise _Failed(self._unconnected(error)) from None

    def _vendor_fault(self, error: openai.OpenAIError) -> Fault:
        import openai

        if isinstance(error, openai.APIStatusError):
            headers = {name.casefold(): value for name, value in error.response.headers.items()}
            refusal = Refusal(status=error.status_code, headers=headers, body=error.response.text)
            return understood(refusal, self.place, self._clock)
        if isinstance(error, openai.APIConnectionError):
            return self._unconnected(error.__cause__)
        body = error.body if isinstance(error, openai.APIError) else None
        return self._told({"error": body if isinstance(body, Mapping) else {"message": str(error)}})

    def _unconnected(self, cause: BaseException | None) -> Fault:
        kind = type(cause).__name__
        if kind in ("RemoteProtocolError", "ReadError", "WriteError", "EndOfStream"):
            return unavailable("broke the connection off", self.place)
        detail = self.place.without_secret(str(cause or "")) or kind
        return unavailable(f"cannot be reached ({detail}); is OPENAI_BASE_URL right?", self.place)

    def _told(self, body: Json) -> Fault:
        """The fault behind an error that came with status 200, or in the middle of a stream."""
        error = body.get("error")
        code = str(error.get("code")) if isinstance(error, Mapping) else ""
        status = int(code) if re.fullmatch("[45][0-9]{2}", code) else 500
        return understood(Refusal(status=status, headers={}, body=json.dumps(body)), self.place, self._clock)

    def _whole(self, body: Json) -> Answer | Fault:
        if not body:
            return unavailable("answered with something that is no completion", self.place)
        answer = read_answer(body)
        if answer.error is not None:
            return self._told({"error": answer.error})
        return answer if answer.ended else replace(answer, ended="stop")

    async def _streamed(self, stream: Any, request: Request, on_text: OnText | None) -> Answer | Fault:
        kind = stream.response.headers.get("content-type", "")
        if "json" in kind:  # a server that answers in one piece although it was asked to stream
            async with self._patiently(self._patience.whole):
                body = _body((await stream.response.aread()).decode())
            return _told_at_once(self._whole(body), on_text)
        if "html" in kind:
            return unavailable("answered with a web page", self.place)
        return await self._read_stream(stream, request, on_text)

    async def _read_stream(self, stream: Any, request: Request, on_text: OnText | None) -> Answer | Fault:
        transcript = Transcript()
        most = _CHARACTERS_PER_TOKEN * next(request[name] for name in _LIMITS if name in request)
        try:
            async with aclosing(self._chunks(stream, transcript)) as chunks:
                async for chunk in chunks:
                    text = transcript.add(chunk)
                    if text and on_text is not None:
                        on_text(text)
                    if transcript.characters > most:
                        return replace(transcript.whole(), ended="length")
        except _Failed:
            if transcript.answer.ended is None:
                raise
        return self._ended(transcript.whole(), request)

    def _ended(self, answer: Answer, request: Request) -> Answer | Fault:
        if answer.error is not None:
            return self._told({"error": answer.error})
        if answer.ended:
            return answer
        if answer.usage:
            return replace(answer, ended="stop")
        if not answer.text:
            sentence = f"The model server at {self.place.server} does not stream."
            return Fault(meaning=Meaning.CHANGE, sentence=sentence, words="stream")
        return unavailable("broke its answer off", self.place)

    async def _chunks(self, stream: Any, transcript: Transcript) -> AsyncGenerator[Json]:
        chunks = aiter(stream)
        while True:
            async with self._patiently(self._next_wait(transcript)):
                try:
                    chunk = await anext(chunks)
                except StopAsyncIteration:
                    return
            yield _body(chunk)

    def _next_wait(self, transcript: Transcript) -> float:
        if transcript.answer.ended is not None:
            return min(_GRACE, self._patience.stall)
        return self._patience.stall if transcript.began else self._patience.begin


@cache
def _certificates() -> ssl.SSLContext:
    """The trusted certificates, which take 30 ms to load: once per process."""
    import httpx2

    return httpx2.create_ssl_context()


def _told_at_once(outcome: Answer | Fault, on_text: OnText | None) -> Answer | Fault:
    """The outcome, after its whole text went to whoever watches."""
    if on_text is not None and isinstance(outcome, Answer) and outcome.text:
        on_text(outcome.text)
    return outcome


def _body(given: object) -> Json:
    """What the openai package made of an answer, as plain JSON; empty if it is none."""
    if isinstance(given, str):
        given = json.loads(given)
    to_dict = getattr(given, "to_dict", None)
    if to_dict is not None:
        given = to_dict(warnings=False)
    return given if isinstance(given, Mapping) else {}
