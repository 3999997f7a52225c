// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Synchronization

/// A camera that encodes by itself: numbered pictures as H.264, by libx264.
final class CodedCamera: VideoSource {
    /// How it behaves.
    struct Manner: Sendable {
        /// Frames from one key frame to the next.
        var keyFrameInterval = 7
        /// Whether it can be asked for a key frame.
        var makesKeyFramesOnRequest = false
        /// Whether parameter sets come with the first picture only.
        var sendsParameterSetsOnce = false
        /// Frames before its first key frame, as when a recording begins in the midst of a stream.
        var framesBeforeKeyFrame = 0
        /// Whether it stands still until its frames are taken; otherwise it sends those that are allowed, at once.
        var canWait = true
        var frameLimit: Int?
    }

    static let size = Resolution(160, 120)

    let name = "coded"
    let canWait: Bool
    private let manner: Manner
    private let pictures: TestCamera
    private let codec = X264Codec()
    private let state: Monitor<State>

    private struct State {
        var allowed: Int
        var sent: [[UInt8]] = []
        var requests = 0
        var wantsKeyFrame = false
        var isInterrupted = false
        var latest: EncodedFrame?
        var parameterSets: [UInt8] = []
        var index: Int64 = 0
        var gap = 0
    }

    init(_ manner: Manner = Manner()) throws {
        self.manner = manner
        canWait = manner.canWait
        state = Monitor(State(allowed: manner.canWait ? .max : 0))
        pictures = try TestCamera(
            resolution: Self.size, frameRate: 30, pacing: .none, numbered: true, frameLimit: manner.frameLimit)
        let stream = pictures.streams[0]
        let sets = try codec.configure(
            CodecConfiguration(
                format: .h264, inputFormat: stream.format, size: stream.size, frameRate: stream.frameRate,
                color: stream.color,
                options: EncoderOptions { options in
                    options.preset = "ultrafast"
                    options.tune = "zerolatency"
                    options.keyFrameInterval = 0
                    options.inlineHeaders = !manner.sendsParameterSetsOnce
                    options.quality = 30
                }),
            deliver: { [state] in
                guard case .success(let packet) = $0 else { return }
                state.withLock { $0.latest = packet }
            })
        state.withLock { $0.parameterSets = sets }
    }

    /// What it sent, in order.
    var sent: [[UInt8]] { state.withLock { $0.sent } }

    /// Times that it was asked for a key frame.
    var requests: Int { state.withLock { $0.requests } }

    /// Lets a camera that does not wait send so many more frames.
    func allow(_ count: Int) { state.update { $0.allowed += count } }

    /// Frames that are allowed and were not sent yet.
    var remaining: Int { state.withLock { $0.allowed } }

    /// Leaves out frames, as a driver that loses them.
    func lose(_ count: Int) { state.update { $0.gap += count } }

    var streams: [VideoStream] {
        var stream = pictures.streams[0]
        stream.format = .h264
        return [stream]
    }

    func configure(_ request: SourceConfiguration) {}

    func start() throws {
        state.withLock { $0.isInterrupted = false }
        pictures.start()
        // The key frame that the first frames need is not sent.
        if manner.framesBeforeKeyFrame > 0 { _ = try encode(isSent: false) }
    }

    func next(timeout: Duration?) throws -> SourceEvent {
        let mayGo = state.wait(until: .deadline(after: timeout)) { state -> Bool? in
            if state.isInterrupted { return false }
            return state.allowed > 0 ? true : nil
        }
        guard let mayGo else { return .timedOut }
        guard mayGo else { return .interrupted }
        defer { if !canWait { state.update { $0.allowed -= 1 } } }
        while state.withLock({ $0.gap > 0 }) {
            _ = try encode(isSent: false)
            state.withLock { $0.gap -= 1 }
        }
        return try encode(isSent: true) ?? .ended
    }

    /// Encodes the next picture.
    private func encode(isSent: Bool) throws -> SourceEvent? {
        guard case .frame(let picture) = pictures.next(timeout: nil) else { return nil }
        let firstKey = manner.framesBeforeKeyFrame > 0 ? Int64(manner.framesBeforeKeyFrame) + 1 : 0
        let (index, isKey) = state.withLock { state in
            defer {
                state.index += 1
                state.wantsKeyFrame = false
            }
            let isDue = state.index >= firstKey && (state.index - firstKey) % Int64(manner.keyFrameInterval) == 0
            return (state.index, isDue || state.index == 0 || state.wantsKeyFrame)
        }
        try codec.encode(picture, index: index, asKeyFrame: isKey)
        let bytes = state.withLock { state -> [UInt8]? in
            guard let packet = state.latest.take() else { return nil }
            let own = [UInt8](UnsafeRawBufferPointer(start: packet.bytes.baseAddress, count: packet.bytes.count))
            let bytes = (manner.sendsParameterSetsOnce && state.sent.isEmpty ? state.parameterSets : []) + own
            if isSent { state.sent.append(bytes) }
            return bytes
        }
        guard let bytes else { return nil }
        let memory = HeldBytes(bytes)
        let plane = Frame.Plane(baseAddress: memory.baseAddress, byteCount: bytes.count, stride: bytes.count)
        return .frame(
            Frame(
                format: .h264, size: Self.size, color: picture.color, info: picture.info, planes: [plane],
                owner: memory, isLoan: true))
    }

    func requestKeyFrame() -> Bool {
        state.withLock { state in
            state.requests += 1
            if manner.makesKeyFramesOnRequest { state.wantsKeyFrame = true }
        }
        return manner.makesKeyFramesOnRequest
    }

    func interrupt() { state.update { $0.isInterrupted = true } }

    func stop() { pictures.stop() }

    func close() {
        codec.close()
        pictures.close()
    }
}

/// Bytes that are overwritten when the last frame that shows them goes, as a driver does.
private final class HeldBytes: @unchecked Sendable {
    // Unchecked: written before it is shared, and after nobody has it any more.
    private let memory: UnsafeMutablePointer<UInt8>
    private let count: Int

    init(_ bytes: [UInt8]) {
        count = bytes.count
        memory = .allocate(capacity: max(count, 1))
        for (index, byte) in bytes.enumerated() { memory[index] = byte }
    }

    var baseAddress: UnsafeRawPointer { UnsafeRawPointer(memory) }

    deinit {
        memory.update(repeating: 0xDD, count: count)
        memory.deallocate()
    }
}
#endif
