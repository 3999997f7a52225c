// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraEncoders
internal import GRDB

/// Taking down what happens.
extension Catalog {
    /// Takes what a camera's events tell.
    ///
    /// That are files that are finished, repaired or deleted, why a recording has a gap, and what a person who looks at the day
    /// should see. Other events are left out.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - camera: The camera's name.
    ///   - time: When it happened.
    /// - Throws: `.closed`; `.output` with what the database says; `.notFound` for a file that is not there any more. The
    ///   recording goes on in any case, and ``reconcile(_:)`` finds what was not taken down.
    public func note(_ event: CameraEvent, of camera: String, at time: WallTime = .now) throws(CameraError) {
        switch event {
        case .fileFinished(_, let file): try note(file, of: camera)
        case .fileRemoved(_, let file): try forget(file.name)
        case .fileRepaired(_, let name, let pictures):
            try put([(try FileFacts(of: name).file(of: camera), .changed)])
            try note(.repair, of: camera, at: time, "\(pictures) pictures of it were left", file: absolutePath(name))
        case .sourceLost(let error):
            try noteInterruption(of: camera, .away, at: time, "\(error)")
            try note(.away, of: camera, at: time, "\(error)")
        case .sourceReturned(let name, _):
            try endInterruption(of: camera, at: time)
            try note(.back, of: camera, at: time, "it is back as '\(name)'")
        case .sourceFailed(let error), .recordingFailed(_, let error):
            try noteInterruption(of: camera, .failed, at: time, "\(error)")
            try note(.failure, of: camera, at: time, "\(error)")
        case .recordingEnded: try noteInterruption(of: camera, .stopped, at: time)
        case .stalled(let error): try note(.failure, of: camera, at: time, "\(error)")
        case .outputFailed(_, let error): try note(.failure, of: camera, at: time, "\(error)")
        case .signalLost, .signalRegained:
            try note(.signal, of: camera, at: time, event.warning?.text ?? "")
        default: break
        }
    }

    /// Takes a file that a recording has finished.
    ///
    /// Files beside the pictures, of motion vectors and the like, and streams to an address are none of the catalogue's.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - camera: The camera's name.
    /// - Throws: `.closed`; `.output`; `.notFound` for a file that is not there any more.
    public func note(_ file: FinishedFile, of camera: String) throws(CameraError) {
        guard ![OutputKey.motion, .metadata, .times].contains(file.key), !file.name.contains("://") else { return }
        let facts = try FileFacts(of: file.name, isTold: true)
        var entry = facts.file(of: camera)
        // The recording knows better than the file what time it was.
        (entry.start, entry.end) = (file.start, file.start.advanced(by: file.duration))
        entry.frames = file.frames
        try put([(entry, .finished)])
    }

    /// Adds an event of the user's, such as motion or a trigger.
    ///
    /// - Throws: `.closed`; `.output`.
    public func add(_ event: CatalogEvent) throws(CameraError) {
        try database.write("taking down an event") { database in
            let camera = try database.cameraId(event.camera)
            try database.execute(
                sql: "INSERT INTO event(cameraId, kind, time, text, file) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    camera, event.kind.rawValue, event.time.nanosecondsSince1970, event.text,
                    event.file.map(absolutePath),
                ])
        }
    }

    /// Tells why nothing is recorded from now on; the gap behind the last file has this reason then.
    ///
    /// The library's events tell of cameras that are away and recordings that fail or end by themselves; whoever stops one tells
    /// that here.
    ///
    /// - Throws: `.closed`; `.output`.
    public func noteInterruption(
        of camera: String, _ reason: CatalogGap.Reason, at time: WallTime = .now, _ text: String? = nil
    ) throws(CameraError) {
        try database.write("taking down an interruption") { database in
            let camera = try database.cameraId(camera)
            try database.execute(
                sql: "INSERT INTO interruption(cameraId, begins, reason, text) VALUES (?, ?, ?, ?)",
                arguments: [camera, time.nanosecondsSince1970, reason.rawValue, text])
        }
    }

    /// Forgets events and interruptions that are older than a moment; files know how old they are themselves.
    ///
    /// - Throws: `.closed`; `.output`.
    public func forgetEvents(before time: WallTime) throws(CameraError) {
        try database.write("forgetting old events") { database in
            try database.execute(sql: "DELETE FROM event WHERE time < ?", arguments: [time.nanosecondsSince1970])
            try database.execute(
                sql: "DELETE FROM interruption WHERE coalesce(ends, begins) < ?",
                arguments: [time.nanosecondsSince1970])
        }
    }

    /// Forgets a file that was deleted.
    ///
    /// - Returns: Whether it was known.
    /// - Throws: `.closed`; `.output`.
    @discardableResult
    public func forget(_ path: String) throws(CameraError) -> Bool {
        let path = absolutePath(path)
        return try database.write("forgetting a file") { database in try database.forget(path) }
    }

    /// Takes files down, all in one go.
    ///
    /// - Parameter entries: The files, and how those that are known are taken.
    /// - Returns: How many are new, and how many other than before.
    /// - Throws: `.closed`; `.output`.
    @discardableResult
    package func put(
        _ entries: [(file: CatalogFile, writing: CatalogWriting)]
    ) throws(CameraError) -> (added: Int, changed: Int) {
        try database.write("taking down files") { [protection] database in
            var counts = (added: 0, changed: 0)
            for (file, writing) in entries {
                let isNew = try database.put(file, writing, isProtected: protection.contains(file.path))
                guard isNew else { continue }
                if case .changed = writing { counts.changed += 1 } else { counts.added += 1 }
            }
            return counts
        }
    }

    private func note(
        _ kind: CatalogEvent.Kind, of camera: String, at time: WallTime, _ text: String, file: String? = nil
    ) throws(CameraError) {
        try add(CatalogEvent(camera: camera, kind: kind, time: time, text: text, file: file))
    }

    /// The camera is back: the last interruption of its kind is over.
    private func endInterruption(of camera: String, at time: WallTime) throws(CameraError) {
        try database.write("taking down an interruption") { database in
            guard let camera = try database.knownCameraId(camera) else { return }
            try database.execute(
                sql: """
                    UPDATE interruption SET ends = max(begins, ?) WHERE id = (
                        SELECT id FROM interruption WHERE cameraId = ? AND reason = ? AND ends IS NULL
                        ORDER BY begins DESC LIMIT 1)
                    """,
                arguments: [time.nanosecondsSince1970, camera, CatalogGap.Reason.away.rawValue])
        }
    }
}
