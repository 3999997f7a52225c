# SPDX-License-Identifier: MIT
"""What the scripts beside it share: cameras that record and stream, and a server that is killed, stops reading, or never was.

A script has a server class (see `Server`) and calls `main` with it. Each camera's local file has to have every picture, by the
numbers that are drawn into them, and the memory of its process has to stay within what a stream may hold.
"""
import argparse
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

SIZE = (320, 240)
RATE = 25
# What waits for a stream (16 MB), what a protocol's library keeps beside that (SRT: 8192 packets), and how much the allocator
# rounds up; in MiB.
GROWTH = 40
# The longest that the end of a recording may take: the time-out of stopping, and some, in seconds.
PATIENCE = 20


class Server:
    """A server for all cameras; what it receives it writes to files, whose names begin with `cN-`, in `got`."""

    def __init__(self, folder, port, cameras):
        self.folder, self.port, self.cameras = folder, port, cameras
        self.got = folder / "got"
        self.got.mkdir()
        self.starts = 0
        self.processes = []

    def address(self, camera):
        raise NotImplementedError

    def commands(self):
        """The programs to start; files must not have the names of those before."""
        raise NotImplementedError

    def start(self):
        self.starts += 1
        self.processes = [
            subprocess.Popen(words, start_new_session=True, cwd=self.folder, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=open(self.folder / "server.log", "a"))
            for words in self.commands()]

    def send(self, number):
        for process in self.processes:
            os.killpg(process.pid, number)

    def kill(self):
        self.send(signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.processes = []

    # A receiver that stops takes connections and bytes no longer than the kernel has room for them.
    def stall(self):
        self.send(signal.SIGSTOP)

    def go_on(self):
        self.send(signal.SIGCONT)

    def received(self, camera):
        return {path for path in self.got.iterdir() if path.name.startswith(f"c{camera}-")}


class Recorder:
    all = []

    def __init__(self, tool, folder, camera, address, options):
        self.path = folder / f"c{camera}.mp4"
        words = ["record", self.path, "--camera", "test:numbered", "--size", "%dx%d" % SIZE, "--fps", str(RATE)]
        self.statistics = folder / f"c{camera}.json"
        words += ["--stats", self.statistics, "--also", address, *options]
        self.log = folder / f"c{camera}.log"
        self.process = subprocess.Popen([tool, *words], stderr=open(self.log, "w"))
        Recorder.all.append(self)

    def peak(self):
        """The most memory that the process had up to now, in MiB."""
        lines = open(f"/proc/{self.process.pid}/status").read().splitlines()
        return int([line for line in lines if line.startswith("VmHWM")][0].split()[1]) / 1024

    def stop(self):
        """Ends the recording as Ctrl-C does."""
        begin = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)
        self.ending = time.monotonic() - begin
        self.counts = json.loads(self.statistics.read_text())

    def examine(self):
        """Compares the local file with what was counted."""
        encoder = self.counts["encoders"]["1"]
        self.dropped = encoder["framesDropped"]
        self.numbers = numbers(self.path)
        self.lost = encoder["packetsWritten"] - len(self.numbers)
        # The test camera itself leaves frames out when this machine is too busy for it, and counts them.
        self.skipped = self.counts["source"]["framesLost"]
        steps = [after - before for before, after in zip(self.numbers, self.numbers[1:])]
        missing = sum(steps) - len(steps)
        self.is_whole = not self.dropped and not self.lost and min(steps, default=0) > 0 and missing <= self.skipped

    def words(self):
        shown = "each picture" if self.is_whole else f"dropped {self.dropped}, not in the file {self.lost}"
        if self.skipped:
            shown += f" but {self.skipped} that the machine was too busy for"
        return f"local {len(self.numbers)}, {shown}; ended in {self.ending:.1f} s with {self.process.returncode}"


def checksum(number):
    value = 0xFFFF
    for bit in reversed(range(32)):
        carry = (value >> 15) ^ (number >> bit & 1)
        value = (value << 1 & 0xFFFF) ^ (0x1021 if carry else 0)
    return value


def numbers(path):
    """The numbers in the pictures of a file (FrameNumberCode); -1 for one that cannot be read."""
    words = ["ffmpeg", "-v", "error", "-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    pictures = subprocess.run(words, capture_output=True).stdout
    width, height = SIZE
    places = []
    for row in range(4):
        line = (2 * row + 1) * (height // 3) // 8
        places += [line * width + (2 * column + 1) * width // 24 for column in range(12)]
    found = []
    for start in range(0, len(pictures) - width * height + 1, width * height):
        word = 0
        for place in places:
            word = word << 1 | (pictures[start + place] > 126)
        found.append(word >> 16 if checksum(word >> 16) == word & 0xFFFF else -1)
    return found


def come_back(tool, server, arguments):
    """The server is killed and started again: every stream is there before and after."""
    recorders = record(tool, server, arguments)
    time.sleep(8)
    server.kill()
    before = {path for camera in range(arguments.cameras) for path in server.received(camera)}
    time.sleep(arguments.seconds)
    server.start()
    # The longest pause between two attempts, and some.
    time.sleep(arguments.seconds * 2 + 12)
    return judge(server, recorders, before)


def stall(tool, server, arguments):
    """The server reads nothing for a while."""
    recorders = record(tool, server, arguments)
    time.sleep(8)
    sizes = [sum(path.stat().st_size for path in server.received(camera)) for camera in range(arguments.cameras)]
    server.stall()
    memory = [recorder.peak() for recorder in recorders]
    time.sleep(arguments.seconds)
    server.go_on()
    # It may have been given up, and be connected to again after the longest pause.
    time.sleep(min(arguments.seconds, 60) + 25)
    return judge(server, recorders, set(), memory, sizes)


def end_in_stall(tool, server, arguments):
    """The recording ends while the server reads nothing."""
    recorders = record(tool, server, arguments)
    time.sleep(8)
    server.stall()
    memory = [recorder.peak() for recorder in recorders]
    time.sleep(arguments.seconds)
    return judge_local(recorders, memory, statuses=(1, 130))


def never(tool, server, arguments):
    """Nobody is there: a port that refuses, and one whose peer answers nothing."""
    with socket.socket() as full, socket.socket() as filler, socket.socket(type=socket.SOCK_DGRAM) as silent:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        # SRT's packets reach a socket that nobody reads.
        silent.bind(("127.0.0.1", port))
        # The one connection that waits to be accepted; what comes then gets no answer.
        filler.connect(("127.0.0.1", port))
        failures = 0
        for name, port in [("refuses", server.port), ("is silent", port)]:
            server.port = port
            print(f"One that {name}:")
            recorders = record(tool, server, arguments)
            time.sleep(4)
            memory = [recorder.peak() for recorder in recorders]
            time.sleep(arguments.seconds)
            failures += judge_local(recorders, memory, statuses=(1,))
        return failures


def record(tool, server, arguments):
    options = ["--keyframe-interval", "1000", "--quality", str(arguments.quality)]
    return [Recorder(tool, server.folder, camera, server.address(camera), options)
            for camera in range(arguments.cameras)]


def stop(recorders):
    """Ends all recordings; what memory each had needed by then."""
    peaks = [recorder.peak() for recorder in recorders]
    for recorder in recorders:
        recorder.stop()
    for recorder in recorders:
        recorder.examine()
    return peaks


def judge_local(recorders, memory, statuses):
    failures = 0
    for camera, (recorder, peak) in enumerate(zip(recorders, stop(recorders))):
        growth = peak - memory[camera]
        print(f"camera {camera}: {recorder.words()}; {growth:.0f} MiB more")
        good = recorder.is_whole and growth <= GROWTH and recorder.process.returncode in statuses
        failures += 0 if good and recorder.ending < PATIENCE else 1
    return failures


def judge(server, recorders, before, memory=None, sizes=None):
    failures = 0
    for camera, (recorder, peak) in enumerate(zip(recorders, stop(recorders))):
        got = server.received(camera)
        if sizes:
            # In one file or two: more than there was, and the newest pictures of all.
            grown = sum(path.stat().st_size for path in got) - sizes[camera]
            newest = max((number for path in got for number in numbers(path)), default=0)
            stream = f"stream {grown} bytes more, up to picture {newest} of {recorder.numbers[-1]}"
            is_back = grown > 0 and newest > recorder.numbers[-1] - 10 * RATE
        else:
            first = sum(len(numbers(path)) for path in got & before)
            again = sum(len(numbers(path)) for path in got - before)
            stream = f"stream {first} before and {again} after"
            is_back = first > 0 and again > 0
        growth = f", {peak - memory[camera]:.0f} more in the stall" if memory else ""
        print(f"camera {camera}: {recorder.words()}; {stream}; {peak:.0f} MiB{growth}")
        within = not memory or peak - memory[camera] <= GROWTH
        failures += 0 if recorder.is_whole and is_back and within and recorder.process.returncode == 130 else 1
    return failures


CASES = {"killed": (come_back, 10), "stalled": (stall, 60), "ended": (end_in_stall, 20), "never": (never, 20)}


def main(server, needs, description):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=
        "killed: the server is killed and started again; stalled: it reads nothing for a while; ended: the recording ends "
        "meanwhile; never: nobody is at the address, or nobody who answers.")
    parser.add_argument("tool", type=pathlib.Path)
    parser.add_argument("case", nargs="*", choices=[[], *CASES], default=["killed"])
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--seconds", type=int, help="for how long the server is away or reads nothing")
    parser.add_argument("--quality", type=int, default=23, help="of the video; 0 makes some megabytes a second")
    parser.add_argument("--port", type=int, default=19355)
    arguments = parser.parse_args()
    # So that what was started is ended as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    setup = pathlib.Path(__file__).resolve().parents[2] / "Scripts" / "setup"
    subprocess.run([setup, "ffmpeg", *needs], check=True)
    failures = 0
    for case in arguments.case:
        act, seconds = CASES[case]
        chosen = argparse.Namespace(**dict(vars(arguments), seconds=arguments.seconds or seconds))
        print(f"{case}, {chosen.seconds} s:", flush=True)
        with tempfile.TemporaryDirectory() as name:
            instance = server(pathlib.Path(name), chosen.port, chosen.cameras)
            try:
                if case != "never":
                    instance.start()
                    time.sleep(1)
                failures += act(arguments.tool.resolve(), instance, chosen)
            finally:
                instance.kill()
                for recorder in Recorder.all:
                    recorder.process.kill()
        sys.stdout.flush()
    sys.exit(1 if failures else 0)
