// SPDX-License-Identifier: MIT

internal import CameraCodecs
public import CameraCore
internal import Synchronization

/// An encoder for programs that have their frames already: frames go in, a bitstream comes out.
///
/// ```swift
/// let channel = try EncoderChannel(ChannelAttributes(format: .h264, size: .hd720p, bitRate: 4_000_000))
/// defer { channel.close() }
/// try channel.start()
/// for (number, picture) in pictures.enumerated() {
///     try channel.send(picture.span.bytes, at: .milliseconds(33 * number))        // NV12
///     while let stream = try channel.receive(timeout: .zero) { file.write(stream.bytes.span) }
/// }
/// try channel.drain()
/// while let stream = try channel.receive() { file.write(stream.bytes.span) }
/// ```
///
/// The codec is chosen as for recordings: for H.264 and H.265 an encoder of the kernel where one can do the work, a library
/// otherwise, or what ``EncoderOptions/codecDevice`` names; ``codecName`` tells which it is. A library works on the thread
/// that sends, and on threads of its own where it has some. While ``ChannelAttributes/outputBufferCount`` streams wait to
/// be received, sending is refused, so that memory is bounded. Safe to use from any thread; threads that send take turns.
public final class EncoderChannel: Sendable {
    /// The attributes that the channel was made with.
    public let attributes: ChannelAttributes
    private let stage: ConversionStage
    private let makeCodec: CodecMaker
    private let state = Mutex(State())

    /// Makes the codec, which is configured afterwards.
    package typealias CodecMaker = @Sendable (ChannelAttributes) throws(CameraError) -> any Codec

    private struct State {
        var phase = Phase.stopped
        /// Called with the run of the next start.
        var links: [@Sendable (ChannelRun) -> Void] = []
    }

    private enum Phase {
        case stopped
        case started(ChannelRun)
        case closed
    }

    /// Makes a channel, which takes frames after ``start()``.
    ///
    /// - Throws: `.invalidValue` or `.invalidFormat` that names the attribute.
    public convenience init(_ attributes: ChannelAttributes) throws(CameraError) {
        try self.init(attributes) { (attributes) throws(CameraError) in
            try Codecs.make(
                for: attributes.format, size: attributes.size, frameRate: attributes.frameRate,
                options: attributes.encoderOptions)
        }
    }

    /// Makes a channel whose codec is made by the given closure.
    package init(_ attributes: ChannelAttributes, makeCodec: @escaping CodecMaker) throws(CameraError) {
        self.attributes = try attributes.validated()
        self.makeCodec = makeCodec
        stage = ConversionStage()
    }

    deinit {
        close()
    }

    /// Makes the codec ready for frames; does nothing when the channel is started already.
    ///
    /// Cameras that were linked before begin to feed the channel now.
    ///
    /// - Throws: `.invalidValue`, `.unknownOption` or `.unsupported` for what the codec cannot do; `.notFound`,
    ///   `.permissionDenied` and `.busy` of an encoder that was named; `.closed`.
    public func start() throws(CameraError) {
        try checkOpen("starting the channel")
        guard current == nil else { return }
        let run = try makeRun()
        let (refused, links) = try state.withLock { state throws(CameraError) in
            switch state.phase {
            case .stopped:
                state.phase = .started(run)
                defer { state.links = [] }
                return (ChannelRun?.none, state.links)
            case .started: return (run, [])
            case .closed: throw CameraError(.closed, "starting the channel")
            }
        }
        refused?.end(CameraError(.closed, "starting the channel"))
        for link in links { link(run) }
    }

    private func makeRun() throws(CameraError) -> ChannelRun {
        let codec = try makeCodec(attributes)
        return try Codecs.orLibrary(codec, for: attributes.format, attributes.encoderOptions) {
            (codec) throws(CameraError) in try ChannelRun(codec, attributes, stage)
        }
    }

    /// What drives the codec; where there is nothing yet, the closure is called with it by the next start.
    func runOrNext(_ link: @escaping @Sendable (ChannelRun) -> Void) throws(CameraError) -> ChannelRun? {
        try state.withLock { state throws(CameraError) in
            switch state.phase {
            case .stopped:
                state.links.append(link)
                return nil
            case .started(let run): return run
            case .closed: throw CameraError(.closed, "linking a channel", reason: "the channel was closed")
            }
        }
    }

    /// The codec's name, such as "libx264" or "bcm2835-codec (/dev/video11)"; nil while the channel is stopped.
    public var codecName: String? { current?.codecName }

    /// Ends encoding; the channel can be started again.
    ///
    /// Streams that were not received are lost. A `receive(timeout:)` that waits throws `.closed`.
    public func stop() {
        end(.stopped, CameraError(.closed, "using the channel", reason: "it was stopped meanwhile; start it again"))
    }

    /// Stops the channel for good; may be called twice.
    public func close() {
        end(.closed, CameraError(.closed, "using the channel"))
    }

    private func end(_ next: Phase, _ error: CameraError) {
        let run = state.withLock { state -> ChannelRun? in
            if case .closed = state.phase { return nil }
            defer { state.phase = next }
            return if case .started(let run) = state.phase { run } else { nil }
        }
        run?.end(error)
    }

    /// Whether frames can be sent.
    public var isStarted: Bool { current != nil }

    /// The next stream.
    ///
    /// - Parameter timeout: The longest time to wait; nil for no limit, zero to return at once.
    /// - Returns: A stream; nil when none came in time, or when all streams of a drained channel were received.
    /// - Throws: `.notStarted`; `.closed` when the channel is closed, or stopped while the call waits; what the codec failed
    ///   with; `.codec`, once, in the place of a picture that an encoder of the kernel lost, after which the others follow;
    ///   after the last stream, the error of a linked camera that failed, or `.closed` when that camera was closed.
    public func receive(timeout: Duration? = nil) throws(CameraError) -> EncodedStream? {
        try run("receiving a stream").output.receive(until: .deadline(after: timeout))
    }

    /// Frames that were sent and whose streams were not received yet; zero while the channel is stopped.
    public var pendingCount: Int {
        current?.output.pendingCount ?? 0
    }

    /// Makes the next frame that is sent a key frame.
    ///
    /// - Throws: `.notStarted`; `.closed`.
    public func requestKeyFrame() throws(CameraError) {
        try run("requesting a key frame").requestKeyFrame()
    }

    /// Changes the bit rate from the next frame on.
    ///
    /// - Parameter bitRate: Bits per second.
    /// - Throws: `.unsupported` where the codec cannot; `.invalidValue`; `.notStarted`; `.closed`.
    public func setBitRate(_ bitRate: Int) throws(CameraError) {
        try run("changing the bit rate").setBitRate(bitRate)
    }

    /// Encodes all frames that the codec holds; `receive(timeout:)` returns the remaining streams and then nil.
    ///
    /// No frames can be sent afterwards until the channel was stopped and started.
    ///
    /// - Throws: `.invalidValue` while only a part of a frame was sent; what the codec failed with; `.notStarted`; `.closed`.
    public func drain() throws(CameraError) {
        try run("draining the channel").drain()
    }

    private var current: ChannelRun? {
        state.withLock { state -> ChannelRun? in
            if case .started(let run) = state.phase { run } else { nil }
        }
    }

    /// What drives the codec.
    ///
    /// - Throws: `.notStarted`, `.closed`.
    func run(_ operation: String) throws(CameraError) -> ChannelRun {
        try checkOpen(operation)
        guard let run = current else {
            throw CameraError(.notStarted, operation, reason: "the channel was not started")
        }
        return run
    }

    private func checkOpen(_ operation: String) throws(CameraError) {
        if state.withLock({ if case .closed = $0.phase { true } else { false } }) {
            throw CameraError(.closed, operation, reason: "the channel was closed")
        }
    }
}
