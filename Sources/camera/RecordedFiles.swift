// SPDX-License-Identifier: MIT

internal import CameraKit

/// Records compressed video into files with an account.
final class AccountedVideoEncoder: CookedVideoEncoder, @unchecked Sendable {
    private let report: @Sendable (FileSummary) -> Void

    init(_ configuration: EncoderConfiguration, report: @escaping @Sendable (FileSummary) -> Void) throws {
        self.report = report
        try super.init(configuration)
    }

    override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        let opened = try super.openOutput(target, key: key)
        return key == .frame ? OpenedOutput(accounting: opened, report) : opened
    }
}

/// Records raw video into files with an account.
final class AccountedRawEncoder: RawVideoEncoder, @unchecked Sendable {
    private let report: @Sendable (FileSummary) -> Void

    init(_ configuration: EncoderConfiguration, report: @escaping @Sendable (FileSummary) -> Void) throws {
        self.report = report
        try super.init(configuration)
    }

    override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        let opened = try super.openOutput(target, key: key)
        return key == .frame ? OpenedOutput(accounting: opened, report) : opened
    }
}

extension OpenedOutput {
    /// An output with an account, which is told when it is complete.
    fileprivate init(accounting output: OpenedOutput, _ report: @escaping @Sendable (FileSummary) -> Void) {
        self.init(RecordedFile(output, finish: report), isOwned: true, name: output.name)
    }
}
