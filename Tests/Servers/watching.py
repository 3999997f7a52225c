#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Watches a camera of `camera serve` as its page does, and counts what comes: watching.py PORT CAMERA."""
import asyncio
import base64
import os
import sys
import time
import urllib.error
import urllib.request


def wait_for(address, seconds=30):
    """Waits until an address answers with 200."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.read()
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


async def connect(port, camera):
    """Begins a WebSocket."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write((f"GET /api/v1/cameras/{camera}/live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
                  f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n").encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b" 101 " not in head.split(b"\r\n")[0]:
        raise ConnectionError(head.split(b"\r\n")[0].decode())
    return reader, writer


async def frame(reader):
    """The kind and contents of the next frame."""
    head = await reader.readexactly(2)
    count = head[1] & 0x7F
    if count == 126:
        count = int.from_bytes(await reader.readexactly(2), "big")
    elif count == 127:
        count = int.from_bytes(await reader.readexactly(8), "big")
    return head[0] & 15, await reader.readexactly(count)


def checksum(number):
    """CRC-16/CCITT-FALSE of a frame's number."""
    value = 0xFFFF
    for bit in range(31, -1, -1):
        carry = (value >> 15) ^ (number >> bit & 1)
        value = (value << 1 & 0xFFFF) ^ (0x1021 if carry else 0)
    return value


def number(luma, width, height):
    """The number that the test camera drew into a picture; None where it cannot be read."""
    columns, rows, word = 12, 4, 0
    for row in range(rows):
        y = (2 * row + 1) * (height // 3) // (2 * rows)
        for column in range(columns):
            x = (2 * column + 1) * width // (2 * columns)
            cell = [luma[line * width + place] for line in (y - 1, y, y + 1) for place in (x - 1, x, x + 1)]
            word = word << 1 | (sum(cell) > 126 * len(cell))
    found = word >> 16
    return found if checksum(found) == word & 0xFFFF else None


async def main():
    reader, _ = await connect(int(sys.argv[1]), sys.argv[2])
    while True:
        await frame(reader)


if __name__ == "__main__":
    asyncio.run(main())
