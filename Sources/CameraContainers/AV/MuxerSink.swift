// SPDX-License-Identifier: MIT

#if Containers

internal import CAVFormat
internal import CameraCore
internal import CameraOutputs

/// Collects what a muxer writes, and hands it to an output in one piece for each picture.
final class MuxerSink {
    private let target: OpenedOutput
    private let file: FileOutput?
    private var pending: [UInt8] = []
    /// Where the next bytes go to, and where the file ends with those that are pending.
    private var (place, end) = (0, 0)
    /// What the output failed with, which libavformat knows only as a number.
    private(set) var error: CameraError?
    private var latest: PacketInfo
    /// What a transport stream wants between pictures that are far apart; nil for other containers.
    private var clock: TransportClock?

    /// - Parameters:
    ///   - target: Where the bytes go; what is in front of the end is changed only in files.
    ///   - kind: The container.
    ///   - first: What is known about the first picture.
    init(_ target: OpenedOutput, _ kind: ContainerKind, _ first: PacketInfo) {
        self.target = target
        file = target.file.flatMap { $0.canBeWrittenOver ? $0 : nil }
        latest = first
        clock = kind == .transportStream ? TransportClock() : nil
    }

    /// Whether bytes that were written can be replaced.
    var canSeek: Bool { file != nil }

    static func from(_ owner: UnsafeMutableRawPointer?) -> MuxerSink {
        guard let owner else { preconditionFailure("libavformat lost its owner") }
        return Unmanaged<MuxerSink>.fromOpaque(owner).takeUnretainedValue()
    }

    /// Takes bytes from libavformat.
    func take(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
        guard error == nil else { return cav_error_io }
        guard count > 0, let bytes else { return 0 }
        let buffer = UnsafeBufferPointer(start: bytes, count: count)
        if place == end {
            pending.append(contentsOf: buffer)
            end += count
        } else {
            do throws(CameraError) {
                try replace(Array(buffer))
            } catch {
                self.error = error
                return cav_error_io
            }
        }
        place += count
        return Int32(count)
    }

    /// Replaces bytes in front of the end, and appends those that go beyond it.
    private func replace(_ bytes: [UInt8]) throws(CameraError) {
        try flush(latest)
        let inside = min(bytes.count, end - place)
        try file?.writeOver(Array(bytes[..<inside]), at: place)
        pending.append(contentsOf: bytes[inside...])
        end += bytes.count - inside
    }

    /// Moves to another place, or tells the size.
    func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        let base: Int
        switch whence & ~cav_seek_force {
        case cav_seek_size: return Int64(end)
        case SEEK_SET: base = 0
        case SEEK_CUR: base = place
        case SEEK_END: base = end
        default: return Int64(cav_error_invalid)
        }
        let target = base + Int(offset)
        guard (0...end).contains(target) else { return Int64(cav_error_invalid) }
        place = target
        return Int64(target)
    }

    /// Hands over what is pending.
    ///
    /// - Throws: What the output throws.
    func flush(_ info: PacketInfo) throws(CameraError) {
        latest = info
        guard !pending.isEmpty else { return }
        defer { pending.removeAll(keepingCapacity: true) }
        if let missing = clock?.packets(before: pending), !missing.isEmpty {
            pending.insert(contentsOf: missing, at: 0)
            place += missing.count
            end += missing.count
        }
        do {
            try target.output.write(pending.span.bytes, info)
        } catch {
            let failure = CameraError(wrapping: error, as: .output, "writing the container", subject: target.name)
            self.error = failure
            throw failure
        }
    }
}

#endif
