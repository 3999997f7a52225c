# SPDX-License-Identifier: MIT
"""The virtual machine of ./vm with a disk, whose power is cut."""
import os
import pathlib
import signal
import subprocess
import time

LAB = pathlib.Path(__file__).resolve().parent


def prepare():
    """Installs what is needed, and builds the machine where that was not done."""
    subprocess.run([LAB.parents[1] / "Scripts" / "setup", "nbdkit", "e2fsprogs", "ffmpeg"], check=True)
    if subprocess.run([LAB / "vm", "built"]).returncode:
        print("building the virtual machine (once)", flush=True)
        subprocess.run([LAB / "vm", "build"], check=True)


def make_disk(image, size="512M"):
    """A disk with an empty ext4, as mkfs makes it."""
    subprocess.run(["truncate", "-s", size, image], check=True)
    subprocess.run(["mkfs.ext4", "-q", "-E", "lazy_itable_init=0,lazy_journal_init=0", image], check=True)


def copy_out(image, folder):
    """Checks a disk's file system as a boot would do it, the journal first, and copies its files; the status of e2fsck."""
    check = subprocess.run(["e2fsck", "-fp", image], capture_output=True, text=True)
    folder.mkdir()
    subprocess.run(["debugfs", "-R", f"rdump / {folder}", image], capture_output=True, check=True)
    return check.returncode


class Machine:
    """A run of the machine. What its disk was not told to flush is in a cache of its own (nbdkit's cache filter), which the power
    takes with it; what the machine's kernel had not written yet is lost in any case."""

    def __init__(self, folder, image, command):
        """Boots, and runs a command of bash, which has the disk as /dev/vda; what it writes to $OUT is in `out`."""
        self.folder, self.out = folder, folder / "out"
        self.out.mkdir(parents=True)
        socket = folder / "disk"
        self.disk = subprocess.Popen(["nbdkit", "-f", "-U", socket, "--filter=cache", "file", image, "cache=writeback"],
                                     stderr=open(folder / "disk.log", "w"))
        # One processor, so that two machines take no more than this one has; no cameras, whose drivers take most of a start.
        words = dict(os.environ, OUT=str(self.out), LAB_DISK=f"nbd:unix:{socket}", LAB_MEMORY="1G", LAB_CPUS="1", LAB_CAMERAS="none")
        self.process = subprocess.Popen([LAB / "vm", "run", "bash", "-c", command], env=words, stdin=subprocess.DEVNULL,
                                        stdout=open(folder / "machine.log", "w"), stderr=subprocess.STDOUT)

    def wait_for(self, name, seconds=1800):
        """Waits until the command has made a file in `out`."""
        end = time.monotonic() + seconds
        while not (self.out / name).exists():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the machine did not come to {name}: {self.folder}/machine.log")
            time.sleep(0.2)

    def cut(self):
        """Takes the power away; whether it still ran."""
        self.disk.kill()
        ran = self.process.poll() is None
        if ran and (self.out / ".pid").exists():
            os.kill(int((self.out / ".pid").read_text()), signal.SIGKILL)
        self.disk.wait()
        self.process.wait()
        return ran

    def end(self, seconds=600):
        """Waits until the command has ended, and has its disk flushed; its status."""
        status = self.process.wait(seconds)
        self.disk.terminate()
        self.disk.wait()
        return status
