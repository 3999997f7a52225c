// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraKit

/// Where a camera's files are.
public struct CatalogSource: Hashable, Sendable {
    /// The camera's name.
    public var camera: String
    /// The template of the files' names, as the recording has it; without places, the name of one file.
    public var template: FileTemplate

    /// Describes it.
    ///
    /// - Parameters:
    ///   - camera: The camera's name.
    ///   - template: The template of the files' names, as the recording has it.
    /// - Throws: `.invalidValue` for a place that is not known or not closed.
    public init(camera: String, template: String) throws(CameraError) {
        self.camera = camera
        self.template = try FileTemplate(template)
    }
}

/// What comparing the catalogue with the files came to.
public struct CatalogReconciliation: Sendable {
    /// The files that were not known.
    public internal(set) var added = 0
    /// The files that were changed since they were taken down.
    public internal(set) var changed = 0
    /// The files that have gone.
    public internal(set) var forgotten = 0
    /// The paths of files that a crash had left, and that are ordinary ones now.
    public internal(set) var repaired: [String] = []
    /// The files that were left out, and why: a thousand at most.
    public internal(set) var skipped: [(path: String, error: CameraError)] = []
    /// The cameras without a single file, though some are known: their disk may not be there, so nothing was forgotten.
    public internal(set) var unreachable: [String] = []
}

extension Catalog {
    /// Makes the catalogue agree with the files, which are the truth.
    ///
    /// Adds files that are not known, finishes those that a crash left as `camera repair` does, and forgets those that have gone. A
    /// file of known size and time is not opened. Files that somebody writes are left for later. It takes some
    /// hundredths of a millisecond for each known file and some tenths for each other one, so call it on a thread of its own:
    /// everything else works meanwhile.
    ///
    /// Times are the file's own, for MP4; else the one in its name, else that of its last change.
    ///
    /// - Parameter sources: The cameras and the names of their files. Files of others stay in the catalogue while they are there.
    /// - Returns: What was different.
    /// - Throws: `.busy` while another call does the same; `.closed` when the catalogue is closed; `.output`.
    @discardableResult
    public func reconcile(_ sources: [CatalogSource]) throws(CameraError) -> CatalogReconciliation {
        let isOurs = isReconciling.withLock { isRunning in
            defer { isRunning = true }
            return !isRunning
        }
        guard isOurs else {
            throw CameraError(
                .busy, "comparing the catalogue with the files", subject: database.path,
                reason: "another call does so already")
        }
        defer { isReconciling.withLock { $0 = false } }
        try check()
        var run = Reconciler(self)
        for source in sources { try run.add(source) }
        try run.forget(sources.map(\.camera))
        return run.result
    }
}
