// SPDX-License-Identifier: MIT

internal import CameraKit
internal import Synchronization

/// The names of the files that a ring is written to, and of those beside them.
struct RingNames: Sendable {
    /// The pictures' files.
    let pictures: FileTemplate
    private let times: FileTemplate?
    private let metadata: FileTemplate?
    private let series: FileSeries
    private let sync: SyncPolicy

    /// Takes the names that a command gives.
    init(_ command: Record, _ series: FileSeries) throws(CameraError) {
        pictures = try FileTemplate(command.output)
        times = try Self.template(command.savePts)
        metadata = try Self.template(command.metadata)
        sync = command.sync ?? .none
        self.series = series
    }

    private static func template(_ path: String?) throws(CameraError) -> FileTemplate? {
        guard let path else { return nil }
        return try FileTemplate(path)
    }

    /// The place of the files whose first picture was taken at a moment.
    func place(at moment: WallTime) throws(CameraError) -> FileSeries.Place {
        try series.place(for: templates, at: moment)
    }

    private var templates: [FileTemplate] { [pictures, times, metadata].compactMap(\.self) }

    /// Opens the files of a place.
    func open(
        _ place: FileSeries.Place, _ report: @escaping @Sendable (FileSummary) -> Void
    ) throws(CameraError) -> RecordedFile {
        let main = try OpenedOutput(.path(pictures.name(of: place)), sync: sync)
        var beside: [OpenedOutput] = []
        do throws(CameraError) {
            if let times {
                let target = try OpenedOutput(.path(times.name(of: place)), sync: sync)
                beside.append(OpenedOutput(PTSOutput(target), isOwned: true, name: target.name))
            }
            if let metadata {
                let target = try OpenedOutput(.path(metadata.name(of: place)), sync: sync)
                beside.append(OpenedOutput(MetadataOutput(target), isOwned: true, name: target.name))
            }
        } catch {
            for output in [main] + beside { output.discard() }
            throw error
        }
        series.use(place, for: templates)
        return RecordedFile(main, beside: beside, finish: report)
    }
}

/// A file that is opened when its first picture comes, whose moment its name tells.
final class RingFile: DiscardableOutput, CompositeOutput, FileBacked, CustomStringConvertible {
    private let names: RingNames
    private let report: @Sendable (FileSummary) -> Void
    private let state = Mutex(State())

    private struct State {
        var stream: StreamDescription?
        /// What the file is called, from when it is being opened.
        var name: String?
        var opened: RecordedFile?
    }

    init(_ names: RingNames, _ report: @escaping @Sendable (FileSummary) -> Void) {
        self.names = names
        self.report = report
    }

    private var opened: RecordedFile? { state.withLock { $0.opened } }

    var file: FileOutput? { opened?.file }

    var description: String { state.withLock { $0.name } ?? "the ring's file" }

    var awaited: String? { opened?.awaited ?? description }

    func begin(_ stream: StreamDescription) {
        state.withLock { $0.stream = stream }
    }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        try file(from: info).write(bytes, info)
    }

    func write(_ packet: Packet) throws {
        try file(from: packet.info).write(packet)
    }

    func end() throws { try opened?.end() }

    func flush() throws { try opened?.flush() }

    func close() throws { try opened?.close() }

    func discard() { opened?.discard() }

    /// The file, which is opened for the first picture.
    private func file(from info: PacketInfo) throws -> RecordedFile {
        if let opened { return opened }
        let place = try names.place(at: info.wallTime)
        state.withLock { $0.name = names.pictures.name(of: place) }
        let file = try names.open(place, report)
        let stream = state.withLock { state in
            state.opened = file
            return state.stream
        }
        if let stream { try file.begin(stream) }
        return file
    }
}
