// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import Synchronization
internal import SystemPackage

extension FileOutput {
    /// What opening a path gave.
    struct Opened: Sendable {
        let path: String
        let descriptor: OutputDescriptor
        /// Whether the file was created.
        let isNew: Bool
        /// What the file becomes in the end; nil when it has its name from the beginning.
        var replacement: FileReplacement?
        /// The most bytes that it can have; nil where no limit is known.
        var sizeLimit: Int?

        /// Deletes the file if opening created it and the name is still its own.
        func deleteCreated() {
            guard isNew, let file = descriptor.file, FileIdentity(path: path, followsLinks: false) == file else {
                return
            }
            _ = path.withFileName { unlink($0) }
        }

        /// Closes the file without having used it.
        func takeBack() {
            if let replacement {
                try? replacement.abandon(descriptor)
            } else {
                deleteCreated()
                try? descriptor.close()
            }
        }
    }

    /// Opens a path without truncating it, and claims a regular file for this output.
    static func open(
        _ path: String, atomically: Bool, isSynced: Bool, readerTimeout: Duration, openTimeout: Duration?,
        keeper: (any DiskKeeper)? = nil
    ) throws(CameraError) -> Opened {
        while true {
            do throws(CameraError) {
                return try open(
                    path, atomically: atomically, isSynced: isSynced, readerTimeout: readerTimeout,
                    openTimeout: openTimeout)
            } catch {
                // A disk can be full without a byte being written: each file takes one of its entries.
                let isFull = error.systemError?.tellsFullDisk == true
                guard isFull, let keeper, keeper.makeRoom(for: 1) else { throw error }
            }
        }
    }

    private static func open(
        _ path: String, atomically: Bool, isSynced: Bool, readerTimeout: Duration, openTimeout: Duration?
    ) throws(CameraError) -> Opened {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw CameraError(
                .invalidValue, operation, subject: path, reason: "a path has at least one character and no zero byte")
        }
        let open = { @Sendable () throws(CameraError) -> Opened? in
            if atomically, let (replacement, descriptor) = try FileReplacement.open(path, isSynced: isSynced) {
                return Opened(path: path, descriptor: descriptor, isNew: true, replacement: replacement)
            }
            return try openNow(path)
        }
        let opened: Opened?
        if let openTimeout { opened = try within(openTimeout, path, open) } else { opened = try open() }
        if let opened { return opened }
        let number = try openOnceRead(path, timeout: readerTimeout)
        return Opened(
            path: path, descriptor: try OutputDescriptor(claiming: number, name: path, operation), isNew: false)
    }

    /// Opens a path; nil for a FIFO that nothing reads yet.
    private static func openNow(_ path: String) throws(CameraError) -> Opened? {
        let number: Int32
        let isNew: Bool
        do throws(Errno) {
            (number, isNew) = try openOrCreate(path)
        } catch .noSuchAddressOrDevice where isFIFO(path) {
            return nil
        } catch {
            throw CameraError(.output, operation, subject: path, reason: error.outputReason, systemError: error)
        }
        return Opened(
            path: path, descriptor: try OutputDescriptor(claiming: number, name: path, operation), isNew: isNew,
            sizeLimit: sizeLimit(of: path))
    }

    /// The most bytes that a file can have, by its file system or by the limit of this process; nil where none is known.
    private static func sizeLimit(of path: String) -> Int? {
        var process = rlimit()
        let isLimited =
            getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &process) == 0 && process.rlim_cur < rlim_t(Int.max)
        let limits = [
            isLimited ? Int(process.rlim_cur) : nil,
            path.withFileName(clinux_file_system) == vfat ? largestOfVFAT : nil,
        ]
        return limits.compactMap(\.self).min()
    }

    /// vfat and msdos, by their number in statfs(2), and the largest size that fits into their 32 bits.
    private static let vfat: UInt32 = 0x4D44
    private static let largestOfVFAT = Int(UInt32.max)

    static let operation = "opening the output"

    private static func openOrCreate(_ path: String) throws(Errno) -> (number: Int32, isNew: Bool) {
        do throws(Errno) {
            return (try openForWriting(path, flags: O_CREAT | O_EXCL), true)
        } catch .fileExists {
            // Without O_NONBLOCK a FIFO without a reader, or a serial line without a carrier, would not return.
            // O_CREAT serves symbolic links that lead to nothing yet.
            return (try openForWriting(path, flags: O_CREAT | O_NONBLOCK), false)
        }
    }

    // MARK: Disks that do not answer

    /// What the caller and the thread that opens have to tell each other.
    private struct Attempt {
        var result: Result<Opened?, CameraError>?
        var isAbandoned = false
    }

    /// Threads that a disk does not let go, by the folder in which they open a file.
    private static let stuck = Mutex<[String: Int]>([:])

    private static func countStuck(in folder: String, by step: Int) {
        stuck.withLock { counts in
            let count = (counts[folder] ?? 0) + step
            counts[folder] = count == 0 ? nil : count
        }
    }

    /// Opens on a thread of its own, since nothing ends an open(2) that waits for a disk that does not answer.
    ///
    /// - Throws: `.timedOut` when it has not answered in time; what it opens after that is taken back.
    private static func within(
        _ timeout: Duration, _ path: String, _ open: @escaping @Sendable () throws(CameraError) -> Opened?
    ) throws(CameraError) -> Opened? {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard stuck.withLock({ $0[folder] ?? 0 }) < 4 else {
            throw CameraError(
                .timedOut, operation, subject: path,
                reason: "four files are being opened in its folder already, and the disk does not answer; check it")
        }
        let attempt = Monitor(Attempt())
        _ = try WorkerThread("file-open") {
            let result = Result { () throws(CameraError) in try open() }
            let isLate = attempt.update { attempt in
                attempt.result = result
                return attempt.isAbandoned
            }
            guard isLate else { return }
            if case .success(let opened?) = result { opened.takeBack() }
            countStuck(in: folder, by: -1)
        }
        if let result = attempt.wait(until: .deadline(after: timeout), \.result) { return try result.get() }
        let late = attempt.withLock { attempt in
            if attempt.result == nil {
                attempt.isAbandoned = true
                countStuck(in: folder, by: 1)
            }
            return attempt.result
        }
        if let late { return try late.get() }
        throw CameraError(
            .timedOut, operation, subject: path,
            reason: "the disk has not opened it within \(timeout); check the disk, or record elsewhere")
    }
}
