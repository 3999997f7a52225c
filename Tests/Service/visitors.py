# SPDX-License-Identifier: MIT
"""Those who look at the cameras of a service: they come at random moments, look in one of many ways, and go."""
import asyncio
import collections
import json
import threading
import urllib.error
import urllib.request

import watching

# What a client may meet whose camera goes away, or that goes itself.
FAILURES = (OSError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.TimeoutError, ValueError)


class Visitors:
    """Visits on a thread of their own, while `may_come` is set."""

    def __init__(self, port, rtsp_port, cameras, chance):
        self.port, self.rtsp_port, self.cameras, self.chance = port, rtsp_port, cameras, chance
        self.may_come = threading.Event()
        self.ended = threading.Event()
        self.served, self.refused = collections.Counter(), collections.Counter()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))
        self.thread.start()

    def end(self):
        self.ended.set()
        self.thread.join(60)

    async def run(self):
        visits = {"mjpeg": self.mjpeg, "live": self.live, "rtsp": self.rtsp, "hls": self.hls, "events": self.events,
                  "snapshot": self.snapshot, "recordings": self.recordings}
        tasks = set()
        while not self.ended.is_set():
            await asyncio.sleep(self.chance.uniform(0.3, 2))
            tasks = {task for task in tasks if not task.done()}
            if self.may_come.is_set() and len(tasks) < 6:
                kind = self.chance.choice(list(visits))
                tasks.add(asyncio.create_task(self.visit(kind, visits[kind])))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def visit(self, kind, body):
        try:
            await asyncio.wait_for(body(self.chance.choice(self.cameras), self.chance.uniform(1, 12)), 30)
            self.served[kind] += 1
        except FAILURES:
            self.refused[kind] += 1

    async def mjpeg(self, camera, seconds):
        await self.stream(f"/stream.mjpg?camera={camera}", seconds)

    async def events(self, camera, seconds):
        await self.stream("/api/v1/events", seconds)

    async def stream(self, address, seconds):
        """Reads what does not end for a while."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise ConnectionError(head.split(b"\r\n")[0])
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                if not await asyncio.wait_for(reader.read(65536), 10):
                    return
        finally:
            writer.close()

    async def live(self, camera, seconds):
        reader, writer = await watching.connect(self.port, camera)
        try:
            end = asyncio.get_running_loop().time() + seconds
            while asyncio.get_running_loop().time() < end:
                await asyncio.wait_for(watching.frame(reader), 10)
        finally:
            writer.close()

    async def rtsp(self, camera, seconds):
        words = ["-v", "error", "-rtsp_transport", "tcp", "-i", f"rtsp://127.0.0.1:{self.rtsp_port}/{camera}", "-t", f"{seconds:.1f}",
                 "-c", "copy", "-f", "null", "-"]
        player = await asyncio.create_subprocess_exec("ffmpeg", *words, stdin=asyncio.subprocess.DEVNULL,
                                                      stderr=asyncio.subprocess.DEVNULL)
        try:
            if await player.wait():
                raise ConnectionError("ffmpeg has failed")
        finally:
            if player.returncode is None:
                player.kill()
                await player.wait()

    async def hls(self, camera, seconds):
        folder = f"/api/v1/cameras/{camera}/hls/"
        for _ in range(max(int(seconds), 4)):
            try:
                names = [line for line in (await self.get(folder + "index.m3u8")).decode().splitlines() if line[:1] not in ("#", "")]
            except urllib.error.HTTPError:
                names = []
            if names:
                await self.get(folder + names[-1])
                return
            await asyncio.sleep(1)
        raise ConnectionError("the playlist stays empty")

    async def snapshot(self, camera, seconds):
        await self.get(f"/snapshot.jpg?camera={camera}")

    async def recordings(self, camera, seconds):
        folder = f"/api/v1/cameras/{camera}/recordings"
        files = json.loads(await self.get(folder))
        if files:
            await self.get(f"{folder}/{urllib.request.quote(files[len(files) // 2]['id'], safe='')}")

    async def get(self, address):
        def fetch():
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{address}", timeout=20) as answer:
                return answer.read()
        return await asyncio.to_thread(fetch)

    def rows(self):
        rows = []
        for kind in sorted(set(self.served) | set(self.refused)):
            served, refused = self.served[kind], self.refused[kind]
            # A camera that is away has nothing to show.
            fault = "most were refused" if refused > max(served, 3) else None
            rows.append((f"visits, {kind}", f"{served} were served, {refused} not", fault))
        return rows
