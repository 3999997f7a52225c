// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Glibc
internal import SystemPackage

extension FileOutput {
    /// Opens a path without truncating it, and claims a regular file for this process.
    ///
    /// - Returns: The descriptor, and whether the file was created.
    static func open(
        _ path: String, readerTimeout: Duration
    ) throws(CameraError) -> (descriptor: OutputDescriptor, isNew: Bool) {
        let operation = "opening the output"
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw CameraError(
                .invalidValue, operation, subject: path, reason: "a path has at least one character and no zero byte")
        }
        let number: Int32
        let isNew: Bool
        do throws(Errno) {
            (number, isNew) = try openOrCreate(path)
        } catch .noSuchAddressOrDevice where isFIFO(path) {
            (number, isNew) = (try openOnceRead(path, timeout: readerTimeout), false)
        } catch {
            throw CameraError(.output, operation, subject: path, reason: error.outputReason, systemError: error)
        }
        let file = FileIdentity(descriptor: number)
        if let file, !file.claim() {
            Glibc.close(number)
            throw CameraError(
                .busy, operation, subject: path,
                reason: "the file is being written by another output of this program; choose another name")
        }
        return (OutputDescriptor(number, name: path, file: file, isOwned: true), isNew)
    }

    private static func openOrCreate(_ path: String) throws(Errno) -> (number: Int32, isNew: Bool) {
        do throws(Errno) {
            return (try openForWriting(path, flags: O_CREAT | O_EXCL), true)
        } catch .fileExists {
            // Without O_NONBLOCK a FIFO without a reader, or a serial line without a carrier, would not return.
            // O_CREAT serves symbolic links that lead to nothing yet.
            return (try openForWriting(path, flags: O_CREAT | O_NONBLOCK), false)
        }
    }

    private static func isFIFO(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
    }

    private struct Opening {
        var result: Result<Int32, Errno>?
        var isAbandoned = false
    }

    /// Waits for something to open the FIFO for reading.
    private static func openOnceRead(_ path: String, timeout: Duration) throws(CameraError) -> Int32 {
        let operation = "opening the FIFO"
        let opening = Monitor(Opening())
        // Only a thread that waits inside open(2) learns of a reader without asking again and again.
        _ = try WorkerThread("fifo-open") {
            let result = Result { () throws(Errno) in try openForWriting(path, flags: 0) }
            let isAbandoned = opening.update { state in
                state.result = result
                return state.isAbandoned
            }
            if isAbandoned, let number = try? result.get() { Glibc.close(number) }
        }
        let inTime = opening.wait(until: .deadline(after: timeout)) { $0.result }
        let result =
            inTime
            ?? opening.withLock { state in
                state.isAbandoned = state.result == nil
                return state.result
            }
        guard let result else {
            releaseOpener(of: path)
            throw CameraError(
                .timedOut, operation, subject: path, reason: "nothing reads from it; start what reads and try again")
        }
        do {
            return try result.get()
        } catch {
            throw CameraError(.output, operation, subject: path, reason: error.outputReason, systemError: error)
        }
    }

    /// Ends the wait of the thread that opens the FIFO, by reading from it for a moment.
    private static func releaseOpener(of path: String) {
        if let reader = try? FileDescriptor.open(path, .readOnly, options: [.nonBlocking, .closeOnExec]) {
            try? reader.close()
        }
    }
}
