// SPDX-License-Identifier: MIT

internal import CameraCore
internal import SystemPackage
internal import V4L2

/// Drives an encoder from a thread of its own: does what the mailbox wants, serves both queues as the driver is ready, and
/// deals with what goes wrong.
struct EncoderLoop {
    /// What an encoder is driven with.
    struct Plan: Sendable {
        let encoder: StatefulEncoder
        let configuration: CodecConfiguration
        var wish: EncoderWish
        var settings: EncoderSettings
        let primer: EncoderPrimer
        /// How long the driver may take to give something back that it owes.
        let patience: Duration
        let deliver: @Sendable (Result<EncodedFrame, CameraError>) -> Void
    }

    /// How many demanded key frames an encoder may fail to make: one asked for by its control, one by a new stream.
    private static let patienceWithKeyFrames = 2

    private let mailbox: EncoderMailbox
    private let wakeUp: WakeUp
    private var plan: Plan
    private var assembler: PictureAssembler
    /// Frames queued so far, which gives each its time.
    private var serial: Int64 = 0
    /// Frames queued since the stream began anew; the first one is a key frame by itself.
    private var streamCount = 0
    private var origin = BufferPort.Origin.driver
    /// Whether frames may be shared with the driver; not any more after one could not.
    private var mayImport = true
    private var needsLargerBuffers = false
    private var hasRecovered = false
    private var forceKeyFrame: ControlDescription?

    /// Takes over an encoder that streams.
    init(_ plan: Plan, _ mailbox: EncoderMailbox, _ wakeUp: WakeUp) {
        self.plan = plan
        self.mailbox = mailbox
        self.wakeUp = wakeUp
        assembler = PictureAssembler(
            ByteStream.Format(plan.configuration.format), plan.primer,
            repeatsHeaders: plan.configuration.options.inlineHeaders != false)
        forceKeyFrame = plan.settings.control(EncoderControl.forceKeyFrame)
    }

    private var encoder: StatefulEncoder { plan.encoder }

    /// Works until the codec is drained, closed, or failed; the encoder's buffers are freed then.
    mutating func run() {
        do {
            while !mailbox.isClosing {
                try recovering { (loop) throws in try loop.serve() }
            }
        } catch {
            if !mailbox.isClosing {
                let failure = encoder.cameraError(error)
                mailbox.end(failure)
                if failure.code != .closed { plan.deliver(.failure(failure)) }
            }
        }
        // Closing the device frees what is left.
        try? encoder.release()
        encoder.device.close()
    }

    /// Does what there is to do, then waits for more of it.
    private mutating func serve() throws {
        // What is ready leaves without waiting for the next frame, however fast frames come.
        try takeBuffers()
        if needsLargerBuffers { try growBuffers() }
        guard let command = mailbox.take() else { return try step(until: nil) }
        do {
            try perform(command)
            mailbox.finish()
        } catch let error as Refusal {
            mailbox.finish(error.reason)
        }
    }

    /// A command that could not be done, which harms nothing else.
    private struct Refusal: Error {
        let reason: CameraError
    }

    private mutating func perform(_ command: EncoderMailbox.Command) throws {
        switch command {
        case .frame(let frame, let index, let asKeyFrame):
            try recovering { (loop) throws in try loop.enter(frame, index, asKeyFrame: asKeyFrame) }
        case .bitRate(let bitRate):
            try recovering { (loop) throws in try loop.setBitRate(bitRate) }
        case .drain:
            try recovering { (loop) throws in
                try loop.drain()
                loop.deliver(loop.assembler.finish("the encoder gave no packet for it"))
            }
            throw CameraError(.closed, "encoding", reason: "the codec was drained")
        }
    }

    // MARK: Frames

    private mutating func enter(_ frame: Frame, _ index: Int64, asKeyFrame: Bool) throws {
        try chooseMemory(for: frame)
        let wantsKeyFrame = asKeyFrame || assembler.needsKeyFrame
        if wantsKeyFrame, streamCount > 0 { try prepareKeyFrame() }
        while !encoder.hasRoom { try step(until: .now + plan.patience) }
        if needsLargerBuffers {
            try growBuffers()
            return try enter(frame, index, asKeyFrame: asKeyFrame)
        }
        let time = Timestamp.frameTime(serial, plan.configuration.frameRate)
        serial += 1
        do throws(DeviceError) {
            try encoder.queue(frame, time: time)
        } catch {
            guard error.errno == .invalidArgument, origin == .imported else { throw error }
            // The driver takes imported memory, but not this one.
            try drain()
            try begin(.driver)
            try encoder.queue(frame, time: time)
        }
        assembler.expect(index, at: time, asKeyFrame: wantsKeyFrame)
        streamCount += 1
    }

    /// Makes the next frame a key frame, whatever is inside: that comes out before.
    private mutating func prepareKeyFrame() throws {
        try drain()
        if let forceKeyFrame, assembler.disobediences == 0 {
            do throws(DeviceError) {
                try encoder.resume(by: .command)
                try encoder.device.setValue(1, of: forceKeyFrame)
                return
            } catch {
                guard error.isRefusal else { throw error }
                self.forceKeyFrame = nil
            }
        }
        try encoder.resume(by: .codedRestart)
        streamCount = 0
    }

    /// Shares the memory of frames with the driver where both can, from the first frame on until the first that cannot.
    private mutating func chooseMemory(for frame: Frame) throws {
        switch origin {
        case .driver:
            guard mayImport, serial == 0, encoder.canImport(frame) else { return }
            mayImport = false
            do {
                try begin(.imported)
            } catch let error as DeviceError where error.errno == .invalidArgument {
                try begin(.driver)
            }
        case .imported:
            guard !encoder.canImport(frame) else { return }
            try drain()
            try begin(.driver)
        }
    }

    // MARK: Controls

    private mutating func setBitRate(_ bitRate: Int) throws {
        // What is refused must not come back when the encoder is set up anew.
        let before = plan.settings
        let setting: EncoderSettings.Setting
        do {
            setting = try plan.settings.setBitRate(bitRate)
        } catch {
            throw Refusal(reason: error)
        }
        var refusal = try encoder.trySetting(setting)
        if refusal?.errno == .resourceBusy {
            // The document's way for controls that cannot change in a stream: without losing a frame.
            try drain()
            try encoder.stopCoded()
            streamCount = 0
            refusal = try encoder.trySetting(setting)
            try encoder.startCoded()
        }
        guard let refusal else { return }
        plan.settings = before
        throw Refusal(reason: encoder.refusal(of: setting, refusal))
    }

    // MARK: Queues

    /// Waits until the driver, or the mailbox, has something, and takes what the driver has.
    ///
    /// - Parameter deadline: The moment by which the driver must have given something; nil when it owes nothing.
    /// - Throws: The driver's error; `.codec` after the deadline, `.closed` when the thread is to end.
    private mutating func step(until deadline: Timestamp?) throws {
        let readiness = try encoder.wait(wakeUp, until: deadline)
        if readiness.isEmpty { throw encoder.silence(plan.patience) }
        if readiness.contains(.wakeUp) {
            wakeUp.clear()
            if mailbox.isClosing { throw CameraError(.closed, "encoding") }
        }
        let hasTaken = try takeBuffers()
        // A driver that failed tells nothing else, and would be asked again at once.
        if readiness.contains(.failure), !hasTaken {
            throw DeviceError("poll", device: encoder.device.path, .ioError)
        }
    }

    /// Takes all that the driver has; whether there was something.
    @discardableResult
    private mutating func takeBuffers() throws -> Bool {
        var hasTaken = false
        while let returned = try encoder.dequeueRaw() {
            hasTaken = true
            assembler.noteReturn(at: returned.time)
            if returned.isDamaged {
                deliver(assembler.lose(returned.time, "the encoder failed with it", breaksStream: false))
            }
        }
        while true {
            var results: [EncodedFrame] = []
            let isOne = try encoder.dequeueCoded { coded in
                if coded.flags.contains(.damaged) { needsLargerBuffers = true }
                results = assembler.add(coded)
            }
            guard isOne else { break }
            hasTaken = true
            // The buffer is the driver's again: a delivery may take long.
            deliver(results)
        }
        deliver(assembler.settle())
        if assembler.hasForeignTimes {
            throw encoder.failure("it does not copy the time stamps of frames to their packets")
        }
        if assembler.disobediences > Self.patienceWithKeyFrames {
            throw encoder.failure("it makes no key frames where it is told to")
        }
        return hasTaken
    }

    private func deliver(_ frames: [EncodedFrame]) {
        for frame in frames where !mailbox.isClosing { plan.deliver(.success(frame)) }
    }

    /// Has the driver give all that it has, which ends with the encoder stopped.
    private mutating func drain() throws {
        guard try encoder.beginDrain() else { return }
        while encoder.state == .drain { try step(until: .now + plan.patience) }
        deliver(assembler.finish("the encoder gave no packet for it"))
    }

    // MARK: Failures

    /// Does something, and does it again if the driver failed for good and could be set up anew; once in a codec's life.
    private mutating func recovering(_ work: (inout EncoderLoop) throws -> Void) throws {
        do {
            try work(&self)
        } catch let error as DeviceError where error.errno == .ioError && !hasRecovered {
            hasRecovered = true
            try? encoder.release()
            deliver(assembler.finish("the encoder failed (\(error.call): \(error.errno)) and was set up anew"))
            try begin(origin)
            try work(&self)
        }
    }

    /// Makes coded buffers larger after one may have been too small: the driver does not tell why it failed.
    private mutating func growBuffers() throws {
        needsLargerBuffers = false
        guard let formats = encoder.formats else { return }
        // No packet is larger than the picture itself.
        let largest = formats.raw.byteCount
        let present = max(formats.coded.byteCount, plan.wish.codedByteCount)
        guard present < largest else { return }
        plan.wish.codedByteCount = min(present * 2, largest)
        try drain()
        try begin(origin)
        needsLargerBuffers = false
    }

    /// Goes through initialization, again, and starts a stream of its own.
    private mutating func begin(_ origin: BufferPort.Origin) throws {
        try? encoder.release()
        self.origin = origin
        let formats = try encoder.negotiate(plan.wish)
        try encoder.apply(plan.settings)
        try encoder.allocate(formats, origin)
        try encoder.start()
        streamCount = 0
    }
}

extension StatefulEncoder {
    /// An error in words for users.
    func cameraError(_ error: any Error) -> CameraError {
        if let error = error as? DeviceError { return CameraError(error, calls: device.systemCalls) }
        return CameraError(wrapping: error, as: .codec, "encoding", subject: device.path)
    }
}
