// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import DequeModule
internal import Synchronization

/// An encoder object: one channel, whose frames are encoded as they are set.
final class SPEncoder: Sendable {
    private let registry: SPRegistry
    private let running = Mutex<Running?>(nil)

    private struct Running {
        let number: Int32
        let channel: EncoderChannel
        let frameByteCount: Int
        let bitRate: Int
        var frameCount = 0
        /// A stream for each frame that was set and not fetched; nil where none was small enough.
        var streams = Deque<PacketBytes?>()
    }

    /// Frames that may be set before the first is fetched.
    private static let pendingLimit = 4

    init(_ registry: SPRegistry) {
        self.registry = registry
    }

    func start(number: Int32, type: Int32, width: Int, height: Int, kilobits: Int) throws(CameraError) {
        let formats: [Int32: MediaFormat] = [1: .h264, 2: .h265, 3: .mjpeg]
        let sides = 64...4096
        guard let format = formats[type], (0..<32).contains(number), sides.contains(width), sides.contains(height),
            width.isMultiple(of: 2), height.isMultiple(of: 2), kilobits > 0
        else { throw CameraError(.invalidValue, "starting the channel") }
        try running.withLock { running throws(CameraError) in
            guard running == nil, registry.claim(number) else { throw CameraError(.busy, "starting the channel") }
            do throws(CameraError) {
                running = try Self.run(number, format, Resolution(width, height), bitRate: kilobits * 1000)
            } catch {
                registry.yield(number)
                throw error
            }
        }
    }

    private static func run(
        _ number: Int32, _ format: MediaFormat, _ size: Resolution, bitRate: Int
    ) throws(CameraError) -> Running {
        let frameByteCount = size.pixelCount * 3 / 2
        var attributes = ChannelAttributes(format: format, size: size, outputBufferCount: 1)
        // A stream must fit where a frame does; half of the frames' own rate leaves room for the largest pictures.
        let bitRate = min(bitRate, frameByteCount * 8 * 30 / 2)
        attributes.bitRate = bitRate
        attributes.options.threads = 1
        if format.hasKeyFrames {
            attributes.groupLength = 30
            // The encoder's identification alone can be longer than a small frame.
            attributes.options.sei = false
        }
        let channel = try EncoderChannel(attributes)
        try channel.start()
        return Running(number: number, channel: channel, frameByteCount: frameByteCount, bitRate: bitRate)
    }

    func stop() throws(CameraError) {
        let stopped = running.withLock { $0.take() }
        guard let stopped else { throw CameraError(.notStarted, "stopping the channel") }
        stopped.channel.close()
        registry.yield(stopped.number)
    }

    /// Encodes a frame; the stream waits for ``takeStream()``.
    func setFrame(_ bytes: UnsafeRawBufferPointer) throws(CameraError) {
        // Held while encoding, so that who fetches waits for the frame that is being set.
        try running.withLock { running throws(CameraError) in
            guard let channel = running?.channel, let limit = running?.frameByteCount,
                let time = running.map({ FrameRate(30).interval * $0.frameCount }), let bitRate = running?.bitRate
            else { throw CameraError(.notStarted, "setting a frame") }
            guard bytes.count == limit else { throw CameraError(.invalidValue, "setting a frame") }
            guard let pending = running?.streams.count, pending < Self.pendingLimit else {
                throw CameraError(.queueFull, "setting a frame")
            }
            let stream = try Self.encode(bytes, channel, at: time, bitRate: bitRate, limit: limit)
            running?.streams.append(stream)
            running?.frameCount += 1
        }
    }

    /// The stream of a frame; nil when it is too large even after encoding it again at lower rates.
    private static func encode(
        _ bytes: UnsafeRawBufferPointer, _ channel: EncoderChannel, at time: Duration, bitRate: Int, limit: Int
    ) throws(CameraError) -> PacketBytes? {
        for divisor in [1, 8, 64] {
            if divisor > 1 {
                // What was too large is not fetched, so that nothing may refer to it.
                try channel.setBitRate(max(bitRate / divisor, 1000))
                try channel.requestKeyFrame()
            }
            try channel.send(bytes.bytes, at: time, timeout: nil)
            guard let stream = try channel.receive() else { return nil }
            if stream.bytes.count <= limit {
                if divisor > 1 { try channel.setBitRate(bitRate) }
                return stream.bytes
            }
        }
        try channel.setBitRate(bitRate)
        try channel.requestKeyFrame()
        return nil
    }

    /// The oldest stream; nil when no frame is pending, or when it was too large.
    func takeStream() -> PacketBytes? {
        running.withLock { running in running?.streams.popFirst() ?? nil } ?? nil
    }
}
