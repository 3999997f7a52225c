// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import SystemPackage

extension FileOutput {
    static func isFIFO(_ path: String) -> Bool {
        var status = stat()
        return path.withFileName { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    /// What the caller and the thread that opens a FIFO have to tell each other.
    private struct Opening {
        var result: Result<Int32, Errno>?
        /// Set when the caller has given up: what releases the thread, and what the thread is to close.
        var reader: Int32?
    }

    /// Waits for something to open the FIFO for reading.
    static func openOnceRead(_ path: String, timeout: Duration) throws(CameraError) -> Int32 {
        let operation = "opening the FIFO"
        let opening = Monitor(Opening())
        // Only a thread that waits inside open(2) learns of a reader without asking again and again.
        _ = try WorkerThread("fifo-open") {
            let result = Result { () throws(Errno) in try openForWriting(path, flags: 0) }
            let reader = opening.update { state in
                state.result = result
                return state.reader
            }
            if let reader { close(reader, result) }
        }
        guard let result = opening.wait(until: .deadline(after: timeout), \.result) else {
            abandon(opening, path)
            throw CameraError(
                .timedOut, operation, subject: path, reason: "nothing reads from it; start what reads and try again")
        }
        do {
            return try result.get()
        } catch {
            throw CameraError(.output, operation, subject: path, reason: error.outputReason, systemError: error)
        }
    }

    /// Ends the wait of the thread that opens the FIFO, by being a reader until it has opened it.
    private static func abandon(_ opening: Monitor<Opening>, _ path: String) {
        let reader = path.withFileName { clinux_open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0) }
        // Without the FIFO there is no way to release it, and nothing that it could disturb.
        guard reader >= 0 else { return }
        // Whoever opens the FIFO next must not find this reader in the place of a real one. Only if the FIFO was replaced
        // meanwhile does the thread stay where it is.
        var result = opening.wait(until: .now + .seconds(1), \.result)
        if result == nil {
            result = opening.withLock { state in
                if state.result == nil { state.reader = reader }
                return state.result
            }
        }
        if let result { close(reader, result) }
    }

    private static func close(_ reader: Int32, _ writer: Result<Int32, Errno>) {
        Glibc.close(reader)
        if let writer = try? writer.get() { Glibc.close(writer) }
    }
}
