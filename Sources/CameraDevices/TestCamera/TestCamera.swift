// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization

/// A camera that needs no hardware: moving, textured pictures at an exact rate.
///
/// Each picture is a function of its number and the settings alone, so two test cameras of the same settings deliver the
/// same bytes. Controls and settings belong to this object: a test camera that is made starts with the defaults. A change
/// takes effect with the next frame that is drawn, and ``FrameInfo/metadata`` tells what a frame was taken with.
///
/// Frame `k` is due, and stamped, `k / frameRate` after ``start()``. With ``Pacing/real`` the test camera behaves as a
/// live camera: a frame that nobody takes in time is lost and leaves a gap in ``FrameInfo/sequence``. With
/// ``Pacing/none`` it waits for its consumers and loses nothing; time then counts from the first frame taken.
public final class TestCamera: VideoSource {
    /// Always "test".
    public let name = "test"
    /// True with ``Pacing/none``; false with ``Pacing/real``.
    public let canWait: Bool
    private let numbered: Bool
    private let frameLimit: UInt64
    private let givenColor: ColorSpace?
    private let pool: BytePool
    private let pause = InterruptibleWait()
    private let state: Mutex<State>

    private struct State {
        private(set) var stream: VideoStream
        var clock: FrameClock?
        /// The number of the next frame.
        var next: UInt64 = 0
        private(set) var controls = TestControls()
        /// What the controls make of a picture at the stream's rate, so that it is not reckoned anew for each.
        private(set) var taking: Taking

        init(stream: VideoStream) {
            self.stream = stream
            taking = Taking(controls, at: stream.frameRate)
        }

        mutating func set(_ stream: VideoStream, _ controls: TestControls) {
            self.stream = stream
            self.controls = controls
            taking = Taking(controls, at: stream.frameRate)
        }
    }

    /// How pictures are taken.
    private struct Taking {
        let exposure: TestExposure
        let look: TestLook
        let metadata: FrameMetadata

        init(_ controls: TestControls, at frameRate: FrameRate) {
            exposure = TestExposure(controls, frameInterval: frameRate.interval)
            look = TestLook(controls, exposure)
            metadata = controls.metadata(exposure, frameInterval: frameRate.interval)
        }
    }

    /// Makes a test camera.
    ///
    /// - Parameters:
    ///   - resolution: The size, 16x16 or larger.
    ///   - frameRate: Frames per second.
    ///   - format: `.nv12`, `.yuv420`, `.yuyv`, `.rgb24` or `.rggb8`.
    ///   - color: The colour space; nil for BT.709 from 720 rows on, BT.601 below, and sRGB in RGB.
    ///   - pacing: Whether frames come at their rate or as fast as they are taken.
    ///   - numbered: Whether each picture carries its ``FrameInfo/sequence`` as a bar code; from 64x48 on.
    ///   - frameLimit: The number of frames after which the camera ends; nil for no end.
    ///   - memoryLimit: With ``Pacing/real``, the largest number of frames that others may keep before frames are lost.
    /// - Throws: `.invalidValue` or `.unsupported` that says what there is.
    public init(
        resolution: Resolution, frameRate: FrameRate, format: PixelFormat = .nv12, color: ColorSpace? = nil,
        pacing: Pacing = .real, numbered: Bool = false, frameLimit: Int? = nil, memoryLimit: Int = 32
    ) throws(CameraError) {
        guard frameLimit ?? 0 >= 0, memoryLimit > 0 else {
            throw CameraError(
                .invalidValue, Self.operation, reason: "the frame limit cannot be negative nor the memory limit 0")
        }
        let stream = try Self.stream(resolution, frameRate, format, color, numbered: numbered)
        canWait = pacing == .none
        self.numbered = numbered
        self.frameLimit = frameLimit.map(UInt64.init) ?? .max
        givenColor = color
        pool = BytePool(limit: pacing == .none ? .max : memoryLimit)
        state = Mutex(State(stream: stream))
    }

    /// The camera's only stream.
    public var streams: [VideoStream] { [state.withLock { $0.stream }] }

    /// The pixel formats that the test camera draws.
    public func pixelFormats() -> [PixelFormat] { TestPicture.formats }

    /// Chooses size, rate and layout.
    ///
    /// - Throws: `.invalidValue` or `.unsupported` that says what there is; nothing is changed then.
    public func configure(_ request: SourceConfiguration) throws {
        guard request.sensorMode ?? 0 == 0 else {
            throw CameraError(.unsupported, Self.operation, reason: "it has no sensor modes; leave the mode at 0")
        }
        let old = state.withLock { $0.stream }
        let new = try Self.stream(
            request.resolution ?? old.size, request.frameRate ?? old.frameRate, request.pixelFormat ?? old.format,
            givenColor, numbered: numbered)
        state.withLock { $0.set(new, $0.controls) }
    }

    /// Begins with picture 0, which is due now.
    public func start() {
        state.withLock { state in
            state.next = 0
            state.clock = canWait ? nil : FrameClock(frameRate: state.stream.frameRate)
        }
    }

    /// Waits for the next frame to be due, and draws it.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: `.frame`, `.timedOut`, `.interrupted`, or `.ended` after the frame limit.
    public func next(timeout: Duration?) -> SourceEvent {
        let deadline = Timestamp.deadline(after: timeout)
        while true {
            let (stream, clock, number) = state.withLock { state in
                let clock = state.clock ?? FrameClock(frameRate: state.stream.frameRate)
                state.clock = clock
                if !canWait { state.next = clock.index(atOrAfter: state.next, now: .now) }
                return (state.stream, clock, state.next)
            }
            guard number < frameLimit else { return .ended }
            switch pause.wait(until: canWait ? nil : clock.moment(of: number), deadline: deadline) {
            case .interrupted: return .interrupted
            case .timedOut: return .timedOut
            case .reached: break
            }
            let taking = state.withLock { state in
                state.next = number + 1
                return state.taking
            }
            // No memory: others keep all of it. This frame is lost, as in a driver that has no buffer left.
            if let frame = draw(number, stream, clock.info(of: number), taking) { return .frame(frame) }
        }
    }

    /// Ends the wait of ``next(timeout:)``, or else its next call, at once; from any thread.
    public func interrupt() {
        pause.interrupt()
    }

    /// Does nothing.
    public func stop() {}

    /// Does nothing; frames stay valid.
    public func close() {}

    /// The values of the controls, and what the automatics make of the exposure at the present rate.
    var controlState: (controls: TestControls, exposure: TestExposure) {
        state.withLock { ($0.controls, $0.taking.exposure) }
    }

    /// Changes values of controls for the frames that are drawn from now on.
    func changeControls(
        _ change: (_ controls: inout TestControls, _ exposure: TestExposure) throws(CameraError) -> Void
    ) throws(CameraError) {
        try state.withLock { (state) throws(CameraError) in
            var controls = state.controls
            try change(&controls, state.taking.exposure)
            state.set(state.stream, controls)
        }
    }

    private func draw(_ number: UInt64, _ stream: VideoStream, _ info: FrameInfo, _ taking: Taking) -> Frame? {
        guard let byteCount = stream.format.byteCount(of: stream.size), let bytes = pool.take(byteCount) else {
            return nil
        }
        TestPicture(format: stream.format, size: stream.size, isNumbered: numbered)
            .draw(number, taking.look, into: bytes.baseAddress)
        var info = info
        info.metadata = taking.metadata
        return pool.frame(packed: stream.format, size: stream.size, color: stream.color, info: info, bytes: bytes)
    }

    private static let operation = "setting up the test camera"

    private static func stream(
        _ size: Resolution, _ frameRate: FrameRate, _ format: PixelFormat, _ color: ColorSpace?, numbered: Bool
    ) throws(CameraError) -> VideoStream {
        try size.validated(operation)
        try frameRate.validated(operation)
        let smallest = numbered ? FrameNumberCode.smallestSize : Resolution(16, 16)
        guard size.width >= smallest.width, size.height >= smallest.height else {
            throw CameraError(
                .invalidValue, operation, subject: size.description,
                reason: "the smallest picture\(numbered ? " with a number" : "") is \(smallest)")
        }
        guard TestPicture.formats.contains(format) else {
            throw CameraError(
                .unsupported, operation, subject: format.name,
                reason: "it draws \(TestPicture.formats.map(\.name).joined(separator: ", "))")
        }
        let usual: ColorSpace = format.isRGB ? .sRGB : size.height >= 720 ? .bt709 : .bt601
        let color = color ?? usual
        guard format.isRGB == (color.matrix == .rgb) else {
            throw CameraError(
                .invalidValue, operation, subject: format.name,
                reason: "the colours given are those of \(format.isRGB ? "YUV" : "RGB"); leave them out or change them")
        }
        return VideoStream(format: format, size: size, frameRate: frameRate, color: color)
    }
}
