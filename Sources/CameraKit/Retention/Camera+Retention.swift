// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import CameraOutputs

extension Camera {
    /// Makes what keeps the files of a recording within its bounds; nil without bounds.
    ///
    /// - Throws: `.invalidValue` for bounds that cannot be kept, and for a recording whose files cannot be told from others.
    func makeKeeper(_ request: RecordingRequest) throws(CameraError) -> RetentionKeeper? {
        guard let retention = try request.retention?.validated() else { return nil }
        let operation = "bounding the recording's files"
        guard request.splitting != nil, case .path(let path) = request.output, let template = try? FileTemplate(path),
            template.isSeries
        else {
            throw CameraError(
                .invalidValue, operation, subject: "\(request.output)",
                reason: "whole files are deleted, so it needs a rule for splitting and a file template with {counter} "
                    + "or {timestamp}")
        }
        var companions: [FileTemplate] = []
        for case (let key, .path(let path)) in request.outputs where key != .frame {
            let companion = try FileTemplate(path)
            guard companion.isSeries else { continue }
            guard companion.isTold(by: template) else {
                throw CameraError(
                    .invalidValue, operation, subject: path,
                    reason: "its files go with those of the pictures, so their names need the same places: {counter} "
                        + "where '\(request.output)' has it, and a {timestamp} of the same pattern")
            }
            companions.append(companion)
        }
        let files = RecordedFiles(template, companions: companions, isRenumbered: request.firstCounter != nil)
        let rounds = RetentionRounds(retention, in: files, port: request.splitterPort) { [hub = open.hub] event in
            hub.send(event)
        }
        return try RetentionKeeper(rounds, port: request.splitterPort, timeout: open.parent.stopTimeout)
    }
}
