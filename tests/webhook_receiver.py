"""A program that webhooks are told to: `python -m tests.webhook_receiver LOG`. It prints its port, then listens.

The path says how it behaves: `/ok`, `/fail/N` (500 to the first N requests of each message), `/hang` (never answers),
`/hang-once` (not the first request of each message), `/redirect`, `/long` (an answer without an end). Every request is
a line of JSON in LOG, on the disk before any answer.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from typing import IO

from aiohttp import web


class Receiver:
    """One log, one behaviour a path."""

    def __init__(self, log: IO[str]) -> None:
        self._log = log
        self._tries: Counter[str] = Counter()

    async def hear(self, request: web.Request) -> web.StreamResponse:
        """Writes down, then does as the path says."""
        body = (await request.read()).decode()
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        told = {"path": request.path, "body": body, "headers": {name: request.headers.get(name) for name in names}}
        self._log.write(json.dumps(told) + "\n")
        self._log.flush()
        os.fsync(self._log.fileno())
        how, _, rest = request.path.strip("/").partition("/")
        key = f"{request.path} {request.headers.get('webhook-id')}"
        self._tries[key] += 1
        match how:
            case "fail":
                return web.Response(status=500 if self._tries[key] <= int(rest) else 204)
            case "hang":
                await asyncio.Event().wait()
            case "hang-once" if self._tries[key] == 1:
                await asyncio.Event().wait()
            case "redirect":
                raise web.HTTPTemporaryRedirect("/ok")
            case "long":
                return await _without_end(request)
            case _:
                pass
        return web.Response(status=204)


async def _without_end(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65536)


async def main(log: IO[str]) -> None:
    """Until it is ended."""
    app = web.Application()
    app.router.add_post("/{path:.*}", Receiver(log).hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    with open(sys.argv[1], "a", encoding="utf-8") as file:
        asyncio.run(main(file))
