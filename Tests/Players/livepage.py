# SPDX-License-Identifier: MIT
"""The tool's server with its live page in Chromium, and the numbers that are read from the pictures there."""
import http.client
import json
import pathlib
import signal
import statistics
import subprocess
import threading
import time
import urllib.parse

from devtools import Failure

HERE = pathlib.Path(__file__).resolve().parent
RATE = 30
# The most that the delay from the camera to the screen may be, in milliseconds.
MEDIAN, P99 = 150, 400

# Notes the number on the screen and the time, at each turn of the screen. A small copy of the picture is enough to read
# it.
WATCH = (HERE / "number.js").read_text() + """
window.forget = () => { window.watch = { numbers: [], moments: [], unread: 0 }; };
forget();
(() => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = 96;
    const context = canvas.getContext("2d", { willReadFrequently: true });
    window.shownNumber = element => {
        if (!(element.videoWidth ?? element.naturalWidth)) return null;
        context.drawImage(element, 0, 0, 96, 96);
        return readNumber(context.getImageData(0, 0, 96, 96).data, 96, 96);
    };
    const note = () => {
        const image = document.getElementById("image");
        const element = image.hidden ? document.getElementById("video") : image;
        const number = shownNumber(element);
        if (number === null) watch.unread += 1;
        else {
            watch.numbers.push(number);
            watch.moments.push(performance.timeOrigin + performance.now());
        }
        requestAnimationFrame(note);
    };
    note();
})();
"""


def expect(isSo, words):
    if not isSo:
        raise Failure(words)


class Server:
    """The tool's server with the test camera."""

    def __init__(self, tool, folder):
        self.folder = folder
        self.begin(tool, 0)

    def begin(self, tool, port):
        for name in ("clips", "events"):
            (self.folder / name).mkdir(exist_ok=True)
        words = [tool, "serve", "--camera", "hall=test:numbered", "--camera", "yard=/dev/video99", "--size", "1280x720",
                 "--fps", str(RATE), "--port", str(port), "--rtsp-port", "none",
                 "--record", "clips/{camera}-{counter:04d}.mp4",
                 "--circular", "5s", "--after", "2s", "--events", "events/{camera}-event-{counter:04d}.mp4"]
        self.start(words)

    def start(self, words):
        self.process = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        self.address = self.process.stdout.readline().strip()
        expect(self.address.startswith("http://"), f"the server says {self.address!r}")
        self.host = urllib.parse.urlsplit(self.address).netloc
        self.connection = http.client.HTTPConnection(self.host)

    def ask(self, path):
        self.connection.request("GET", path)
        return json.load(self.connection.getresponse())

    def camera(self):
        return self.ask("/api/v1/cameras/hall")

    def described(self, name):
        return next(one for one in self.ask("/api/v1/cameras/hall/settings") if one["name"] == name)

    def setting(self, name):
        return self.described(name)["value"]

    def files(self):
        return self.ask("/api/v1/cameras/hall/recordings")

    def wait(self, condition, what, timeout=20):
        deadline = time.monotonic() + timeout
        while not condition():
            expect(time.monotonic() < deadline, f"not within {timeout} s: {what}")
            time.sleep(0.1)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


class CameraClock(threading.Thread):
    """When the camera's frames came, by the counts that the server tells, on a connection of its own."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.connection = http.client.HTTPConnection(server.host)
        self.origin = float("inf")
        self.isEnded = False
        self.start()

    def run(self):
        while not self.isEnded:
            self.connection.request("GET", "/api/v1/cameras/hall")
            source = json.load(self.connection.getresponse())["statistics"]["source"]
            # The newest frame has come by now. Frames come at an exact rate, so the earliest of these tells of all.
            newest = source["framesCaptured"] + source["framesLost"] - 1
            self.origin = min(self.origin, time.time() * 1000 - newest * 1000 / RATE)
            time.sleep(0.037)

    def end(self):
        self.isEnded = True
        self.join()


class Page:
    """The page in Chromium."""

    def __init__(self, browser, server):
        self.browser = browser
        self.server = server

    def offset(self):
        """The page's clock against this program's, in milliseconds, by the quickest of twenty answers."""
        found = []
        for _ in range(20):
            before = time.time() * 1000
            there = self.browser.run("performance.timeOrigin + performance.now()")
            after = time.time() * 1000
            found.append((after - before, there - (before + after) / 2))
        return min(found)[1]

    def watch(self, seconds):
        """The numbers that are shown within a time, with the moments in this program's milliseconds."""
        offset = self.offset()
        self.browser.run("forget()")
        self.browser.drain(seconds)
        found = self.browser.run("watch")
        return found["numbers"], [moment - offset for moment in found["moments"]], found["unread"]

    def delay(self, seconds, origin=None):
        """Watches, and says what there was; fails when pictures are out of order or late.

        With an origin it is another program's camera: picture 0 was due then, and it may be as late as it likes.
        """
        clock = None if origin else CameraClock(self.server)
        numbers, moments, unread = self.watch(seconds)
        if clock:
            clock.end()
        start = origin or clock.origin
        delays = [moment - start - number * 1000 / RATE for number, moment in zip(numbers, moments)]
        expect(len(numbers) > seconds * RATE / 2,
               f"only {len(numbers)} numbers were read in {seconds} s, {unread} unread")
        median = statistics.median(delays)
        p99 = statistics.quantiles(delays, n=100)[98]
        shown = len(set(numbers))
        text = (f"median {median:.0f} ms, p99 {p99:.0f} ms, longest {max(delays):.0f} ms; "
                f"{shown} of {numbers[-1] - numbers[0] + 1} pictures shown in {seconds} s")
        if origin:
            return text
        in_order(numbers)
        expect(unread == 0, f"{unread} pictures could not be read; {text}")
        expect(median <= MEDIAN and p99 <= P99, text)
        return text

    def load(self, address=None):
        self.browser.open(address or self.server.address)
        self.browser.wait("document.readyState === 'complete' && document.getElementById('notice').hidden",
                          "the page shows the camera")
        self.browser.run(WATCH)

    def shows_pictures(self):
        """Waits until live pictures are there, and a moment longer, for the player to come to the newest."""
        self.browser.wait("find('notice').hidden", "there are pictures")
        self.browser.drain(3)


def in_order(numbers):
    """Fails where a picture is followed by an earlier one."""
    back = [pair for pair in zip(numbers, numbers[1:]) if pair[1] < pair[0]]
    expect(not back, f"pictures are out of order: {back[:5]}")
    return f"{len(set(numbers))} pictures, never an earlier one behind a later one"
