// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import SystemPackage

/// Writes all bytes with as few write(2) calls as the kernel allows, waiting where the descriptor is non-blocking.
///
/// A missing reader and the process's limit on file sizes come back as EPIPE and EFBIG; the signals that the kernel
/// sends with them do not reach the program.
func writeAll(_ bytes: UnsafeRawBufferPointer, to number: Int32) -> (written: Int, failure: Errno?) {
    var signals = WriteSignals()
    var written = 0
    while written < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        let count = write(number, rest.baseAddress, rest.count)
        if count > 0 {
            written += count
            continue
        }
        let failure = count == 0 ? Errno.ioError : Errno(rawValue: errno)
        switch failure {
        case .interrupted: continue
        case .resourceTemporarilyUnavailable:
            // Errors of the descriptor end the wait as well, and the next write reports them.
            var descriptor = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            _ = poll(&descriptor, 1, -1)
        default:
            signals.restore(after: failure)
            return (written, failure)
        }
    }
    signals.restore(after: nil)
    return (written, nil)
}

/// The signals that a failing write sends to its thread, held back while it runs.
///
/// The program's own signal dispositions stay as they are: they belong to the program, not to a library.
private struct WriteSignals {
    private var previouslyBlocked = sigset_t()
    private var previouslyPending = sigset_t()

    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        sigaddset(&signals, SIGXFSZ)
        pthread_sigmask(SIG_BLOCK, &signals, &previouslyBlocked)
        sigpending(&previouslyPending)
    }

    /// Takes away the signal that came with `failure`, unless there was one before, and unblocks both.
    mutating func restore(after failure: Errno?) {
        let signal: Int32? =
            switch failure {
            case .brokenPipe: SIGPIPE
            case .fileTooLarge: SIGXFSZ
            default: nil
            }
        if let signal, sigismember(&previouslyPending, signal) == 0 {
            var pending = sigset_t()
            sigemptyset(&pending)
            sigaddset(&pending, signal)
            var noTime = timespec()
            while sigtimedwait(&pending, nil, &noTime) == -1, errno == EINTR {}
        }
        pthread_sigmask(SIG_SETMASK, &previouslyBlocked, nil)
    }
}

/// Opens a path for writing; a file descriptor or the error.
func openForWriting(_ path: String, flags: Int32) throws(Errno) -> Int32 {
    // 0666: the user's umask decides, as for any program's files.
    let number = path.withFileName { clinux_open($0, O_WRONLY | O_CLOEXEC | flags, 0o666) }
    guard number >= 0 else { throw Errno(rawValue: -number) }
    return number
}

/// Calls fsync(2) on a folder, which makes the names of new files in it safe.
func synchronizeFolder(_ path: String) throws(CameraError) {
    let number = path.withFileName { clinux_open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
    // A folder may allow new files but not reading; then its names reach the disk when the kernel likes.
    guard number >= 0 else { return }
    defer { close(number) }
    var result: Int32
    repeat { result = fsync(number) } while result != 0 && errno == EINTR
    // Some file systems cannot do it: EINVAL.
    if result != 0, errno != EINVAL {
        throw CameraError(.output, "syncing the folder to the disk", subject: path, systemError: Errno(rawValue: errno))
    }
}

extension Errno {
    /// Whether the disk, or the user's part of it, takes no more.
    package var tellsFullDisk: Bool { self == .noSpace || self == .diskQuotaExceeded }

    /// Cause and remedy of a failure to open or write an output, where there is more to say than the error's name.
    package var outputReason: String? {
        switch self {
        case .isDirectory: "it is a folder; name a file in it"
        case .noSuchFileOrDirectory: "its folder does not exist; create it first"
        case .notDirectory: "a part of the path is not a folder; correct the path"
        case .permissionDenied, .notPermitted: "writing there is not allowed; change its rights or choose another place"
        case .readOnlyFileSystem: "the file system is mounted read-only; choose another place"
        case .textFileBusy: "it is a program that runs; choose another name"
        case .noSuchAddressOrDevice: "nothing reads from it; start what reads first"
        case .noSpace, .diskQuotaExceeded: "the disk or quota is full; free some space or record elsewhere"
        case .fileTooLarge: "the file system or a limit allows no larger file; split the recording into smaller files"
        case .brokenPipe: "the reader has gone"
        case .badFileDescriptor: "it is closed, or not open for writing"
        case .ioError: "the device failed; check its cable and health"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "too many files are open; close some"
        default: nil
        }
    }
}
