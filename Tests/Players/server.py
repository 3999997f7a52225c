# SPDX-License-Identifier: MIT
"""A web server for one browser: files of a folder with byte ranges, what it is to do, and what it found."""
import http.server
import json
import os
import queue
import re
import threading
import urllib.parse

TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mp4": "video/mp4",
         ".m4s": "video/iso.segment", ".m3u8": "application/vnd.apple.mpegurl"}


class Server(http.server.ThreadingHTTPServer):
    """Serves files under /files/, the page as / with what it loads, the jobs as /jobs, and takes results by POST."""

    daemon_threads = True

    def __init__(self, folder, page):
        super().__init__(("127.0.0.1", 0), Handler)
        self.folder = os.path.realpath(folder)
        self.page = page
        self.jobs = queue.Queue()
        self.results = queue.Queue()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """Says nothing: a browser leaves connections when it has what it wanted."""

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def do(self, job, timeout):
        """Has the page do a job, and returns what it found; None when it does not answer."""
        self.jobs.put(job)
        try:
            return self.results.get(timeout=timeout)
        except queue.Empty:
            return None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if path == "/":
            return self.send_file(self.server.page)
        if path == "/number.js":
            return self.send_file(self.server.page.with_name("number.js"))
        if path == "/job":
            try:
                job = self.server.jobs.get(timeout=1)
            except queue.Empty:
                job = None
            return self.send_bytes(json.dumps(job).encode(), "application/json")
        file = os.path.realpath(os.path.join(self.server.folder, path.removeprefix("/files/")))
        if not path.startswith("/files/") or not file.startswith(self.server.folder + "/") or not os.path.isfile(file):
            return self.send_error(404)
        self.send_file(file)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.results.put(json.loads(body))
        self.send_bytes(b"{}", "application/json")

    def send_file(self, path):
        with open(path, "rb") as file:
            self.send_bytes(file.read(), TYPES.get(os.path.splitext(path)[1], "application/octet-stream"))

    def send_bytes(self, data, kind):
        """Sends all of it, or the range that is asked for: players seek by ranges."""
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = 0, len(data) - 1
        if match:
            first = int(match[1])
            last = min(int(match[2] or last), last)
            if first > last:
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(data)}")
                self.send_header("Content-Length", "0")
                return self.end_headers()
        self.send_response(206 if match else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-store")
        if match:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        try:
            self.wfile.write(data[first:last + 1])
        except (BrokenPipeError, ConnectionResetError):
            # The player has what it wanted.
            self.close_connection = True
