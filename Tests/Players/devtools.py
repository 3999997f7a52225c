# SPDX-License-Identifier: MIT
"""Headless Chromium with one page, driven by the DevTools protocol over a pipe."""
import base64
import collections
import json
import os
import queue
import signal
import subprocess
import threading
import time

WORDS = ["chromium-headless-shell", "--remote-debugging-pipe", "--mute-audio", "--disable-gpu", "--no-first-run",
         # What Chromium asks of its makers by itself is not the page's; the test looks at what the page asks for.
         "--disable-background-networking", "--disable-component-update", "--no-default-browser-check"]


class Failure(Exception):
    """What was expected did not come about."""


class Browser:
    """Chromium, and its only page; used by one thread."""

    def __init__(self, folder, width, height):
        to_browser, commands = os.pipe()
        answers, from_browser = os.pipe()
        words = [*WORDS, f"--user-data-dir={folder}", f"--window-size={width},{height}"]
        if os.geteuid() == 0:
            # Its sandbox is not for root.
            words.append("--no-sandbox")

        def connect():
            # The protocol's descriptors are 3 and 4; those of the pipes may be the same numbers.
            reading, writing = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reading, 3)
            os.dup2(writing, 4)

        self.process = subprocess.Popen([*words, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        pass_fds=(3, 4, to_browser, from_browser), preexec_fn=connect,
                                        start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self.commands = commands
        self.answers = os.fdopen(answers, "rb")
        self.number = 0
        self.results = {}
        self.events = collections.deque()
        self.inbox = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.session = None
        target = next(one for one in self.call("Target.getTargets")["targetInfos"] if one["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def read(self):
        rest = b""
        while True:
            data = self.answers.read1(1 << 20)
            if not data:
                return self.inbox.put(None)
            *whole, rest = (rest + data).split(b"\0")
            for message in whole:
                self.inbox.put(json.loads(message))

    def close(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.commands)

    def take(self, timeout):
        """Reads one message, an answer or an event; nothing within the time is no message."""
        try:
            message = self.inbox.get(timeout=max(timeout, 0))
        except queue.Empty:
            return
        if message is None:
            raise Failure("Chromium has ended")
        if "id" in message:
            self.results[message["id"]] = message
        else:
            self.events.append(message)

    def call(self, method, timeout=60, **parameters):
        """What a method of the protocol returns."""
        self.number += 1
        number = self.number
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + timeout
        while number not in self.results:
            if time.monotonic() > deadline:
                raise Failure(f"{method} has no answer after {timeout} s")
            self.take(deadline - time.monotonic())
        answer = self.results.pop(number)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def run(self, script):
        """The value of an expression in the page; promises are waited for."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            details = found["exceptionDetails"]
            raise Failure(details.get("exception", {}).get("description", details["text"]))
        return found["result"].get("value")

    def wait(self, condition, what, timeout=30):
        """Waits until an expression is true in the page, and returns its value."""
        deadline = time.monotonic() + timeout
        while True:
            value = self.run(condition)
            if value:
                return value
            if time.monotonic() > deadline:
                raise Failure(f"not within {timeout} s: {what}")
            self.take(0.1)

    def drain(self, seconds):
        """Lets time go by."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.take(deadline - time.monotonic())

    def happened(self, method):
        """The parameters of all events of a kind up to now."""
        return [event["params"] for event in self.events if event["method"] == method]

    def open(self, address):
        self.call("Page.navigate", url=address)

    def size(self, width, height, is_mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=is_mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=is_mobile)

    def colors(self, scheme):
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, path, whole=False):
        """Keeps what the page looks like: what is seen of it, or all of it."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.write_bytes(base64.b64decode(data))

    def picture_of(self, selector, path):
        """Keeps what an element looks like that is seen whole."""
        box = self.run(f"""(() => {{
            const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();
            return {{ x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height, scale: 1 }};
        }})()""")
        data = self.call("Page.captureScreenshot", format="png", clip=box)["data"]
        path.write_bytes(base64.b64decode(data))

    def click(self, selector, x=0.5, y=0.5):
        """Clicks into an element with the mouse, at shares of its width and height."""
        place = self.run(f"""(() => {{
            const element = document.querySelector({json.dumps(selector)});
            element.scrollIntoView({{ block: "center" }});
            const box = element.getBoundingClientRect();
            return [box.left + box.width * {x}, box.top + box.height * {y}];
        }})()""")
        where = {"x": place[0], "y": place[1]}
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **where)
        self.call("Input.dispatchMouseEvent", type="mousePressed", button="left", clickCount=1, **where)
        self.call("Input.dispatchMouseEvent", type="mouseReleased", button="left", clickCount=1, **where)

    def key(self, key, code=None, modifiers=0):
        """Presses a key: "Tab", "Enter", "ArrowRight", or a letter, which is typed."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38,
                 "ArrowRight": 39, "ArrowDown": 40}
        common = {"key": key, "code": code or key, "windowsVirtualKeyCode": codes.get(key, ord(key[0].upper())),
                  "modifiers": modifiers}
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)
