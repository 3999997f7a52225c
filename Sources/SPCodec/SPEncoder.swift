// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraEncoders
internal import DequeModule

/// An encoder object: one channel, whose frames are encoded as they are set.
final class SPEncoder: Sendable {
    private let registry: SPRegistry
    private let state = Monitor(State())

    private struct State {
        var running: Running?
        /// Whether a thread encodes a frame now; others wait for their turn.
        var isEncoding = false
    }

    private struct Running {
        let number: Int32
        let channel: EncoderChannel
        let frameByteCount: Int
        /// Bytes that a stream may have.
        let limit: Int
        let bitRate: Int
        var frameCount = 0
        /// A stream for each frame that was set and not fetched; nil where none was small enough.
        var streams = Deque<PacketBytes?>()
    }

    /// Frames that may be set before the first is fetched, and how long setting another waits for room.
    private static let (pendingLimit, roomTimeout) = (7, Duration.seconds(3))
    /// How long fetching waits for a frame to be set and encoded.
    private static let streamTimeout = Duration.seconds(2)

    init(_ registry: SPRegistry) {
        self.registry = registry
    }

    func start(number: Int32, type: Int32, width: Int, height: Int, kilobits: Int) throws(CameraError) {
        let formats: [Int32: MediaFormat] = [1: .h264, 2: .h265, 3: .mjpeg]
        let sides = 64...4096
        guard let format = formats[type], (0..<32).contains(number), sides.contains(width), sides.contains(height),
            width.isMultiple(of: 2), height.isMultiple(of: 2), kilobits > 0
        else { throw CameraError(.invalidValue, "starting the channel") }
        guard registry.claim(number) else { throw CameraError(.busy, "starting the channel") }
        do throws(CameraError) {
            let made = try Self.run(number, format, Resolution(width, height), bitRate: kilobits * 1000)
            let isFirst = state.update { state in
                guard state.running == nil else { return false }
                state.running = made
                return true
            }
            guard isFirst else {
                made.channel.close()
                throw CameraError(.busy, "starting the channel")
            }
        } catch {
            registry.yield(number)
            throw error
        }
    }

    private static func run(
        _ number: Int32, _ format: MediaFormat, _ size: Resolution, bitRate: Int
    ) throws(CameraError) -> Running {
        // What programs of the boards allocate: a byte for each pixel, in whole pages.
        let limit = size.pixelCount / 4096 * 4096
        var attributes = ChannelAttributes(format: format, size: size, outputBufferCount: 1)
        // Half of what fits leaves room for the largest pictures.
        let bitRate = min(bitRate, limit * 8 * 30 / 2)
        attributes.bitRate = bitRate
        attributes.libraryThreads = 1
        if format.hasKeyFrames { attributes.keyFrameInterval = 30 }
        let channel = try EncoderChannel(attributes)
        try channel.start()
        return Running(
            number: number, channel: channel, frameByteCount: size.pixelCount * 3 / 2, limit: limit, bitRate: bitRate)
    }

    func stop() throws(CameraError) {
        let stopped = state.update { $0.running.take() }
        guard let stopped else { throw CameraError(.notStarted, "stopping the channel") }
        stopped.channel.close()
        registry.yield(stopped.number)
    }

    /// Encodes a frame; the stream waits for ``takeStream()``.
    func setFrame(_ bytes: UnsafeRawBufferPointer) throws(CameraError) {
        let operation = "setting a frame"
        let turn = try state.waitAndUpdate(until: .now + Self.roomTimeout) { state throws(CameraError) -> Running? in
            guard let running = state.running else { throw CameraError(.notStarted, operation) }
            guard bytes.count == running.frameByteCount else { throw CameraError(.invalidValue, operation) }
            guard !state.isEncoding, running.streams.count < Self.pendingLimit else { return nil }
            state.isEncoding = true
            return running
        }
        guard let turn else { throw CameraError(.queueFull, operation) }
        let result = Self.encode(bytes, turn)
        state.update { state in
            state.isEncoding = false
            // Who stopped the channel meanwhile wants nothing of it.
            guard state.running?.channel === turn.channel, case .success(let stream) = result else { return }
            state.running?.streams.append(stream)
            state.running?.frameCount += 1
        }
        _ = try result.get()
    }

    /// The stream of a frame; nil when it is too large even after encoding it again at lower rates.
    private static func encode(
        _ bytes: UnsafeRawBufferPointer, _ running: Running
    ) -> Result<PacketBytes?, CameraError> {
        let channel = running.channel
        let time = FrameRate(30).interval * running.frameCount
        do throws(CameraError) {
            for divisor in [1, 8, 64] {
                if divisor > 1 {
                    // What was too large is not fetched, so that nothing may refer to it. An encoder of the kernel may not
                    // have so low a rate; it tries again with the one that it has.
                    try? channel.setBitRate(max(running.bitRate / divisor, 1000))
                    try channel.requestKeyFrame()
                }
                try channel.send(bytes.bytes, at: time, timeout: nil)
                guard let stream = try channel.receive(timeout: streamTimeout) else { return .success(nil) }
                if stream.bytes.count <= running.limit {
                    if divisor > 1 { try channel.setBitRate(running.bitRate) }
                    return .success(stream.bytes)
                }
            }
            try channel.setBitRate(running.bitRate)
            try channel.requestKeyFrame()
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }

    /// The oldest stream; nil when none came in time, when it was too large, or without a channel.
    func takeStream() -> PacketBytes? {
        let found = state.waitAndUpdate(until: .now + Self.streamTimeout) { state -> PacketBytes?? in
            guard state.running != nil else { return .some(nil) }
            return state.running?.streams.popFirst()
        }
        return found ?? nil
    }
}
