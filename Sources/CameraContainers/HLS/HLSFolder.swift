// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs

/// The files of a playlist in their folder.
///
/// The playlist is replaced in one step each time; what it names is complete then, and stays for a while when it is not named
/// any more. It is claimed and locked as other outputs are, whichever file has its name.
struct HLSFolder {
    let names: HLSNames
    private let keeper: (any DiskKeeper)?
    /// The file that has the playlist's name, claimed for as long as this is in use.
    private var present: FileOutput
    /// Files that are to go, and when: once so much was listed in all, in ticks.
    private var expired: [(name: String, when: Int)] = []

    static let operation = "writing the playlist"

    /// Claims a playlist, and creates an empty file where there is none; what is there stays for now.
    ///
    /// - Parameters:
    ///   - path: The playlist.
    ///   - timeout: How long to wait for a disk that does not answer; nil for as long as it takes.
    ///   - keeper: Who makes room when the disk is full.
    /// - Throws: `.invalidFormat` for a name that does not end in `.m3u8`; `.output`, for a folder that is missing and the
    ///   like; `.busy`; `.timedOut`.
    init(_ path: String, timeout: Duration?, keeper: (any DiskKeeper)?) throws(CameraError) {
        guard let names = HLSNames(playlist: path) else {
            throw CameraError(
                .invalidFormat, Self.operation, subject: path, reason: "the name of a playlist has to end in .m3u8")
        }
        self.names = names
        self.keeper = keeper
        present = try FileOutput(path: path, sync: .none, openTimeout: timeout, keeper: keeper)
        guard present.canBeWrittenOver else {
            present.discard()
            throw CameraError(
                .invalidValue, Self.operation, subject: path,
                reason: "a playlist is replaced again and again, which a pipe or device cannot be; name a file")
        }
    }

    // MARK: What earlier recordings left

    /// Finds what earlier recordings to the playlist left, which goes when so much was listed in all.
    ///
    /// - Parameter when: The time, in ticks.
    /// - Returns: The numbers of the next part and of the next segment, behind those that are there.
    mutating func takeOver(until when: Int) -> (part: Int, segment: Int) {
        var next = (part: 0, segment: 0)
        expired = []
        for name in namesInFolder(names.folder) {
            guard let parts = names.parts(of: name) else { continue }
            next.part = max(next.part, parts.part + 1)
            if let segment = parts.segment { next.segment = max(next.segment, segment + 1) }
            expired.append((name, when))
        }
        return next
    }

    // MARK: Files

    /// Makes a file beside the playlist, in the place of one of that name.
    func make(_ name: String) throws(CameraError) -> FileOutput {
        try FileOutput(path: names.folder + name, sync: .none, openTimeout: nil, keeper: keeper)
    }

    /// Writes a whole file beside the playlist.
    func write(_ bytes: [UInt8], to name: String, _ info: PacketInfo) throws(CameraError) {
        let file = try make(name)
        do throws(CameraError) {
            try file.write(bytes.span.bytes, info)
        } catch {
            try? file.close()
            throw error
        }
        try file.close()
    }

    /// Replaces the playlist.
    mutating func publish(_ text: String, _ info: PacketInfo) throws(CameraError) {
        let path = names.playlist
        let temporary = FileReplacement.temporaryName(beside: path)
        do throws(CameraError) {
            let file = try FileOutput(path: temporary, sync: .none, openTimeout: nil, keeper: keeper)
            do throws(CameraError) {
                try file.write(Array(text.utf8).span.bytes, info)
                try FileReplacement.rename(temporary, to: path, Self.operation)
            } catch {
                try? file.close()
                _ = FileUse.delete(temporary)
                throw error
            }
            let old = present
            present = file
            try old.close()
        } catch {
            // Nobody knows the file beside it.
            throw CameraError(
                error.code, Self.operation, subject: path, reason: error.reason, systemError: error.systemError)
        }
    }

    /// Notes that a file is not named any more, and when it is to go.
    mutating func expire(_ name: String, when: Int) { expired.append((name, when)) }

    /// Deletes what is to go now; what somebody writes to or what cannot be deleted stays, and is taken over by the next
    /// recording.
    mutating func deleteExpired(at now: Int) {
        let due = expired.prefix { $0.when <= now }
        for file in due { _ = FileUse.delete(names.folder + file.name) }
        expired.removeFirst(due.count)
    }

    /// Gives the playlist back.
    func close() throws(CameraError) { try present.close() }

    /// Gives the playlist back, and deletes it if it was created and nothing was written.
    func discard() { present.discard() }
}
