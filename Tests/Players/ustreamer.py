# SPDX-License-Identifier: MIT
"""ustreamer with the test camera's pictures, to compare with: the tool draws them, device.c plays the camera."""
import datetime
import json
import os
import pathlib
import socket
import subprocess
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
WIDTH, HEIGHT, RATE = 1280, 720, 30
PICTURE = WIDTH * HEIGHT * 3 // 2


def drawn_number(luma):
    """The number in a picture of the test camera, as FrameNumberCode has it, from the middle of each of its fields."""
    columns, rows, covered = 12, 4, HEIGHT // 3
    number = 0
    for row in range(rows):
        for column in range(columns):
            y, x = (2 * row + 1) * covered // (2 * rows), (2 * column + 1) * WIDTH // (2 * columns)
            number = number << 1 | (luma[y * WIDTH + x] > 126)
    # Behind the number there is its checksum.
    return number >> 16


class Ustreamer:
    """Serves MJPEG at an address."""

    def __init__(self, tool, folder):
        library, fifo, self.lines = folder / "device.so", folder / "camera.fifo", folder / "pictures.jsonl"
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, HERE / "device.c"], check=True)
        os.mkfifo(fifo)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        nothing = subprocess.DEVNULL
        quiet = {"stdin": nothing, "stderr": nothing}
        self.streamer = subprocess.Popen(
            ["ustreamer", "--device", fifo, "--format", "YUYV", "--resolution", f"{WIDTH}x{HEIGHT}",
             "--desired-fps", str(RATE), "--host", "127.0.0.1", "--port", self.host.rpartition(":")[2]],
            stdout=nothing, **quiet,
            env={**os.environ, "LD_PRELOAD": str(library), "CAMERA_FIFO": str(fifo)})
        self.camera = subprocess.Popen(
            [tool, "record", "-", "--camera", "test:numbered", "--size", f"{WIDTH}x{HEIGHT}", "--fps", str(RATE),
             "--format", "yuv420", "--metadata", self.lines, "--quiet"], stdout=subprocess.PIPE, **quiet)
        self.first = None
        threading.Thread(target=self.carry, args=(fifo,), daemon=True).start()

    def carry(self, fifo):
        """Carries the pictures from the one to the other, and reads the number of the first."""
        picture = self.camera.stdout.read(PICTURE)
        self.first = drawn_number(picture)
        with open(fifo, "wb", buffering=0) as camera:
            try:
                for start in range(0, PICTURE, 1 << 16):
                    camera.write(picture[start:start + (1 << 16)])
                while os.splice(self.camera.stdout.fileno(), camera.fileno(), 1 << 20):
                    pass
            except BrokenPipeError:
                # The test has what it wanted.
                return

    @property
    def address(self):
        return f"http://{self.host}/"

    def origin(self):
        """When picture 0 was due, in milliseconds since 1970."""
        deadline = time.monotonic() + 20
        while self.first is None or not self.lines.exists() or b"\n" not in self.lines.read_bytes():
            if time.monotonic() > deadline:
                raise SystemExit("the camera for ustreamer gives no pictures")
            time.sleep(0.1)
        with open(self.lines, encoding="utf-8") as lines:
            moment = datetime.datetime.fromisoformat(json.loads(lines.readline())["wallTime"].replace("Z", "+00:00"))
        return moment.timestamp() * 1000 - self.first * 1000 / RATE

    def end(self):
        for process in (self.camera, self.streamer):
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
