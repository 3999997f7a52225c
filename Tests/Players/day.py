# SPDX-License-Identifier: MIT
"""The day on the live page: a service with a catalogue, whose files are played one behind the other, kept and saved."""
import datetime
import json
import sqlite3

from devtools import Failure
from livepage import RATE, Server, expect
from offers import Offers, probe

FILE = 4 * RATE
SETTINGS = """\
server: {{port: {port}, rtsp-port: none, catalog: catalog.sqlite}}
cameras:
  hall:
    source: test:numbered
    size: 1280x720
    fps: {rate}
    record: {{template: "clips/{{camera}}-{{counter:04d}}.mp4", split: {file}frames}}
"""

# Notes each picture of the film: the number in it, its file, and when it was on the screen; and what is told meanwhile.
NOTE = """
window.seen = [];
window.told = [];
(() => {
    const words = find("player-told");
    new MutationObserver(() => told.push(words.textContent)).observe(words, { childList: true });
    const note = () => {
        if (film.piece?.file && !film.front.paused && film.front.readyState >= 2) {
            const number = shownNumber(film.front);
            const last = seen.at(-1);
            if (number !== null && number !== last?.number) {
                seen.push({ number, file: film.piece.file.name, moment: performance.now() });
            }
        }
        requestAnimationFrame(note);
    };
    note();
})();
"""


class DayServer(Server):
    """A service that keeps account of what it records: two files and the beginning of a third, and the same behind a gap."""

    def begin(self, tool, port):
        (self.folder / "clips").mkdir()
        (self.folder / "day.yaml").write_text(SETTINGS.format(port=port, rate=RATE, file=FILE))
        self.start([tool, "serve", "day.yaml"])

    def names(self):
        return [file["name"] for file in self.day()["files"]]

    def day(self):
        return self.ask(f"/api/v1/cameras/hall/archive?{self.span}")

    def post(self, verb):
        self.connection.request("POST", f"/api/v1/cameras/hall/{verb}")
        answer = self.connection.getresponse()
        answer.read()
        expect(answer.status == 200, f"{verb}: {answer.status}")

    def record(self):
        now = datetime.datetime.now().timestamp()
        self.span = f"from={now - 3600}&to={now + 3600}"
        self.wait(lambda: len(self.names()) >= 2, "two files", 60)
        self.post("stop")
        self.wait(lambda: self.day()["gaps"] and self.day()["gaps"][-1]["reason"] == "stopped", "the gap")
        count = len(self.names())
        self.wait(lambda: datetime.datetime.now().timestamp() - self.day()["files"][-1]["end"] > 3, "a gap of 3 s")
        self.post("record")
        self.wait(lambda: len(self.names()) > count, "another file", 60)
        self.post("stop")
        self.wait(lambda: len(self.day()["gaps"]) > 1, "the end")
        return self.day()["files"]

    def invent_yesterday(self, midnight):
        """Writes a day into the catalogue as a camera would have filled it, for the picture in the documentation."""
        def moment(hour, minute=0):
            return int((midnight + hour * 3600 + minute * 60) * 1e9)

        with sqlite3.connect(self.folder / "catalog.sqlite", timeout=10) as catalog:
            camera = catalog.execute("SELECT id FROM camera WHERE name = 'hall'").fetchone()[0]

            def file(begins, ends, isProtected):
                catalog.execute(
                    "INSERT INTO file(cameraId, path, begins, ends, frames, bytes, changed, format, isProtected, turn) "
                    "VALUES (?, ?, ?, ?, 18000, 60000000, ?, 'h264', ?, 0)",
                    (camera, f"/nowhere/{begins}.mp4", begins, ends, ends, isProtected))

            for number in range(12, 144):
                begins, ends = moment(0, number * 10), moment(0, number * 10 + 10)
                # The camera is away from 4:10 to 5:00, the recording fails from 13:20 to 13:40.
                if not (25 <= number < 30 or 80 <= number < 82):
                    file(begins, ends, 105 <= number < 110)

            def interruption(begins, ends, reason, text):
                catalog.execute("INSERT INTO interruption(cameraId, begins, ends, reason, text) VALUES (?, ?, ?, ?, ?)",
                                (camera, begins, ends, reason, text))

            interruption(moment(4, 10), moment(5), "away", "/dev/video0: it is not plugged in")
            interruption(moment(13, 20), moment(13, 40), "failed", "writing the file: No space left on device")
            for hour, minute, kind, text in [(4, 10, "away", "/dev/video0: it is not plugged in"), (5, 0, "back", ""),
                                             (7, 35, "motion", "at the door"), (8, 5, "motion", "at the door"),
                                             (13, 20, "failure", "writing the file: No space left on device"),
                                             (17, 40, "motion", "at the gate"), (18, 10, "motion", "at the door")]:
                catalog.execute("INSERT INTO event(cameraId, kind, time, text) VALUES (?, ?, ?, ?)",
                                (camera, kind, moment(hour, minute), text))


class Day:
    """What the card of the day offers."""

    def __init__(self, page, downloads):
        self.page, self.browser, self.server = page, page.browser, page.server
        self.offers = Offers(page, downloads)

    def tells(self, id, words):
        self.browser.wait(f"find('{id}').textContent.includes({json.dumps(words)})", f"it says {words!r}")

    def tab_in_player(self, selector):
        for _ in range(40):
            self.browser.key("Tab")
            if self.browser.run(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        raise Failure(f"Tab does not come to {selector} in the player")

    def is_shown(self, files):
        self.browser.wait(f"archive.line.files.length === {len(files)}", "the page knows the files")
        expect(self.browser.run("find('day').hidden") is False, "there is no card of the day")
        expect(self.browser.run("document.querySelectorAll('#bar .recorded').length") == 2, "there are not two spans")
        title = self.browser.run("document.querySelector('#bar .gap').title")
        expect("the recording was stopped" in title, f"the gap is {title!r}")
        listed = self.browser.run("find('day-list').textContent")
        expect("the recording was stopped" in listed, f"the list has {listed!r}")
        return self.browser.run("find('day-sum').textContent")

    def play(self, files):
        """Plays all files from before the first one, without a hand on the keyboard once it plays."""
        self.offers.tab_to("#bar")
        before = self.browser.run("archive.moment")
        while self.browser.run("archive.moment") >= files[0]["start"]:
            self.browser.key("ArrowLeft")
        moved = before - self.browser.run("archive.moment")
        expect(abs(moved / 60 - round(moved / 60)) < 0.01, f"the arrow key moves by {moved} s")
        words = self.browser.run("find('bar').getAttribute('aria-valuetext')")
        expect("nothing recorded" in words, f"the cursor is at {words!r}")
        self.browser.run("seen.length = told.length = 0")
        self.browser.key("Enter")
        self.browser.wait("find('player-told').textContent.startsWith('This is all')", "it comes to the end", 60)
        jumps = self.browser.run("told.filter(one => one.startsWith('Nothing was recorded from'))")
        expect(len(jumps) == 2 and jumps[1].endswith(": the recording was stopped."), f"of gaps it says {jumps}")
        return self.account(files)

    def account(self, files):
        """The pictures that were seen: in order, from the first to the last of each file."""
        seen = self.browser.run("seen")
        numbers = [one["number"] for one in seen]
        expect(all(a < b for a, b in zip(numbers, numbers[1:])), f"pictures are out of order: {numbers}")
        expect(list(dict.fromkeys(one["file"] for one in seen)) == [file["name"] for file in files], "files are missing")
        by_name = {file["name"]: file for file in files}
        seams = []
        for last, first in zip(seen, seen[1:]):
            # Behind a gap other pictures were not recorded.
            isSeam = first["file"] != last["file"]
            if isSeam and by_name[first["file"]]["start"] - by_name[last["file"]]["end"] < 2:
                seams.append((first["number"] - last["number"], first["moment"] - last["moment"]))
        expect(len(seams) >= 1, "there is no seam")
        expect(all(step <= 4 for step, _ in seams), f"pictures are left out at the seams: {seams}")
        expect(all(time < 500 for _, time in seams), f"it stands still at the seams: {seams}")
        text = ", ".join(f"{step} on after {time:.0f} ms" for step, time in seams)
        return f"{len(numbers)} of {sum(file['frames'] for file in files)} pictures seen; at the seams {text}"

    def keep(self, files):
        """Keeps the file that is played, by keyboard, and looks at what the server says."""
        self.tab_in_player("#player-keep")
        self.browser.key("Enter")
        self.tells("player-told", "is kept")
        kept = [file["name"] for file in self.server.day()["files"] if file["isProtected"]]
        expect(kept == [files[-1]["name"]], f"kept are {kept}")
        self.tells("player-keep", "Do not keep")
        self.browser.wait("document.querySelectorAll('#bar .kept').length === 1", "the bar shows it")
        self.browser.key("Escape")
        self.browser.wait("!find('player').open", "the player closes")
        return kept[0]

    def save(self, files):
        """Saves the minute around the moment, which has all of the files."""
        before = {path.name for path in self.offers.downloads.iterdir()}
        self.offers.tab_to("#span-save")
        self.browser.key("Enter")
        self.tells("day-said", "Saved")
        path = self.offers.downloaded(".mp4", before)
        count, expected = len(probe(path, "packet=pts_time")), sum(file["frames"] for file in files)
        expect(count == expected, f"the film has {count} pictures of {expected}")
        return f"{path.name}, {count} pictures"

    def refusal(self):
        """Saves a time of which there is nothing: the page says why not."""
        self.browser.run("setTime('span-from', archive.from); setTime('span-to', archive.from + 1)")
        self.browser.click("#span-save")
        self.tells("day-said", "there is no MP4 file with pictures of that time")
        self.browser.run("showMoment(archive.moment)")

    def click(self, files):
        """A click on the bar plays what is there."""
        place = self.browser.run(f"share({files[0]['start'] + 0.5}) / 100")
        self.browser.click("#bar", place)
        self.browser.wait("find('player').open && film.front.readyState >= 2 && film.front.currentTime > 0", "it plays")
        name = self.browser.run("film.piece.file.name")
        self.browser.click("#player-close")
        expect(name == files[0]["name"], f"it plays {name}")
        return name

    def clocks(self):
        """Days on which clocks are set are shorter and longer, and the hours stand where they are."""
        try:
            found = []
            self.browser.call("Emulation.setTimezoneOverride", timezoneId="Europe/Berlin")
            for month, day in [(2, 29), (9, 25), (5, 1)]:
                self.browser.run(f"showDayOf(Date.UTC(2026, {month}, {day}, 12) / 1000)")
                found.append(self.browser.run("(archive.to - archive.from) / 3600"))
                noon = self.browser.run(f"share(new Date(2026, {month}, {day}, 12) / 1000)")
                place = self.browser.run("parseFloat(find('hours').children[4].style.left)")
                expect(abs(noon - place) < 0.01, f"noon stands at {place} %, not {noon} %")
                self.browser.run("showMoment(archive.from + 3.5 * 3600)")
                text = self.browser.run("momentText(archive.moment)")
                expect(self.browser.run("timeOf('span-from')") == self.browser.run("archive.moment - 30"), text)
            expect(found == [23, 25, 24], f"they have {found} hours")
        finally:
            self.browser.call("Emulation.setTimezoneOverride", timezoneId="")
        return "23, 25 and 24 hours"

    def yesterday(self, output):
        """A day with gaps, events and kept files, as it looks."""
        today = datetime.datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        midnight = (today - datetime.timedelta(days=1)).timestamp()
        self.server.invent_yesterday(midnight)
        self.browser.run("showDayOf(Date.now() / 1000)")
        self.browser.click("#day-before")
        self.browser.wait("archive.line.files.length > 100", "the day before is shown")
        titles = self.browser.run("[...document.querySelectorAll('#bar .gap')].map(one => one.title)")
        expect(any("not plugged in" in title for title in titles) and any("No space" in title for title in titles),
               f"the gaps are {titles}")
        expect(self.browser.run("document.querySelectorAll('#bar .event').length") == 7, "events are missing")
        self.browser.run("showMoment(archive.from + 17.7 * 3600)")
        words = self.browser.run("find('bar').getAttribute('aria-valuetext')")
        expect("recorded and kept" in words, f"the cursor is at {words!r}")
        moment = self.browser.run("archive.moment")
        self.offers.tab_to("#bar")
        for key, modifiers, step in [("PageDown", 0, -3600), ("ArrowUp", 8, -3599), ("PageUp", 0, 1), ("ArrowLeft", 8, 0)]:
            self.browser.key(key, modifiers=modifiers)
            moved = self.browser.run("archive.moment") - moment
            expect(abs(moved - step) < 0.001, f"{key} has moved it to {moved} s")
        self.browser.run("document.activeElement.blur()")
        self.browser.run("document.querySelector('#day details').open = true")
        for name, size, scheme in [("day", (1280, 900), "light"), ("day-dark", (1280, 900), "dark"),
                                   ("day-phone", (390, 844), "light")]:
            self.browser.size(*size, size[0] < 500)
            self.browser.colors(scheme)
            self.browser.run("find('day').scrollIntoView()")
            self.browser.drain(0.5)
            self.browser.picture_of("#day", output / f"{name}.png")
            width = self.browser.run("document.documentElement.scrollWidth")
            expect(width <= size[0], f"{name}: it is {width} wide")
        self.browser.size(1280, 900)
        self.browser.colors("light")
        return f"{len(titles)} gaps"


def by_days(report, page, downloads, output):
    """All that the card of the day offers, with files that are recorded here."""
    day = Day(page, downloads)
    files = page.server.record()
    page.load()
    page.browser.run(NOTE)
    report.attempt("the day shows files and gaps", lambda: day.is_shown(files))
    report.attempt("it plays across files and a gap, by keyboard", lambda: day.play(files))
    report.attempt("a file is kept, by keyboard", lambda: day.keep(files))
    report.attempt("a span is saved, by keyboard", lambda: day.save(files))
    report.attempt("a span without pictures is refused in words", day.refusal)
    report.attempt("a click plays from there", lambda: day.click(files))
    report.attempt("days on which clocks are set", day.clocks)
    report.attempt("a day with much in it, on desktops and telephones", lambda: day.yesterday(output))
