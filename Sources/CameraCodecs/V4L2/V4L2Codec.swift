// SPDX-License-Identifier: MIT

package import CameraCore
internal import Synchronization
package import V4L2

/// H.264, H.265 or another coded format by an encoder of the kernel: the hardware of a Raspberry Pi or of another board.
///
/// The codec follows the kernel's document "Memory-to-Memory Stateful Video Encoder Interface" without its request API,
/// which options and key frames do not need. Frames in memory that devices share (dma-buf) are read where they are, as long
/// as the driver can do that; all others are copied. A picture that the encoder fails with is delivered as lost, and so are
/// pictures that need it, up to the next key frame. Options that the encoder has no control for are errors; further
/// controls are set by ``EncoderOptions/parameters``, with the names that `v4l2-ctl -l` tells.
package final class V4L2Codec: Codec {
    /// The device's node: "/dev/video11".
    package let path: String
    /// The name of the driver and its device: "bcm2835-codec (/dev/video11)".
    package let name: String
    /// The layouts that the encoder takes, NV12 and planar 4:2:0 first.
    package let inputFormats: [PixelFormat]
    private let format: MediaFormat
    private let coded: PixelFormat
    private let rawFormats: [(layout: PixelFormat, driver: PixelFormat)]
    private let patience: Duration
    private let state: Mutex<State>

    private enum State {
        case new(StatefulEncoder)
        case running(EncoderMailbox, WorkerThread, CodecConfiguration)
        case ended(CameraError)
    }

    /// Opens an encoder.
    ///
    /// - Parameters:
    ///   - path: The device's node: "/dev/video11".
    ///   - format: The format to encode to.
    /// - Throws: `.notFound`, `.permissionDenied`, `.busy`; `.unsupported` when it is no encoder for the format.
    package convenience init(_ path: String, format: MediaFormat) throws(CameraError) {
        try self.init(path, format: format, calls: .linux)
    }

    /// Opens an encoder by the given system calls.
    ///
    /// - Parameters:
    ///   - path: The device's node.
    ///   - format: What it is to make.
    ///   - calls: How to reach the device.
    ///   - patience: How long the driver may take to give something back that it owes.
    /// - Throws: As ``init(_:format:)``.
    package init(
        _ path: String, format: MediaFormat, calls: SystemCalls, patience: Duration = .seconds(10)
    ) throws(CameraError) {
        self.path = path
        self.format = format
        self.patience = patience
        let probe = try EncoderProbe(path, format: format, calls: calls)
        coded = probe.coded
        rawFormats = probe.rawFormats
        inputFormats = probe.rawFormats.map(\.layout)
        name = "\(probe.device.capabilities.driver) (\(path))"
        state = Mutex(.new(StatefulEncoder(probe.device)))
    }

    deinit {
        close()
    }

    /// The source's own colours; RGB becomes BT.601 in limited range, unless the encoder takes RGB.
    package func inputColor(for source: ColorSpace) -> ColorSpace {
        guard source.matrix == .rgb, inputFormats.first?.isRGB == false else { return source }
        return ColorSpace(primaries: source.primaries, transfer: source.transfer, matrix: .bt601, range: .limited)
    }

    /// Sets the encoder up and starts its thread; returns the parameter sets, which come from encoding a few grey pictures.
    package func configure(
        _ configuration: CodecConfiguration,
        deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> [UInt8] {
        let encoder = try state.withLock { state throws(CameraError) in
            guard case .new(let encoder) = state else {
                throw CameraError(.closed, "configuring the encoder", reason: "a codec is configured once")
            }
            state = .ended(CameraError(.closed, "encoding", reason: "configuring the codec failed"))
            return encoder
        }
        do {
            let plan = try prepare(encoder, configuration, deliver)
            try check(plan.primer.parameterSets, for: configuration.options)
            let wakeUp = try WakeUp(calls: encoder.device.systemCalls)
            let mailbox = EncoderMailbox(wakeUp)
            let thread = try WorkerThread("v4l2-encode") {
                var loop = EncoderLoop(plan, mailbox, wakeUp)
                loop.run()
            }
            state.withLock { $0 = .running(mailbox, thread, configuration) }
            return plan.primer.parameterSets
        } catch {
            try? encoder.release()
            encoder.device.close()
            throw encoder.cameraError(error)
        }
    }

    /// Checks that the encoder can do what a configuration asks for, without making buffers.
    ///
    /// - Throws: `.unsupported`, `.invalidValue` or `.unknownOption` that names what it cannot do.
    package func check(_ configuration: CodecConfiguration) throws(CameraError) {
        let encoder = state.withLock { state -> StatefulEncoder? in
            if case .new(let encoder) = state { return encoder }
            return nil
        }
        guard let encoder else { throw CameraError(.closed, "configuring the encoder") }
        do {
            _ = try negotiate(encoder, configuration)
        } catch {
            throw encoder.cameraError(error)
        }
    }

    /// Hands the frame to the encoder's thread; waits while the thread has not taken the frame before.
    package func encode(_ frame: Frame, index: Int64, asKeyFrame: Bool) throws(CameraError) {
        let (mailbox, configuration) = try current()
        try frame.check(fits: configuration)
        try mailbox.post(.frame(frame, index: index, asKeyFrame: asKeyFrame))
    }

    /// Changes the bit rate; throws `.unsupported` when the encoder has no control for it.
    package func setBitRate(_ bitRate: Int) throws(CameraError) {
        try current().mailbox.post(.bitRate(bitRate), waiting: true)
    }

    /// Waits until all packets are delivered; no frames are taken afterwards.
    package func drain() throws(CameraError) {
        guard let mailbox = try? current().mailbox else { return }
        do throws(CameraError) {
            try mailbox.post(.drain, waiting: true)
        } catch  where error.code == .closed {
            return
        }
    }

    /// Ends the thread, which frees the encoder; waits for a delivery that is under way.
    package func close() {
        let previous = state.withLock { state in
            defer { state = .ended(CameraError(.closed, "encoding")) }
            return state
        }
        switch previous {
        case .new(let encoder): encoder.device.close()
        case .running(let mailbox, let thread, _):
            mailbox.close()
            if !thread.isCurrent { thread.join() }
        case .ended: break
        }
    }

    private func current() throws(CameraError) -> (mailbox: EncoderMailbox, configuration: CodecConfiguration) {
        try state.withLock { state throws(CameraError) in
            switch state {
            case .new: throw CameraError(.closed, "encoding", reason: "configure the codec first")
            case .running(let mailbox, _, let configuration): return (mailbox, configuration)
            case .ended(let error): throw error
            }
        }
    }

    /// Agrees with the encoder on formats and works out its controls.
    private func negotiate(
        _ encoder: StatefulEncoder, _ configuration: CodecConfiguration
    ) throws -> (wish: EncoderWish, formats: EncoderFormats, settings: EncoderSettings) {
        let operation = "configuring the encoder"
        try configuration.size.validated(operation)
        _ = try configuration.frameRate.validated(operation)
        guard let raw = rawFormats.first(where: { $0.layout == configuration.inputFormat }) else {
            throw CameraError(
                .unsupported, operation, subject: configuration.inputFormat.name,
                reason: "\(name) takes \(inputFormats.map(\.name).joined(separator: ", "))")
        }
        let wish = EncoderWish(
            coded: coded, raw: raw.driver, size: configuration.size, frameRate: configuration.frameRate,
            color: configuration.color)
        let formats = try encoder.negotiate(wish)
        let rate = formats.codedRate ?? formats.rawRate ?? configuration.frameRate
        try check(rate, for: configuration.frameRate)
        var settings = try EncoderSettings(encoder.device, format)
        try settings.apply(configuration, at: rate)
        return (wish, formats, settings)
    }

    /// Refuses a rate that the driver adjusted by more than rounding does: the stream would play at another speed.
    private func check(_ rate: FrameRate, for wanted: FrameRate) throws(CameraError) {
        let tempo = rate.framesPerSecond / wanted.framesPerSecond
        guard (0.95...1.05).contains(tempo) else {
            throw CameraError(
                .unsupported, "configuring the encoder", subject: "\(wanted)",
                reason: "of \(wanted) frames per second \(name) makes \(rate), at which the stream would play; choose "
                    + "that rate, or encode in software")
        }
    }

    /// Refuses a stream of another profile than was asked for, which some drivers make though they take the control.
    private func check(_ parameterSets: [UInt8], for options: EncoderOptions) throws(CameraError) {
        guard let wanted = options.profile, let made = StreamProfile.name(in: parameterSets, of: format) else { return }
        let names = [
            "baseline": ["Baseline", "Constrained Baseline"], "constrained": ["Constrained Baseline"],
            "main": ["Main"], "extended": ["Extended"], "high": ["High"],
        ]
        guard let fitting = names[wanted], !fitting.contains(made) else { return }
        throw CameraError(
            .unsupported, "configuring the encoder", subject: "profile",
            reason: "\(name) makes \(made) where it is told to make \(wanted); leave the profile out, or encode in "
                + "software")
    }

    /// Sets the encoder up to stream, and learns what its first pictures tell.
    private func prepare(
        _ encoder: StatefulEncoder, _ configuration: CodecConfiguration,
        _ deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws -> EncoderLoop.Plan {
        guard configuration.fieldOrder == .progressive else {
            throw CameraError(
                .unsupported, "configuring the encoder", subject: name,
                reason: "the pictures are \(configuration.fieldOrder), which the kernel's encoders are not told; leave "
                    + "the device out, or deinterlace them first with ffmpeg -vf bwdif")
        }
        let (wish, formats, settings) = try negotiate(encoder, configuration)
        try encoder.apply(settings)
        try encoder.allocate(formats, .driver)
        try encoder.start()
        var primer = EncoderPrimer()
        if let stream = ByteStream.Format(format) {
            primer = try EncoderPrimer(encoder, configuration, stream, patience: patience)
            try encoder.start()
        }
        return EncoderLoop.Plan(
            encoder: encoder, configuration: configuration, wish: wish, settings: settings, primer: primer,
            patience: patience, deliver: deliver)
    }
}
