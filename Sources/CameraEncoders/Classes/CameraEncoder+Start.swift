// SPDX-License-Identifier: MIT

internal import CameraCodecs
package import CameraCore
package import CameraImaging
package import CameraOutputs
internal import Synchronization

extension CameraEncoder {
    /// A start that is ready but for the frames.
    package struct PreparedStart {
        let encoder: CameraEncoder
        let session: EncodingSession
    }

    /// Opens the outputs and starts the threads; frames come by ``startTogether(_:)``.
    ///
    /// - Parameters:
    ///   - targets: What to open.
    ///   - rule: When to go on in the next file.
    ///   - names: Names the first files and those of the rule; outputs that are not among them stay in use.
    /// - Returns: The start.
    /// - Throws: What ``start(_:)`` throws.
    package func prepareStart(
        _ targets: [OutputKey: OutputTarget], rule: SplitRule? = nil, names: (any NextFileNames)? = nil
    ) throws(CameraError) -> PreparedStart {
        try reserveStart()
        do throws(CameraError) {
            let session = try launch(targets, rule, names)
            try commitStart(session)
            return PreparedStart(encoder: self, session: session)
        } catch {
            state.withLock { $0.isStarting = false }
            throw error
        }
    }

    /// Keeps others from starting the encoder, until the start is committed or given up.
    private func reserveStart() throws(CameraError) {
        let operation = "starting the encoder"
        let refusal = state.withLock { state -> CameraError? in
            if state.isClosed || parent.isClosed { return CameraError(.closed, operation) }
            guard !state.isStarting, state.session?.isFinished != false else {
                return CameraError(.alreadyRecording, operation)
            }
            state.isStarting = true
            return nil
        }
        if let refusal { throw refusal }
    }

    /// Makes a session that was launched the encoder's own, unless that was closed meanwhile.
    private func commitStart(_ session: EncodingSession) throws(CameraError) {
        let isClosed = state.withLock { state in
            if !state.isClosed { (state.session, state.isStarting) = (session, false) }
            return state.isClosed
        }
        guard isClosed else { return }
        // It has nothing to write and no error to tell.
        try? session.stop(timeout: parent.stopTimeout)
        throw CameraError(.closed, "starting the encoder", reason: "it was closed meanwhile")
    }

    private func launch(
        _ targets: [OutputKey: OutputTarget], _ rule: SplitRule?, _ names: (any NextFileNames)?
    ) throws(CameraError) -> EncodingSession {
        do {
            try willStart()
        } catch {
            throw CameraError(wrapping: error, as: .codec, "starting the encoder")
        }
        try checkReturn(names)
        let first = try names.map { names throws(CameraError) in try open(names, at: .now) }
        var outputs = first?.outputs ?? [:]
        do throws(CameraError) {
            let others = targets.filter { outputs[$0.key] == nil }
            outputs.merge(try open(others)) { $1 }
            let session = try makeSession(outputs, rule: rule)
            do throws(CameraError) {
                if targets[.motion] != nil { try checkMotion(session) }
                try session.launch(self, names: names, first: first?.names)
            } catch {
                session.run?.codec?.close()
                throw error
            }
            return session
        } catch {
            for output in outputs.values { output.discard() }
            throw error
        }
    }

    /// Refuses to wait for a camera that cannot come back, and where there is no other file to go on in.
    private func checkReturn(_ names: (any NextFileNames)?) throws(CameraError) {
        guard configuration.onDisconnect == .wait else { return }
        let operation = "starting the recording"
        guard parent.router.source is any ReturningSource else {
            throw CameraError(
                .unsupported, operation, subject: parent.router.source.name,
                reason: "it cannot go away and come back, so it cannot be waited for; leave onDisconnect out")
        }
        guard names != nil else {
            throw CameraError(
                .invalidValue, operation,
                reason:
                    "a recording that waits for its camera goes on in another file: give a template with {counter} or "
                    + "{timestamp}")
        }
    }

    /// Gives frames to prepared encoders, to all of a camera from the same frame on; ends them all when that fails.
    package static func startTogether(_ starts: [PreparedStart]) throws(CameraError) {
        var cameras: [(router: FrameRouter, starts: [PreparedStart])] = []
        for start in starts {
            let router = start.encoder.parent.router
            if let index = cameras.firstIndex(where: { $0.router === router }) {
                cameras[index].starts.append(start)
            } else {
                cameras.append((router, [start]))
            }
        }
        do {
            for camera in cameras { try camera.router.checkRunning() }
        } catch {
            for start in starts { cancel(start) }
            throw error
        }
        // From here on nothing is asked that could be refused; a camera that fails now fails while it is recorded.
        for camera in cameras { camera.router.attachOrFinish(camera.starts.map(\.session.frames)) }
        // One that another thread has stopped by now would take no frame and never be detached.
        for start in starts where start.session.frames.ending != nil {
            start.encoder.parent.router.detach(start.session.frames)
        }
    }

    /// Ends a prepared start that gets no frames; what its output's opening created is deleted.
    package static func cancel(_ start: PreparedStart) {
        // It has nothing to write and no error to tell.
        try? start.session.stop(timeout: start.encoder.parent.stopTimeout)
    }

    /// Opens all targets through the hook, or none; tells of each before it does.
    func open(
        _ targets: [OutputKey: OutputTarget], telling: (String) -> Void = { _ in }
    ) throws(CameraError) -> [OutputKey: OpenedOutput] {
        try refuseShared(targets)
        var opened: [OutputKey: OpenedOutput] = [:]
        do throws(CameraError) {
            // The pictures' first: their error counts most.
            for key in targets.keys.sorted(by: { $0 == .frame || ($1 != .frame && $0.rawValue < $1.rawValue) }) {
                guard let target = targets[key] else { continue }
                telling("\(target)")
                opened[key] = try open(target, key: key)
            }
        } catch {
            for output in opened.values { output.discard() }
            throw error
        }
        return opened
    }

    /// Opens the next files of a series, and others where another program was faster.
    ///
    /// - Parameters:
    ///   - names: The series.
    ///   - moment: When the files' first picture was taken.
    ///   - present: Files that are open already and would be opened again.
    ///   - telling: Called with the name of each before it is opened.
    /// - Returns: The files, and their names.
    /// - Throws: What opening them throws.
    func open(
        _ names: any NextFileNames, at moment: WallTime, besides present: NextFiles? = nil,
        telling: (String) -> Void = { _ in }
    ) throws(CameraError) -> NextFileOpener.Opened {
        var attempts = 0
        while true {
            let next = try names.next(at: moment)
            do throws(CameraError) {
                return NextFileOpener.Opened(
                    outputs: try open(next.targets(besides: present), telling: telling), names: next)
            } catch  where error.code == .busy && attempts < 10 {
                attempts += 1
            }
        }
    }

    /// Throws when one output of the user's would receive two kinds of data; files are looked at when they are opened.
    private func refuseShared(_ targets: [OutputKey: OutputTarget]) throws(CameraError) {
        try refuseShared(targets, among: outputs.filter { targets[$0.key] == nil })
    }

    /// Throws when an output of the user's is one of others, or there twice.
    func refuseShared(
        _ targets: [OutputKey: OutputTarget], among others: [OutputKey: OpenedOutput]
    ) throws(CameraError) {
        var used = others.mapValues { ObjectIdentifier($0.output) }
        for (key, target) in targets {
            guard case .output(let output) = target else { continue }
            let object = ObjectIdentifier(output)
            guard !used.values.contains(object) else {
                throw CameraError(
                    .busy, "opening the output", subject: "\(target)",
                    reason: "it would receive two kinds of data of one recording; give each an output of its own")
            }
            used[key] = object
        }
    }

    /// Throws where the pictures of a recording cannot be looked into.
    func checkMotion(_ session: EncodingSession) throws(CameraError) {
        guard let format = session.run?.input.format, format.isInterCoded else { return }
        throw CameraError(
            .unsupported, "recording motion vectors", subject: parent.router.source.name,
            reason: "the camera delivers \(format.name), which is not decoded here; leave motionOutput out, or choose "
                + "another pixel format of the camera")
    }

    /// Opens a target through the hook.
    func open(_ target: OutputTarget, key: OutputKey = .frame) throws(CameraError) -> OpenedOutput {
        do {
            return try openOutput(target, key: key)
        } catch {
            throw CameraError(wrapping: error, as: .output, "opening the output", subject: "\(target)")
        }
    }

    private func makeSession(
        _ outputs: [OutputKey: OpenedOutput], rule: SplitRule?
    ) throws(CameraError) -> EncodingSession {
        let stream = sourceStream
        let plan = EncodingSession.Plan(
            port: configuration.splitterPort, isRecording: self is VideoEncoder, format: format,
            sourceStream: configuration.stream,
            frameRate: stream.frameRate,
            addsHeaders: configuration.options.inlineHeaders == false, rule: rule, frameLimit: frameLimit,
            durationLimit: configuration.durationLimit, start: configuration.notBefore,
            waitsForReturn: configuration.onDisconnect == .wait, packetQueueBytes: configuration.packetQueueBytes,
            packetQueueDuration: configuration.packetQueueDuration, keeper: configuration.keeper)
        let session = EncodingSession(plan: plan, parent: parent, outputs: outputs)
        let run = try makeRun(for: session, base: 0)
        session.begin(run)
        return session
    }

    /// Makes a codec for a session, whose packets go there.
    ///
    /// - Parameters:
    ///   - session: The session.
    ///   - base: The number of the session's frame that the codec takes as its first.
    /// - Returns: The codec, ready for frames.
    /// - Throws: What ``makeCodec(format:)`` and the codec throw.
    func makeRun(for session: EncodingSession, base: Int64) throws(CameraError) -> CodecRun {
        let codec: (any Codec)?
        do {
            codec = try makeCodec(format: format)
        } catch {
            throw CameraError(wrapping: error, as: .codec, "making the codec for \(format)")
        }
        try checkInput(of: codec)
        try parent.style(ofPort: configuration.splitterPort)?.check(for: pictureSize)
        guard let codec else { return try makeRawRun(base) }
        return try Codecs.orLibrary(codec, for: format, configuration.options) { (codec) throws(CameraError) in
            // The session keeps the codec.
            try configure(codec, base) { [weak session] result in session?.deliver(result, from: base) }
        }
    }

    private func configure(
        _ codec: any Codec, _ base: Int64, _ deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void
    ) throws(CameraError) -> CodecRun {
        let stream = sourceStream
        let size = pictureSize
        let formats = codec.inputFormats
        let color = codec.inputColor(for: EncoderInput.rawColor(for: formats[0], from: stream))
        // Frames whose numbers must change are written anew anyway, best in the codec's favourite layout.
        let layout = formats.contains(stream.format) && color == stream.color ? stream.format : formats[0]
        var wish = CodecConfiguration(
            format: format, inputFormat: layout, size: size, frameRate: stream.frameRate, color: color,
            options: configuration.options)
        wish.pixelAspect = pixelAspect
        wish.fieldOrder = stream.fieldOrder
        let parameterSets = try codec.configure(wish, deliver: deliver)
        let input = EncoderInput(
            format: layout, size: size, color: color, stage: parent.conversions, resizer: resizer)
        return CodecRun(
            codec, input: input, rawByteCount: self is any RawEncoding ? layout.byteCount(of: size) : nil, base: base,
            description: description(of: input, parameterSets))
    }

    private func description(of input: EncoderInput, _ parameterSets: [UInt8] = []) -> StreamDescription {
        var stream = StreamDescription(
            format: format, size: input.size, frameRate: sourceStream.frameRate, color: input.color,
            parameterSets: parameterSets)
        stream.pixelAspect = pixelAspect
        return stream
    }

    /// The shape of the recording's pixels.
    private var pixelAspect: PixelAspect {
        let stream = sourceStream
        let style = parent.style(ofPort: configuration.splitterPort)
        let aspect = style?.isTurned == true ? stream.pixelAspect.turned : stream.pixelAspect
        return aspect.scaled(from: style?.size(of: stream.size) ?? stream.size, to: pictureSize)
    }

    /// Refuses changes that would mix the two fields of interlaced pictures.
    private func checkFields(of stream: VideoStream) throws(CameraError) {
        let isTurned = parent.style(ofPort: configuration.splitterPort)?.isTurned ?? false
        guard stream.fieldOrder != .progressive, MediaFormat.video.contains(format),
            isTurned || pictureSize.height != stream.size.height
        else { return }
        throw CameraError(
            .unsupported, "recording \(format)", subject: parent.router.source.name,
            reason: "its pictures are \(stream.fieldOrder): another height, or a quarter turn, would mix the fields; "
                + "deinterlace them first, with ffmpeg -vf bwdif")
    }

    private func makeRawRun(_ base: Int64) throws(CameraError) -> CodecRun {
        try configuration.options.check(known: [], for: format)
        if case .device(let path) = configuration.options.codecDevice {
            throw CameraError(
                .unsupported, "making the codec for \(format)", subject: path,
                reason: "raw frames are written as they are; leave the device out")
        }
        let stream = sourceStream
        let layout = format.pixelFormat ?? stream.format
        let input = EncoderInput(
            format: layout, size: pictureSize,
            color: EncoderInput.rawColor(for: layout, from: stream), stage: parent.conversions, resizer: resizer)
        return CodecRun(
            nil, input: input, rawByteCount: self is any RawEncoding ? layout.byteCount(of: pictureSize) : nil,
            base: base, description: description(of: input))
    }

    /// Makes sure that the pictures of a run that goes on can be changed so.
    ///
    /// - Throws: `.invalidValue` when an overlay is larger than the pictures or a quarter turn would change their size;
    ///   `.unsupported` for pictures that are recorded as the camera compresses them.
    package func check(_ style: PreparedStyle) throws(CameraError) {
        guard let session = currentSession, !session.isFinished, let run = session.run else { return }
        let size = run.input.size
        let operation = "changing the pictures of splitter port \(configuration.splitterPort)"
        if run.codec is PassThroughCodec, !style.isPlain {
            throw CameraError(
                .unsupported, operation, subject: parent.router.source.name,
                reason: "they are recorded as the camera compresses them; stop the recording first")
        }
        try style.check(for: size)
        guard configuration.resize != nil || style.size(of: sourceStream.size) == size else {
            throw CameraError(
                .invalidValue, operation,
                reason: "a quarter turn would change their size of \(size); stop the recording first")
        }
    }

    /// Refuses what would need a decoder that is not there.
    private func checkInput(of codec: (any Codec)?) throws(CameraError) {
        let stream = sourceStream
        try checkFields(of: stream)
        if let codec, codec.inputFormats.allSatisfy({ $0.bayer != nil }) { try checkSensorPictures(codec, of: stream) }
        guard stream.format.isInterCoded else { return }
        let isResized = configuration.resize.map { $0 != stream.size } ?? false
        guard isResized || !isPlain || codec?.inputFormats.contains(stream.format) != true else { return }
        throw CameraError(
            .unsupported,
            isResized
                ? "resizing the recording"
                : isPlain ? "making an encoder for \(format)" : "changing the recording's pictures",
            subject: parent.router.source.name,
            reason: "the camera delivers \(stream.format.name), which is not decoded here; record it as "
                + "\(stream.format.name) at \(stream.size), or choose another pixel format of the camera")
    }

    /// Refuses cameras whose frames are not what a sensor delivers behind its filter, and changes to these.
    private func checkSensorPictures(_ codec: any Codec, of stream: VideoStream) throws(CameraError) {
        let operation = "making an encoder for \(format)"
        let source = parent.router.source
        guard codec.inputFormats.contains(stream.format) else {
            let present = (try? source.pixelFormats()) ?? []
            let names = codec.inputFormats.filter(present.contains).map(\.name).joined(separator: ", ")
            throw CameraError(
                .unsupported, operation, subject: source.name,
                reason: "the camera delivers \(stream.format.name), not what its sensor has behind the Bayer filter; "
                    + (names.isEmpty ? "it has no such pixel format" : "open it with the pixel format \(names)"))
        }
        guard isPlain, configuration.resize ?? stream.size == stream.size else {
            throw CameraError(
                .unsupported, operation, subject: source.name,
                reason: "a sensor's own picture is written as it is; leave size, rotation, zoom, effects and drawing "
                    + "out")
        }
    }
}
