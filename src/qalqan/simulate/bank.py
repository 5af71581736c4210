"""A bank as a process of its own that speaks the centre's real API (REQ-19, 44).

`python -m qalqan.simulate.bank --world FILE --bank CODE --port N --centre URL`, its token in
QALQAN_SIMULATED_TOKEN. `POST /orders` takes a signed order; the driver of the simulation calls
`POST /tick` when something is due and `POST /stream` when a feed has something to tell. All
state is in the world's file.
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from qalqan import clock
from qalqan.errors import NotAllowed
from qalqan.exchange.order_message import OrderMessage
from qalqan.parent import end_with_parent
from qalqan.simulate import clerk, desk, feed
from qalqan.simulate.banks import BY_CODE, Bank
from qalqan.simulate.centre import Centre
from qalqan.simulate.world import World
from qalqan.trust.signing import verify

TOKEN = "QALQAN_SIMULATED_TOKEN"


@dataclass(frozen=True)
class Server:
    """The bank's own small web server."""

    world: World
    bank: Bank
    centre: Centre

    async def orders(self, request: Request) -> Response:
        """Take a signed order, unless the address is down or the order false or another's."""
        now = clock.now_us()
        if desk.is_down(self.bank, now):
            return Response(status_code=503)
        try:
            payload = verify((await request.json())["order"], await self.centre.key())
            message = OrderMessage.model_validate(payload)
        except (NotAllowed, KeyError, ValueError):
            return JSONResponse({"error": "signature"}, status_code=400)
        if message.partner != self.bank.partner:
            return JSONResponse({"error": "addressed to another"}, status_code=400)
        due_us = desk.answer_time(self.bank, message.order, now)
        desk.take_order(self.world, self.bank, message, due_us)
        return JSONResponse({"order": message.order})

    async def tick(self, _: Request) -> Response:
        """Answer all that is due."""
        now = clock.now_us()
        if self.bank.delivery == "sheet":
            done = await clerk.work_through(self.world, self.bank, self.centre, now)
            return JSONResponse({"answers": done})
        desk.answer_due(self.world, self.bank, now)
        answers = desk.unsent(self.world, self.bank)
        for answer in answers:
            await self.centre.answer(answer)
            desk.mark_sent(self.world, answer.order)
        return JSONResponse({"answers": len(answers)})

    async def stream(self, _: Request) -> Response:
        """Tell what is new, if this bank streams."""
        told = await feed.tell(self.world, self.bank, self.centre, clock.now_us())
        return JSONResponse({"payments": told})

    async def health(self, _: Request) -> Response:
        """The bank is up, and which process it is."""
        return JSONResponse({"bank": self.bank.code, "process": os.getpid()})

    def app(self) -> Starlette:
        """The server as an ASGI application."""
        return Starlette(
            routes=[
                Route("/orders", self.orders, methods=["POST"]),
                Route("/tick", self.tick, methods=["POST"]),
                Route("/stream", self.stream, methods=["POST"]),
                Route("/health", self.health),
            ]
        )


def main() -> None:
    """Serve one bank until ended."""
    end_with_parent()
    options = argparse.ArgumentParser(description="One simulated bank.")
    options.add_argument("--world", type=Path, required=True)
    options.add_argument("--bank", choices=sorted(BY_CODE), required=True)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--centre", required=True, help="address of the centre's API")
    given = options.parse_args()
    centre = Centre(given.centre, os.environ[TOKEN])
    server = Server(World(given.world), BY_CODE[given.bank], centre)
    uvicorn.run(
        server.app(), host="127.0.0.1", port=given.port, log_level="warning", server_header=False,
        loop="asyncio", lifespan="off",
    )  # fmt: skip


if __name__ == "__main__":
    main()
