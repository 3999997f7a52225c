// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraOutputs

extension Camera {
    /// Makes what keeps the files of a recording within its bounds; nil without bounds.
    ///
    /// - Throws: `.invalidValue` for bounds that cannot be kept, and for a recording whose files cannot be told from others.
    func makeKeeper(_ request: RecordingRequest) throws(CameraError) -> RetentionKeeper? {
        guard let retention = request.retention else { return nil }
        guard request.splitting != nil, case .path(let path) = request.output else {
            throw RetentionKeeper.refusal("\(request.output)")
        }
        var companions: [String] = []
        for case (let key, .path(let companion)) in request.outputs where key != .frame { companions.append(companion) }
        return try RetentionKeeper(
            retention, path, companions: companions, isRenumbered: request.firstCounter != nil,
            port: request.splitterPort, timeout: open.parent.stopTimeout, keeping: request.keepsFile
        ) { [hub = open.hub] event in hub.send(event) }
    }
}

extension RetentionKeeper {
    /// Keeps the files of a template, with those beside them, within bounds.
    ///
    /// - Parameters:
    ///   - retention: The bounds.
    ///   - path: The template of the files' names.
    ///   - companions: Those of the names of files beside them; one that names a single file is none.
    ///   - isRenumbered: Whether the numbers of the files tell nothing about their order.
    ///   - port: The recording's port, for events and the thread's name.
    ///   - timeout: How long a thread with a full disk waits.
    ///   - keeps: Whether a file is to stay, by its path; nil where none is.
    ///   - report: Takes events.
    /// - Throws: `.invalidValue` for bounds that cannot be kept, for a path that is no template, and where the files beside a
    ///   file cannot be told from its name; `.system`.
    convenience init(
        _ retention: Retention, _ path: String, companions: [String], isRenumbered: Bool, port: Int,
        timeout: Duration, keeping keeps: (@Sendable (String) -> Bool)? = nil,
        report: @escaping @Sendable (CameraEvent) -> Void
    ) throws(CameraError) {
        try retention.validated()
        guard let template = try? FileTemplate(path), template.isSeries else { throw Self.refusal(path) }
        var series: [FileTemplate] = []
        for name in companions {
            let companion = try FileTemplate(name)
            guard companion.isSeries else { continue }
            guard companion.isTold(by: template) else {
                throw Retention.refusal(
                    name,
                    "its files go with those of the pictures, so their names need the same places: {counter} where "
                        + "'\(path)' has it, and a {timestamp} of the same pattern")
            }
            series.append(companion)
        }
        let files = RecordedFiles(
            template, companions: series, isRenumbered: isRenumbered, keeping: keeps ?? { _ in false })
        let rounds = RetentionRounds(retention, in: files, port: port, report: report)
        try self.init(rounds, port: port, timeout: timeout)
    }

    /// The error for files that are not whole ones of a template.
    static func refusal(_ subject: String) -> CameraError {
        Retention.refusal(
            subject,
            "whole files are deleted, so it needs a rule for splitting, or a ring, and a file template with {counter} or "
                + "{timestamp}")
    }
}
