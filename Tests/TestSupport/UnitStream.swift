// SPDX-License-Identifier: MIT

package import CameraCore
internal import Foundation
internal import Synchronization

/// A camera that sends the pictures of a file of H.264 or H.265, as ffprobe takes it apart; it waits for its consumers.
package final class UnitStream: VideoSource {
    package let name = "units"
    package let canWait = true
    package let streams: [VideoStream]
    /// The pictures.
    package let pictures: [[UInt8]]
    private let first: Int
    private let state: Mutex<(next: Int, isInterrupted: Bool)>

    /// Has ffmpeg make a stream of its test picture.
    ///
    /// - Parameters:
    ///   - folder: Where the file goes.
    ///   - encoder: ffmpeg's encoder and its options.
    ///   - format: What it makes: `.h264` or `.h265`.
    ///   - count: The number of pictures.
    ///   - first: The picture to begin with, as when a recording begins in the midst of a stream.
    /// - Throws: When ffmpeg or ffprobe cannot be started, or their output cannot be read.
    package init(
        in folder: TemporaryFolder, encoder: [String], format: PixelFormat, count: Int, from first: Int = 0
    ) throws {
        let path = folder.path("stream.\(format == .h264 ? "h264" : "h265")")
        let source = ["-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=size=160x128:rate=25"]
        _ = try run("ffmpeg", source + ["-frames:v", "\(count)", "-pix_fmt", "yuv420p"] + encoder + [path])
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let packets = try run(
            "ffprobe", ["-v", "error", "-show_entries", "packet=pos,size", "-of", "csv=p=0", path]
        ).text
        pictures = packets.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: ",").compactMap { Int($0) }
            guard numbers.count == 2, numbers[0] + numbers[1] <= bytes.count else { return nil }
            return Array(bytes[numbers[1]..<numbers[1] + numbers[0]])
        }
        streams = [VideoStream(format: format, size: Resolution(160, 128), frameRate: 25, color: .bt601)]
        self.first = first
        state = Mutex((first, false))
    }

    package func configure(_ request: SourceConfiguration) {}
    package func start() { state.withLock { $0.isInterrupted = false } }
    package func interrupt() { state.withLock { $0.isInterrupted = true } }
    package func stop() {}
    package func close() {}

    package func next(timeout: Duration?) -> SourceEvent {
        let number = state.withLock { state -> Int? in
            if state.isInterrupted { return nil }
            defer { state.next = min(state.next + 1, pictures.count) }
            return state.next
        }
        guard let number else { return .interrupted }
        guard number < pictures.count, let bytes = BytePool().take(pictures[number].count) else { return .ended }
        pictures[number].withUnsafeBytes { picture in
            if let start = picture.baseAddress {
                bytes.baseAddress.copyMemory(from: start, byteCount: picture.count)
            }
        }
        let count = pictures[number].count
        let info = FrameInfo(
            timestamp: Timestamp(nanoseconds: 1 + Int64(number) * 40_000_000), wallTime: .now,
            sequence: UInt64(number))
        return .frame(
            Frame(
                format: streams[0].format, size: streams[0].size, color: streams[0].color, info: info,
                planes: [
                    Frame.Plane(baseAddress: UnsafeRawPointer(bytes.baseAddress), byteCount: count, stride: count)
                ], owner: bytes))
    }
}
