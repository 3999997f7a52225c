# SPDX-License-Identifier: MIT
"""All that the live page offers, done by mouse and by keyboard."""
import json
import subprocess
import time

from devtools import Failure
from livepage import RATE, expect


class Offers:
    """What the page offers, done by mouse and by keyboard."""

    def __init__(self, page, downloads):
        self.page, self.browser, self.server, self.downloads = page, page.browser, page.server, downloads
        self.browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(downloads))

    def said(self, words):
        self.browser.wait(f"find('said').textContent.includes({json.dumps(words)})", f"it says {words!r}")

    def pressed(self, key):
        self.browser.run("document.activeElement.blur()")
        self.browser.key(key)

    def tab_to(self, selector):
        """Goes to an element by Tab alone, as somebody without a mouse does."""
        self.browser.run("document.activeElement.blur()")
        for _ in range(80):
            self.browser.key("Tab")
            if self.browser.run(f"document.activeElement.matches({json.dumps(selector)})"):
                style = self.browser.run("getComputedStyle(document.activeElement).outlineStyle")
                return expect(style not in ("none", "hidden"), f"{selector} does not show that it has the focus")
        raise Failure(f"Tab does not come to {selector}")

    def downloaded(self, suffix, before):
        """The next file that is downloaded whole."""
        found = []

        def isThere():
            found[:] = [path for path in self.downloads.glob("*" + suffix) if path.name not in before]
            return found

        deadline = time.monotonic() + 20
        while not isThere():
            expect(time.monotonic() < deadline, f"no {suffix} was downloaded")
            self.browser.drain(0.1)
        return found[0]

    def still(self, press):
        before = {path.name for path in self.downloads.iterdir()}
        press()
        self.said("Saved")
        path = self.downloaded(".jpg", before)
        size = probe(path, "stream=width,height")
        expect(size == ["1280,720"], f"the still is {size}")
        return f"{path.name}, {path.stat().st_size} bytes"

    def record(self, start, split, stop):
        """Records two files, each of some seconds."""
        before = {file["id"] for file in self.server.files()}
        start()
        self.said("started")
        expect(self.server.camera()["recording"]["isRunning"], "it does not record")
        self.browser.drain(4)
        split()
        self.said("next file")
        self.browser.drain(2)
        stop()
        self.said("stopped")
        expect(not self.server.camera()["recording"]["isRunning"], "it still records")
        files = [file for file in self.server.files() if file["id"] not in before]
        expect(len(files) == 2, f"there are {len(files)} new files")
        paths = [self.server.folder / "clips" / file["name"] for file in reversed(files)]
        counts = [len(probe(path, "packet=pts_time")) for path in paths]
        expect(counts[0] >= 3 * RATE and counts[1] >= RATE, f"the files have {counts} pictures")
        self.browser.wait(f"document.querySelectorAll('#recordings li').length >= {len(before) + 2}", "they are listed")
        return f"{counts[0]} and {counts[1]} pictures"

    def longest(self):
        """The item of the recording that is longest."""
        files = [file for file in self.server.files() if "event" not in file["name"]]
        file = max(files, key=lambda file: file["bytes"])
        return f"#recordings li:has([data-key={json.dumps('load ' + file['id'])}])"

    def event(self, press):
        before = {file["id"] for file in self.server.files()}
        press()
        self.said("event")
        self.server.wait(lambda: len(self.server.files()) > len(before), "the file of the event")
        name = next(file["name"] for file in self.server.files() if file["id"] not in before)
        # The list does not move any more then.
        self.browser.wait(f"find('log').textContent.includes({json.dumps('finished: events/' + name)})", "it is finished")
        return name

    def setting(self, name, value, change, reset):
        start = self.server.setting(name)
        change()
        self.server.wait(lambda: self.server.setting(name) == value, f"{name} becomes {value}")
        self.browser.wait(f"document.querySelector('.setting:has(#setting-{name}) button:enabled') !== null",
                          "it can be reset")
        reset()
        self.server.wait(lambda: self.server.setting(name) == start, f"{name} becomes {start} again")
        return f"{start}, {value}, {start}"

    def seek(self, open_player, seek, share):
        """Plays a recording, seeks, and compares the number that is shown with that of the picture at the time."""
        open_player()
        self.browser.wait("find('player').open && find('playback').readyState >= 2", "the recording plays")
        self.browser.run("find('playback').pause()")
        duration = self.browser.run("find('playback').duration")
        place = self.browser.run("find('playback').currentTime")
        seek()
        self.browser.wait(f"Math.abs(find('playback').currentTime - {place}) > .3 && !find('playback').seeking",
                          "it seeks")
        place = self.browser.run("find('playback').currentTime")
        expect(abs(place - share * duration) < 0.15 * duration, f"it seeks to {place:.2f} s of {duration:.2f} s")
        self.browser.drain(0.5)
        # The first picture of a file is some number; those behind it follow.
        number = self.browser.run("shownNumber(find('playback'))")
        self.browser.run("find('playback').currentTime = 0")
        self.browser.wait("!find('playback').seeking", "it seeks back")
        self.browser.drain(0.5)
        first = self.browser.run("shownNumber(find('playback'))")
        expect(number is not None and first is not None, "there is no number on the picture")
        expected = min(int(place * RATE + 0.01), round(duration * RATE) - 1)
        expect(number - first == expected, f"at {place:.3f} s it shows picture {number - first}, not {expected}")
        return f"picture {number - first} at {place:.2f} s of {duration:.2f} s"

    def download(self, press):
        before = {path.name for path in self.downloads.iterdir()}
        press()
        path = self.downloaded(".mp4", before)
        original = (self.server.folder / "clips" / path.name).read_bytes()
        found = path.read_bytes()
        # The next one of the same name keeps it.
        path.unlink()
        expect(found == original, f"{path.name} is another than what was recorded")
        return f"{path.name}, {len(original)} bytes"


def probe(path, entries):
    """What ffprobe says of a file, line by line."""
    words = ["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", entries, "-of", "csv=p=0", path]
    result = subprocess.run(words, capture_output=True, text=True)
    expect(result.returncode == 0, f"ffprobe: {result.stderr}")
    return [line.strip(",") for line in result.stdout.split()]


def by_mouse(report, offers):
    click = offers.browser.click
    report.attempt("still, by mouse", lambda: offers.still(lambda: click("#still")))
    report.attempt("record, split and stop, by mouse", lambda: offers.record(
        lambda: click("#record"), lambda: click("#split"), lambda: click("#record")))
    report.attempt("event, by mouse", lambda: offers.event(lambda: click("#trigger")))
    report.attempt("setting, by mouse", lambda: offers.setting(
        "hflip", "on", lambda: click("#setting-hflip"), lambda: click(".setting:has(#setting-hflip) button")))
    report.attempt("seek, by mouse", lambda: offers.seek(
        lambda: click(offers.longest() + " button"), lambda: click("#playback", 0.6, 1 - 14 / 500), 0.6))
    click("#player-close")
    report.attempt("download, by mouse", lambda: offers.download(lambda: click(offers.longest() + " a")))


def by_keyboard(report, offers):
    browser = offers.browser

    def enter(selector, key="Enter"):
        offers.tab_to(selector)
        browser.key(key)

    def choose():
        offers.tab_to("#setting-image_effect")
        browser.key("ArrowDown")

    def seek():
        # The film has the focus when it opens.
        browser.key("End")

    effects = offers.server.described("image_effect")["choices"]
    report.attempt("still, by keyboard", lambda: offers.still(lambda: offers.pressed("s")))
    report.attempt("record, split and stop, by keyboard", lambda: offers.record(
        lambda: offers.pressed("r"), lambda: offers.pressed("n"), lambda: offers.pressed("r")))
    report.attempt("event, by keyboard", lambda: offers.event(lambda: enter("#trigger", " ")))
    report.attempt("setting, by keyboard", lambda: offers.setting(
        "image_effect", effects[1], choose, lambda: enter(".setting:has(#setting-image_effect) button")))
    report.attempt("seek, by keyboard", lambda: offers.seek(lambda: enter(offers.longest() + " button"), seek, 1))
    browser.key("Escape")
    report.attempt("the player closes, by keyboard", lambda: browser.wait("!find('player').open", "it closes") and "")
    report.attempt("download, by keyboard", lambda: offers.download(lambda: enter(offers.longest() + " a")))
