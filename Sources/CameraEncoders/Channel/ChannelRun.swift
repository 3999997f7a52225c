// SPDX-License-Identifier: MIT

internal import CameraCodecs
internal import CameraCore

/// A channel's work from a start to a stop: brings frames into the codec, one at a time.
final class ChannelRun: Sendable {
    /// What came out.
    let output: ChannelOutput
    /// What frames must be like to need no conversion.
    let input: (format: PixelFormat, color: ColorSpace)
    private let attributes: ChannelAttributes
    private let codec: any Codec
    private let stage: ConversionStage
    private let pool = BytePool()
    private let state: Monitor<State>

    private struct State {
        /// Whether a thread drives the codec now.
        var isTaken = false
        /// The number of the next frame that enters the codec.
        var entered: Int64 = 0
        var wantsKeyFrame = false
        var matcher: FrameRateMatcher
        /// A frame of which a part was sent.
        var partial: Partial?
    }

    private struct Partial {
        let bytes: PooledBytes
        var count: Int
        let time: Duration
    }

    /// Configures a codec.
    ///
    /// - Throws: What the codec cannot do of the attributes.
    init(_ codec: any Codec, _ attributes: ChannelAttributes, _ stage: ConversionStage) throws(CameraError) {
        let color = codec.inputColor(for: attributes.color)
        let format: PixelFormat = codec.inputFormats.contains(.nv12) ? .nv12 : codec.inputFormats[0]
        let output = ChannelOutput(limit: attributes.outputBufferCount)
        var options = attributes.encoderOptions
        if !(codec is V4L2Codec) { options.threads = options.threads ?? attributes.libraryThreads }
        _ = try codec.configure(
            CodecConfiguration(
                format: attributes.format, inputFormat: format, size: attributes.size,
                frameRate: attributes.frameRate, color: color, options: options),
            deliver: { output.deliver($0) })
        self.attributes = attributes
        self.codec = codec
        self.stage = stage
        self.output = output
        input = (format, color)
        state = Monitor(
            State(matcher: FrameRateMatcher(from: attributes.sourceFrameRate, to: attributes.frameRate)))
    }

    deinit {
        codec.close()
    }

    /// The size of the pictures.
    var size: Resolution { attributes.size }

    /// What makes the packets: "libx264".
    var codecName: String { codec.name }

    /// Whether memory that is sent must outlast the call, since the codec reads it later.
    private func keeps(_ format: PixelFormat) -> Bool {
        !codec.copiesFrames && input.format == format && input.color == attributes.color
    }

    /// Encodes a frame whose memory is the caller's for the time of the call.
    func send(lent frame: Frame, at time: Duration, until deadline: Timestamp?) throws(CameraError) {
        guard keeps(frame.format) else { return try send(frame, at: time, until: deadline) }
        guard let copy = frame.copy(from: pool) else {
            throw CameraError(.system, "sending a frame", reason: "no memory left in the pool")
        }
        try send(copy, at: time, until: deadline)
    }

    /// Encodes a frame, or leaves it out or repeats it, as the rates want it.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - time: When it is shown.
    ///   - deadline: How long to wait for room and for others who send; nil without an end.
    ///   - isGivenUp: Whether nobody wants the frame any more; asked again after `output.look()`.
    /// - Throws: `.invalidValue` for another size; `.queueFull`; what the codec failed with; what ended the channel.
    func send(
        _ frame: Frame, at time: Duration, until deadline: Timestamp?, unless isGivenUp: () -> Bool = { false }
    ) throws(CameraError) {
        guard frame.size == attributes.size else {
            throw CameraError(
                .invalidValue, "sending a frame",
                reason: "it is \(frame.size), but the channel was made for \(attributes.size)")
        }
        var isSent = false
        while !isSent {
            // Others may use the codec meanwhile; one of them may take the room.
            try output.waitForRoom(until: deadline, unless: isGivenUp)
            isSent = try whileDriving(until: deadline) { () throws(CameraError) in
                guard output.hasRoom else { return false }
                let times = state.withLock { $0.matcher.times(of: time) }
                guard !times.isEmpty else { return true }
                let prepared = try stage.convert(frame, to: input.format, size: attributes.size, color: input.color)
                for time in times { try encode(prepared, at: time) }
                return true
            }
        }
    }

    private func encode(_ frame: Frame, at time: Duration) throws(CameraError) {
        let (index, isKeyFrame) = state.withLock { state in
            defer { state.wantsKeyFrame = false }
            return (state.entered, state.wantsKeyFrame)
        }
        output.expect(index, at: time)
        do throws(CameraError) {
            try codec.encode(frame, index: index, asKeyFrame: isKeyFrame)
        } catch {
            output.forget(index)
            if isKeyFrame { requestKeyFrame() }
            throw error
        }
        state.withLock { $0.entered += 1 }
    }

    /// Encodes packed NV12, of which there may be only a part yet.
    func send(_ bytes: UnsafeRawBufferPointer, at time: Duration, until deadline: Timestamp?) throws(CameraError) {
        guard let whole = PixelFormat.nv12.byteCount(of: attributes.size), !bytes.isEmpty,
            let start = bytes.baseAddress
        else { throw CameraError(.invalidValue, "sending a frame", reason: "it has no bytes") }
        let pending = state.withLock { $0.partial?.count ?? 0 }
        guard pending + bytes.count <= whole else {
            throw CameraError(
                .invalidValue, "sending a frame",
                reason: "a frame of \(attributes.size) in nv12 has \(whole) bytes, but \(pending + bytes.count) came")
        }
        if pending == 0, bytes.count == whole, !keeps(.nv12) {
            return try send(packed(at: start, Lender(), time), at: time, until: deadline)
        }
        let partial = try state.withLock { state throws(CameraError) -> Partial in
            guard var partial = state.partial ?? pool.take(whole).map({ Partial(bytes: $0, count: 0, time: time) })
            else { throw CameraError(.system, "sending a frame", reason: "no memory left in the pool") }
            (partial.bytes.baseAddress + partial.count).copyMemory(from: start, byteCount: bytes.count)
            partial.count += bytes.count
            state.partial = partial.count < whole ? partial : nil
            return partial
        }
        guard partial.count == whole else { return }
        do throws(CameraError) {
            try send(
                packed(at: partial.bytes.baseAddress, partial.bytes, partial.time), at: partial.time, until: deadline)
        } catch {
            // The caller sends its part again.
            state.withLock { state in
                guard pending > 0, state.partial == nil else { return }
                state.partial = Partial(bytes: partial.bytes, count: pending, time: partial.time)
            }
            throw error
        }
    }

    /// Keeps nothing alive: the memory is the caller's for the time of a call.
    private final class Lender: Sendable {}

    /// A frame of packed NV12.
    private func packed(
        at start: UnsafeRawPointer, _ owner: any AnyObject & Sendable, _ time: Duration
    ) -> Frame {
        let (width, height) = (attributes.size.width, attributes.size.height)
        // Rows of chroma hold whole pairs, as PixelFormat lays them out.
        let chromaStride = (width + 1) / 2 * 2
        let planes = [
            Frame.Plane(baseAddress: start, byteCount: width * height, stride: width),
            Frame.Plane(
                baseAddress: start + width * height, byteCount: chromaStride * ((height + 1) / 2), stride: chromaStride),
        ]
        return Frame(
            format: .nv12, size: attributes.size, color: attributes.color,
            info: FrameInfo(timestamp: Timestamp(nanoseconds: time.nanoseconds), wallTime: .now, sequence: 0),
            planes: planes, owner: owner)
    }

    func requestKeyFrame() {
        state.withLock { $0.wantsKeyFrame = true }
    }

    func setBitRate(_ bitRate: Int) throws(CameraError) {
        try whileDriving(until: nil) { () throws(CameraError) in try codec.setBitRate(bitRate) }
    }

    /// Ends the work of a link whose camera failed: what was encoded can be received, then follows the error.
    func finish(_ error: CameraError) {
        // The camera's error counts.
        try? whileDriving(until: nil) { () throws(CameraError) in try codec.drain() }
        output.finish(error)
    }

    /// Has the codec give out all frames that it holds.
    ///
    /// - Throws: `.invalidValue` while a part of a frame waits for the rest.
    func drain() throws(CameraError) {
        if let partial = state.withLock({ $0.partial }) {
            throw CameraError(
                .invalidValue, "draining the channel",
                reason: "of the last frame only \(partial.count) bytes were sent; send the rest first, or stop")
        }
        try whileDriving(until: nil) { () throws(CameraError) in try codec.drain() }
        output.finish()
    }

    /// Ends the work; whoever waits is woken.
    func end(_ error: CameraError) {
        output.end(error)
        // The error is that of the end itself.
        try? whileDriving(until: nil) { () throws(CameraError) in codec.close() }
    }

    /// Suspends the task until there may be room and nobody drives the codec, a moment comes, or the task is cancelled.
    func suspendForTurn(until deadline: Timestamp?) async {
        await output.suspendForRoom(until: deadline)
        _ = await state.suspend(until: deadline) { $0.isTaken ? nil : true }
    }

    /// Calls the codec while nobody else does.
    private func whileDriving<Result>(
        until deadline: Timestamp?, _ body: () throws(CameraError) -> Result
    ) throws(CameraError) -> Result {
        let isOurs: Bool? = state.wait(until: deadline) { state in
            guard !state.isTaken else { return nil }
            state.isTaken = true
            return true
        }
        guard isOurs == true else {
            throw CameraError(.queueFull, "sending a frame", reason: "another thread is still sending one")
        }
        defer { state.update { $0.isTaken = false } }
        return try body()
    }
}
