// SPDX-License-Identifier: MIT

internal import CameraCore
package import CameraEncoders

/// The rounds in which a recording's files are looked through, and what is remembered from one to the next.
package struct RetentionRounds {
    /// What a round has done.
    package struct Outcome {
        /// Whether any file was deleted.
        package var hasRemoved = false
        /// The time until the next look; nil for not before something happens.
        package var next: Duration?
    }

    private let retention: Retention
    private let folder: any RetainedFolder
    private let port: Int
    private let report: @Sendable (CameraEvent) -> Void
    /// The present recording's files in their order, as far as they are still there.
    private var turns: [String: Int] = [:]
    private var lastTurn = 0
    /// The last of them, which is being written or is about to be.
    private var newest: String?
    /// What was told already: bounds that cannot be kept, and files that cannot be deleted.
    private var toldBounds: Set<RemovedFile.Reason> = []
    private var toldFiles: Set<String> = []

    /// Until when the free space is not asked for: the file system may not have freed yet what was deleted.
    private var settling: Timestamp?

    /// How long file systems that free in the background may take; btrfs commits every 30 s.
    private static let settlingTime = Duration.seconds(30)

    /// Looks more often than this nowhere, and not less often where the clock alone tells that something has to be done.
    private static let (shortest, longest) = (Duration.seconds(1), Duration.seconds(60))

    /// Begins.
    ///
    /// - Parameters:
    ///   - retention: The bounds.
    ///   - folder: Where the files are.
    ///   - port: The recording's port, for events.
    ///   - report: Takes events.
    package init(
        _ retention: Retention, in folder: any RetainedFolder, port: Int,
        report: @escaping @Sendable (CameraEvent) -> Void
    ) {
        self.retention = retention
        self.folder = folder
        self.port = port
        self.report = report
    }

    /// Whether a look that only time has brought has nothing to do, so that the files need not be listed.
    func isIdle() -> Bool {
        guard retention.size == nil, retention.age == nil, retention.files == nil, let free = retention.free,
            let space = folder.space
        else { return false }
        return space.free >= free.byteCount(of: space.total)
    }

    /// The time until the next look after one that had nothing to do.
    var pause: Duration? { retention.free == nil && retention.size == nil ? nil : Self.shortest }

    /// Deletes what has to go.
    ///
    /// - Parameters:
    ///   - wanted: The bytes that a full disk did not take; nil when it is not full.
    ///   - begun: Gives the files that the recording has begun since the last round; asked for after the files were listed, so
    ///     that none of those that are listed is missing.
    /// - Returns: What was done.
    package mutating func run(wanted: Int? = nil, begun: () -> [String] = { [] }) -> Outcome {
        var files = folder.files()
        note(begun())
        take(turnsOf: &files)
        var kept: Set<String> = []
        if let newest { kept.insert(newest) }
        var outcome = Outcome()
        var wanted = wanted
        let before = settledSpace
        var removedBytes = 0
        while true {
            // What was deleted counts as free at once, so that no more goes than has to.
            let space = before.map { DiskSpace(free: $0.free + removedBytes, total: $0.total) }
            let plan = RetentionPlan(
                files, keeping: kept, within: retention, now: folder.now, space: space, wanted: wanted)
            guard !plan.removals.isEmpty else {
                tell(plan.broken)
                if removedBytes > 0, folder.freesLate { settling = .now + Self.settlingTime }
                outcome.next = next(files, kept, isBroken: !plan.broken.isEmpty)
                return outcome
            }
            var removed: Set<String> = []
            for (file, reason) in plan.removals {
                switch folder.delete(file) {
                case .done:
                    removed.insert(file.path)
                    removedBytes += file.byteCount
                    outcome.hasRemoved = true
                    report(
                        .fileRemoved(
                            splitterPort: port,
                            RemovedFile(name: file.path, bytes: file.byteCount, reason: reason)))
                case .gone: removed.insert(file.path)
                case .inUse: kept.insert(file.path)
                case .refused(let error):
                    kept.insert(file.path)
                    if toldFiles.insert(file.path).inserted { report(.retentionFailed(splitterPort: port, error)) }
                }
            }
            // The disk has to be tried now.
            if outcome.hasRemoved { wanted = nil }
            files.removeAll { removed.contains($0.path) }
        }
    }

    /// The space of the disk; nil while that may not show yet what was deleted.
    private var settledSpace: DiskSpace? {
        if let settling, .now < settling { return nil }
        return folder.space
    }

    private mutating func note(_ begun: [String]) {
        for path in begun {
            lastTurn += 1
            turns[path] = lastTurn
            newest = path
        }
    }

    /// Puts the files in their order, and forgets those that are not there any more.
    private mutating func take(turnsOf files: inout [RetainedFile]) {
        for index in files.indices { files[index].turn = turns[files[index].path] }
        files.sort { $0.isOlder(than: $1) }
        let paths = Set(files.map(\.path))
        let newest = newest
        turns = turns.filter { paths.contains($0.key) || $0.key == newest }
        toldFiles.formIntersection(paths)
    }

    /// Tells once of each bound that cannot be kept.
    private mutating func tell(_ broken: Set<RemovedFile.Reason>) {
        let news = broken.subtracting(toldBounds).subtracting([.fullDisk])
        for reason in news.sorted(by: { $0.rawValue < $1.rawValue }) {
            toldBounds.insert(reason)
            report(
                .retentionFailed(
                    splitterPort: port,
                    CameraError(
                        .output, "bounding the recording's files", subject: folder.name,
                        reason: "\(text(of: reason)), and nothing more may be deleted; the recording goes on")))
        }
    }

    private func text(of reason: RemovedFile.Reason) -> String {
        switch reason {
        case .free: "the disk has less free space than is to be kept"
        case .size: "the files take more than they may"
        case .age: "there are files that are older than they are to be kept, but in use"
        default: "there are more files than are to be kept"
        }
    }

    private func next(_ files: [RetainedFile], _ kept: Set<String>, isBroken: Bool) -> Duration? {
        // What is in use is not for ever.
        if isBroken || pause != nil { return Self.shortest }
        guard let limit = retention.age else { return nil }
        let ages = files.filter { !$0.isKept && !kept.contains($0.path) }.compactMap { $0.age(at: folder.now) }
        guard let oldest = ages.max() else { return Self.longest }
        // The clock may be set meanwhile.
        return min(max(limit - oldest, Self.shortest), Self.longest)
    }
}
