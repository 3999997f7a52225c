// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A text file with a line for each system call to a video device, for reports from machines that nobody else has.
///
/// Each line goes to the system at once, so that the last calls before a crash are in the file; a file on a disk takes
/// them from memory. It ends at a limit. Safe to use from any thread.
package final class CallTrace: Sendable {
    /// The file's name.
    package let path: String
    private let start = Timestamp.now
    private let byteLimit: Int
    private let state: Mutex<State>

    private struct State {
        var file: File?
        var byteCount = 0
        var failure: Errno?
    }

    /// The open file.
    ///
    /// Each write holds a reference, so its number is not given to another file while a call uses it.
    private final class File: Sendable {
        let number: Int32
        private let claim: FileClaim?

        /// Takes over an open file.
        ///
        /// - Throws: EBUSY when this process reads or writes it.
        init(number: Int32, path: String) throws(DeviceError) {
            do {
                claim = try FileIdentity(descriptor: number).map { file in
                    try FileClaim(file, for: .writing, "beginning a trace", path: path)
                }
            } catch {
                Glibc.close(number)
                throw DeviceError("open", device: path, .resourceBusy)
            }
            self.number = number
        }

        deinit {
            Glibc.close(number)
        }
    }

    /// Opens the file, which must be a regular one: nothing that could make cameras wait.
    ///
    /// - Parameters:
    ///   - path: The file's name.
    ///   - byteLimit: The size at which the trace ends: by default hours of a camera at 30 frames per second.
    /// - Throws: The system's error, when the file cannot be made.
    package init(path: String, byteLimit: Int = 256 << 20) throws(DeviceError) {
        self.path = path
        self.byteLimit = byteLimit
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK
        let number = path.withFileName { clinux_open($0, flags, 0o666) }
        guard number >= 0 else { throw DeviceError("open", device: path, Errno(rawValue: -number)) }
        let file = try File(number: number, path: path)
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG, ftruncate(number, 0) == 0 else {
            throw DeviceError("open", device: path, .invalidArgument)
        }
        state = Mutex(State(file: file))
        write("# V4L2 calls, format 1: seconds, thread, call = answer [microseconds]; \(Self.system)")
    }

    /// Adds a line about a call.
    ///
    /// - Parameters:
    ///   - begin: When the call was made.
    ///   - text: The call and its answer.
    func note(since begin: Timestamp, _ text: String) {
        let end = Timestamp.now
        let microseconds = max((begin - start).nanoseconds / 1000, 0)
        let seconds = "\(microseconds / 1_000_000).\((microseconds % 1_000_000).zeroPadded(to: 6))"
        write("\(seconds) \(Self.threadName) \(text) [\((end - begin).nanoseconds / 1000)]")
    }

    /// Closes the file; calls that come later are not noted.
    ///
    /// - Throws: What writing failed with; nothing was noted from there on.
    package func close() throws(DeviceError) {
        let (file, failure) = state.withLock { ($0.file.take(), $0.failure) }
        withExtendedLifetime(file) {}
        if let failure { throw DeviceError("write", device: path, failure) }
    }

    private func write(_ text: String) {
        var line = text.replacing("\n", with: " ") + "\n"
        let file = state.withLock { state -> File? in
            guard let file = state.file else { return nil }
            let lastWords = "# the trace ends here: it has reached \(byteLimit) bytes\n"
            if state.byteCount + line.utf8.count + lastWords.utf8.count > byteLimit {
                line = lastWords
                state.file = nil
            }
            state.byteCount += line.utf8.count
            return file
        }
        guard let file else { return }
        // One call for a line: the system keeps those of several threads apart.
        let written = line.withUTF8 { Glibc.write(file.number, $0.baseAddress, $0.count) }
        guard written != line.utf8.count else { return }
        let failure = written < 0 ? Errno(rawValue: errno) : .noSpace
        state.withLock { state in
            state.failure = state.failure ?? failure
            state.file = nil
        }
    }

    private static var threadName: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16) { buffer in
            guard let name = buffer.baseAddress else { return "?" }
            clinux_get_thread_name(name)
            return String(cString: name).replacing(" ", with: "_")
        }
    }

    /// The kernel and the machine.
    private static var system: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return "\(String(cArray: name.sysname)) \(String(cArray: name.release)) \(String(cArray: name.machine))"
    }
}
