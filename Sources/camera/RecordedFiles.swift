// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Synchronization

/// Opens the outputs of a recording, and keeps account of them.
final class RecordedFiles: Sendable {
    private let sync: SyncPolicy
    private let times: FileTemplate?
    private let metadata: FileTemplate?
    private let report: @Sendable (FileSummary) -> Void
    private let state = Mutex(State())

    private struct State {
        var opened = 0
        /// Files among them that got a picture.
        var begun = 0
        /// Files whose last sync may not be done.
        var syncing: [FileOutput] = []
        var syncError: CameraError?
    }

    /// Prepares for opening files.
    ///
    /// - Parameters:
    ///   - sync: When files go to the disk.
    ///   - times: The names of the files for the pictures' times; nil for none.
    ///   - metadata: The names of the files for what is known about the pictures; nil for none.
    ///   - report: Called for each file when it is complete.
    init(
        sync: SyncPolicy, times: FileTemplate?, metadata: FileTemplate?,
        report: @escaping @Sendable (FileSummary) -> Void
    ) {
        self.sync = sync
        self.times = times
        self.metadata = metadata
        self.report = report
    }

    /// The number of the next file, once none is open: those that were opened ahead in vain do not count.
    func nextNumber() -> Int {
        state.withLock { state in
            state.opened = state.begun
            return state.begun + 1
        }
    }

    /// Opens an output, and the files for its times and its pictures' metadata beside it.
    func open(_ target: OutputTarget) throws(CameraError) -> RecordedFile {
        let number = state.withLock { state in
            state.opened += 1
            return state.opened
        }
        let (main, isOwned) = try openMain(target)
        var beside: [any DiscardableOutput] = []
        do throws(CameraError) {
            if let times { beside.append(try PTSOutput(path: times.name(counter: number))) }
            if let metadata { beside.append(try MetadataOutput(path: metadata.name(counter: number))) }
            let begin: @Sendable () -> Void = { [self] in state.withLock { $0.begun += 1 } }
            return RecordedFile(
                main, path: "\(target)", isOwned: isOwned, beside: beside, begin: begin, finish: report)
        } catch {
            if isOwned { (main as? any DiscardableOutput)?.discard() }
            for output in beside { output.discard() }
            throw error
        }
    }

    private func openMain(_ target: OutputTarget) throws(CameraError) -> (output: any Output, isOwned: Bool) {
        switch target {
        case .output(let output): return (output, false)
        case .path(let path):
            let file = try FileOutput(path: path, sync: sync)
            if sync != .none {
                forgetSynced(until: .now)
                state.withLock { $0.syncing.append(file) }
            }
            return (file, true)
        }
    }

    /// Waits until the closed files are on the disk, as far as that was asked for.
    ///
    /// - Throws: The first error that syncing met after its file was closed; `.timedOut`.
    func waitForSync(timeout: Duration) throws(CameraError) {
        forgetSynced(until: .now + timeout)
        let (syncing, error) = state.withLock { ($0.syncing, $0.syncError) }
        if let error { throw error }
        if let file = syncing.first {
            throw CameraError(
                .timedOut, "syncing the output to the disk", subject: file.path,
                reason: "it took longer than \(timeout)")
        }
    }

    private func forgetSynced(until deadline: Timestamp) {
        let files = state.withLock { $0.syncing }
        var waiting: [FileOutput] = []
        var failure: CameraError?
        for file in files {
            do throws(CameraError) {
                if try !file.waitUntilClosed(until: deadline) { waiting.append(file) }
            } catch {
                failure = failure ?? error
            }
        }
        state.withLock { state in
            // Others may have been opened meanwhile.
            state.syncing.removeAll { file in files.contains { $0 === file } && !waiting.contains { $0 === file } }
            state.syncError = state.syncError ?? failure
        }
    }
}

/// Records compressed video into files with an account.
final class AccountedVideoEncoder: CookedVideoEncoder, @unchecked Sendable {
    private let files: RecordedFiles

    init(_ configuration: EncoderConfiguration, files: RecordedFiles) throws {
        self.files = files
        try super.init(configuration)
    }

    override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        guard key == .frame else { return try super.openOutput(target, key: key) }
        return OpenedOutput(try files.open(target), isOwned: true, name: "\(target)")
    }
}

/// Records raw video into files with an account.
final class AccountedRawEncoder: RawVideoEncoder, @unchecked Sendable {
    private let files: RecordedFiles

    init(_ configuration: EncoderConfiguration, files: RecordedFiles) throws {
        self.files = files
        try super.init(configuration)
    }

    override func openOutput(_ target: OutputTarget, key: OutputKey) throws -> OpenedOutput {
        guard key == .frame else { return try super.openOutput(target, key: key) }
        return OpenedOutput(try files.open(target), isOwned: true, name: "\(target)")
    }
}
