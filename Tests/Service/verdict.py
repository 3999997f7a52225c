# SPDX-License-Identifier: MIT
"""What a soak has shown: a table, with what is wrong."""
import collections
import pathlib
import re
import sqlite3
import subprocess

import plans

# Those that somebody begins and ends, and those that go away and come back because the soak has them do so.
SWITCHED, LEAVING = ("gate", "shed"), ("film", "tree", "attic")

# What a log may have: what was provoked, and that something was late, which is counted.
EXPECTED = [
    r"https?://\S+", r"rtsp://\S+",
    r"\w+: camera running", r"\w+: recording (started|stopped)", r"\w+: file finished: \S+",
    rf"({'|'.join(LEAVING)}): camera away: .*",
    r"camera: read \S+ again: (added|gone): attic; \d+ not touched",
    # One keeper may find that others have filled the disk, and no file of its own but the newest.
    r"\w+: bounding the recording's files \S+: the disk has less free space than is to be kept, and nothing more may be deleted; .*",
    r"\w+: .*dropped.*", r"\w+: the output has taken \S+ s for one picture",
    r"\w+: recording goes on in the old file: the next one is not open yet", r"\w+: the next file is open; recording goes on in it",
]


def account_rows(soak):
    for name, source, _, _ in soak.cameras:
        for is_event in (False, True):
            account = soak.ledger.accounts[name, is_event]
            if account.files:
                yield row_of(soak, name, source, account, is_event)


def row_of(soak, name, source, account, is_event):
    """A line of the table for the files of a camera, and what is wrong with them."""
    account.check_names()
    faults = list(account.faults)
    port = 2 if is_event else 1
    counted = soak.counts.lost(name, port)
    given = soak.counts.now("frames_captured_total", name) + soak.counts.now("frames_lost_total", name)
    missing = account.missing(soak.news[name, "recording", "stopped"] if name in SWITCHED else 0, given)
    text = f"{account.files} files, {account.pictures} pictures"
    if not is_event:
        text += f" in {len(account.stays)} stays"
        faults += stay_faults(name, source, account, given)
    if name == "attic":
        # What it lost between the last look at the counts and its end nobody has seen.
        counted += 10 * soak.done["reload"]
    if missing > counted:
        faults.append(f"{missing} pictures are missing, and {counted} were counted as lost")
    if account.gone:
        text += f"; {sum(account.gone)} pictures of {len(account.gone)} files that had gone before they were read"
    text += f"; {missing} missing, {counted} counted as lost"
    return f"{name}{', events' if is_event else ''}", text, "; ".join(faults) or None


def stay_faults(name, source, account, given):
    """What is wrong with the beginnings and ends of a camera's stays."""
    faults = []
    if source != "test:numbered":
        # A file is played from its first picture to its last one; the end of the soak cuts the last stay.
        # Who asks for a picture at the moment at which it begins may have the first ones, before the recording does.
        parts = [stay for stay in account.stays[:-1] if stay[1] != plans.FILM_FRAMES - 1]
        if parts or max(first for first, _ in account.stays) > 3:
            faults.append(f"the film was not recorded whole each time: {parts or account.stays[-1:]}")
        return faults
    if name not in SWITCHED:
        late = [first for first, _ in account.stays if first > 60]
        if late:
            faults.append(f"it was recorded only from picture {late} on")
        if name not in LEAVING and len(account.stays) != 1:
            faults.append(f"it came {len(account.stays)} times")
        if name not in LEAVING and account.stays[-1][1] + 1 < given:
            faults.append(f"its files end with picture {account.stays[-1][1]}, though it had given {given}")
    return faults


def recorded(soak):
    return [path for name in soak.names for path in (soak.folder / "disk" / name).glob("*.mp4")]


def catalogue_row(soak):
    """The catalogue, as sqlite3 reads it, against the files, as ffprobe reads them."""
    database = sqlite3.connect(f"file:{soak.folder}/catalog.sqlite?mode=ro", uri=True)
    listed = dict(database.execute("SELECT path, frames FROM file").fetchall())
    events = database.execute("SELECT count(*) FROM event").fetchone()[0]
    gaps = collections.Counter(reason for reason, in database.execute("SELECT reason FROM interruption"))
    real = {}
    for path in sorted(recorded(soak)):
        words = ["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", path]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60)
        real[str(path.resolve())] = int(done.stdout.strip() or -1)
    faults = []
    if listed != real:
        odd = [f"{path}: listed {listed.get(path)}, there {real.get(path)}" for path in sorted(set(listed) | set(real))
               if listed.get(path) != real.get(path)]
        faults.append("it does not agree with the files: " + ", ".join(odd[:5]))
    left = {path for path in real} - {str(path.resolve()) for path in soak.ledger.paths}
    if left:
        faults.append(f"files that were never told: {sorted(left)}")
    text = f"{len(listed)} files; {events} events; interruptions {dict(gaps)}"
    return "catalogue", text, "; ".join(faults) or None


def log_row(soak):
    lines = soak.log().splitlines()
    odd = [line for line in lines if not any(re.fullmatch(pattern, line) for pattern in EXPECTED)]
    fault = f"{len(odd)} lines that nothing explains: " + " | ".join(odd[:5]) if odd else None
    return "log", f"{len(lines)} lines", fault


def verdict(soak, visitors):
    """Prints the table, and returns the status of the program."""
    news = pathlib.Path(soak.folder / "events")
    soak.news = collections.Counter(tuple(line.split("\t")) for line in news.read_text().splitlines())
    removed = len(soak.ledger.paths) - len(recorded(soak))
    rows = [("time", f"{soak.length / 60:.0f} minutes, {len(soak.cameras)} cameras, seed {soak.arguments.seed}", None)]
    rows += soak.samples.rows() + list(account_rows(soak)) + [catalogue_row(soak), log_row(soak)] + visitors.rows()
    rows.append(("done", ", ".join(f"{count} {action}" for action, count in sorted(soak.done.items())), None))
    rows.append(("retention", f"{removed} files were deleted", None if removed > 0 else "the disk was never full"))
    rows.append(("service", f"{soak.processor:.2f} processors", "; ".join(soak.faults + soak.ledger.faults) or None))
    for name, text, fault in rows:
        print(f"{name:18} {text}{'  BREACH: ' + fault if fault else ''}")
    count = sum(fault is not None for _, _, fault in rows)
    print("all is as it has to be" if count == 0 else f"{count} breaches")
    return 1 if count else 0
