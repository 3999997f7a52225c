// SPDX-License-Identifier: MIT

public import CameraCore
internal import Synchronization
package import V4L2

/// A camera behind a Linux video device: a webcam, a capture card, a loopback device.
///
/// Frames show the driver's own buffers. At least two buffers stay with the driver: where lending one more would leave
/// fewer, the frame is copied into the program's memory, and where the memory for copies is used up, the frame is left
/// out; see ``counts``. Formats that frames cannot have are converted as they come, by this package or by
/// libv4lconvert; such frames lie in the memory for copies, but do not count as copies.
///
/// Buffers that arrive damaged, pictures of motion JPEG that are not whole, and pictures of H.264 and H.265 without a
/// slice come as ``SourceEvent/damaged(_:)``. Parameter sets that the driver sends without a picture are put in front
/// of the next one. The numbers of all frames that were left out are missing from ``FrameInfo/sequence``.
///
/// The device is open from construction to ``close()``. Frames that others keep stay valid after that.
public final class V4L2Camera: VideoSource {
    /// The path of the device's node: "/dev/video0".
    public let name: String
    /// The identity of the camera, which stays the same under another path.
    public let identity: V4L2CameraIdentity
    /// The camera's model, as the driver tells it.
    public var model: String { identity.card }
    /// The camera's manufacturer; nil where the system does not tell.
    public var maker: String? { identity.maker }
    /// False: a camera goes on whether its frames are taken or not.
    public let canWait = false
    let calls: SystemCalls
    private let bufferCount: Int
    private let pool: BytePool
    private let wakeUp: WakeUp
    private let state: Mutex<State>
    private let counters = Mutex(SourceCounts())

    private struct State {
        /// The open device; nil also when it was closed to get rid of buffers that frames keep.
        var device: VideoDevice?
        var mode: V4L2Mode
        /// The format and the rate that were asked for; nil while the choice is free.
        var pixelFormat: PixelFormat?
        var frameRate: FrameRate?
        var run: V4L2Run?
        /// Whether there is a signal at the input, and what was last reported of the signal.
        var hasSignal = true
        var toldSignal = true
        var isClosed = false
        /// Who watches the controls.
        var watches: [WeakWatch] = []
    }

    private struct WeakWatch {
        weak var watch: V4L2ControlWatch?
    }

    /// Opens and configures a camera.
    ///
    /// - Parameters:
    ///   - path: The device's node: "/dev/video0", or a link to it.
    ///   - configuration: Size, rate and format. What is nil does not stay as another program left it: the size is that
    ///     of the signal, or else 1280x720, the rate 30 frames per second, or the nearest that the camera has.
    ///   - bufferCount: Buffers to ask the driver for; the driver may make more or fewer.
    ///   - copyLimit: The largest number of copied frames at any time.
    /// - Throws: `.notFound`, `.permissionDenied`, `.busy` with the program that holds the device, `.unsupported` when
    ///   the device is not a camera or cannot do what was asked, `.invalidValue`.
    public convenience init(
        _ path: String, configuration: SourceConfiguration = SourceConfiguration(), bufferCount: Int = 8,
        copyLimit: Int = 32
    ) throws(CameraError) {
        try self.init(
            path, configuration: configuration, bufferCount: bufferCount, copyLimit: copyLimit, calls: .current)
    }

    /// Opens and configures a camera by the given system calls.
    package init(
        _ path: String, configuration: SourceConfiguration = SourceConfiguration(), bufferCount: Int = 8,
        copyLimit: Int = 32, calls: SystemCalls
    ) throws(CameraError) {
        name = path
        self.calls = calls
        self.bufferCount = bufferCount
        pool = BytePool(limit: copyLimit)
        let (wakeUp, device, mode) = try Self.reporting(calls, path) {
            let wakeUp = try WakeUp(calls: calls)
            let device = try Self.open(path, calls)
            try device.adoptSignalUnlessBusy()
            return (wakeUp, device, try V4L2ModeSearch(device).setMode(configuration, present: nil))
        }
        self.wakeUp = wakeUp
        identity = V4L2CameraIdentity(device)
        state = Mutex(
            State(
                device: device, mode: mode, pixelFormat: configuration.pixelFormat, frameRate: configuration.frameRate))
    }

    deinit {
        close()
    }

    /// The camera's only stream, as the driver set it up.
    public var streams: [VideoStream] { [state.withLock { $0.mode.stream }] }

    /// The pixel formats that the camera's frames can have.
    public func pixelFormats() throws -> [PixelFormat] {
        try reporting { try V4L2ModeSearch(try openDevice()).frameFormats }
    }

    /// Frames copied and left out since the camera was opened.
    public var counts: SourceCounts { counters.withLock { $0 } }

    /// Chooses format, size and rate; not while the camera runs.
    ///
    /// The size must be one that the camera has. Where no format is asked for, now or in an earlier call, the one is
    /// taken that is cheapest to work with and reaches size and rate; H.264, H.265, and Bayer formats of more than 8
    /// bits are taken only when they are asked for. A size, format or rate that was asked for stays until another one is;
    /// the driver may adjust the rate, and ``streams`` tells the result.
    public func configure(_ request: SourceConfiguration) throws {
        try changing("configuring the camera", request) { _ in }
    }

    /// Changes something that the format depends on, and sets the format again; not while running.
    func changing(
        _ operation: String, _ request: SourceConfiguration = SourceConfiguration(), adoptsSignal: Bool = true,
        _ change: (VideoDevice) throws -> Void
    ) throws(CameraError) {
        try reporting {
            let (present, format, rate, isRunning) = state.withLock {
                ($0.mode, $0.pixelFormat, $0.frameRate, $0.run != nil)
            }
            guard !isRunning else {
                throw CameraError(.alreadyRecording, operation, subject: name, reason: "the camera is running")
            }
            let device = try openDevice()
            try change(device)
            if adoptsSignal { try device.adoptSignalUnlessBusy() }
            var request = request
            request.pixelFormat = request.pixelFormat ?? format
            request.frameRate = request.frameRate ?? rate
            let mode = try V4L2ModeSearch(device).setMode(request, present: present)
            state.withLock {
                $0.mode = mode
                $0.pixelFormat = request.pixelFormat
                $0.frameRate = request.frameRate
            }
        }
    }

    /// Starts the driver, which then fills buffers.
    ///
    /// - Throws: `.busy` when another program streams; `.deviceLost`, `.device`.
    public func start() throws {
        try reporting {
            let (mode, isRunning) = state.withLock { ($0.mode, $0.run != nil) }
            guard !isRunning else { return }
            let device = try openDevice()
            do {
                // Again, since formats belong to the device: another program may have set one in the meantime.
                let current = try device.setMode(mode.image.pixelFormat, mode.image.size, mode.frameRate)
                let run = try V4L2Run(device, current, bufferCount: bufferCount, pool: pool)
                let hasSignal = try device.input()?.hasSignal ?? true
                state.withLock {
                    $0.hasSignal = hasSignal
                    $0.run = run
                    $0.mode = current
                }
            } catch {
                // Closing frees whatever was made so far.
                closeDevice()
                throw error
            }
        }
    }

    /// Waits for the driver's next buffer.
    ///
    /// - Parameter timeout: The longest to wait; nil for no limit.
    /// - Returns: A frame, or the reason why there is none; never `.ended`.
    /// - Throws: `.deviceLost` as soon as the driver reports the loss; `.device` when the driver fails, or when the signal
    ///   at the input has changed.
    public func next(timeout: Duration?) throws -> SourceEvent {
        try reporting {
            guard let run = state.withLock({ $0.run }) else {
                throw CameraError(.closed, "waiting for a frame", subject: name, reason: "the camera is not started")
            }
            let deadline = Timestamp.deadline(after: timeout)
            while true {
                if let event = signalNews() { return event }
                let readiness = try run.queue.device.wait(wakeUp, until: deadline)
                if readiness.isEmpty { return .timedOut }
                if readiness.contains(.wakeUp) {
                    wakeUp.clear()
                    return .interrupted
                }
                if readiness.contains(.event) {
                    do {
                        try handleEvents(of: run.queue.device)
                    } catch is DeviceError where readiness.contains(.failure) {
                        // A device that is gone has no events; its failure is reported below.
                    }
                }
                if readiness.contains(.failure) { throw failure(of: run) }
                if readiness.contains(.buffer), let event = try take(from: run) { return event }
            }
        }
    }

    /// Makes the wait under way, or else the next one, end at once; may be called from any thread.
    public func interrupt() { wakeUp.raise() }

    /// Asks an encoder in the camera for a key frame.
    ///
    /// May be called from any thread.
    ///
    /// - Returns: Whether the camera has a control for that.
    public func requestKeyFrame() throws -> Bool {
        try reporting {
            guard let run = state.withLock({ $0.run }), streams[0].format.isInterCoded else { return false }
            return try run.queue.device.forceKeyFrame()
        }
    }

    /// Stops the driver.
    public func stop() {
        guard let run = state.withLock({ $0.run.take() }) else { return }
        do {
            try run.queue.stop()
            // A driver that cannot free buffers while frames keep them frees them when the device is closed.
            if try run.queue.release() { return }
        } catch {
            // Most likely the device went away; a new start will tell.
        }
        closeDevice()
    }

    /// Stops the driver and closes the device; a second call does nothing.
    public func close() {
        let watches = state.withLock { state in
            state.isClosed = true
            return state.watches
        }
        for entry in watches { entry.watch?.close() }
        wakeUp.raise()
        stop()
        closeDevice()
    }

    /// Begins to report changes of the controls, by the driver's events, until the camera is closed.
    ///
    /// - Throws: `.unsupported` when the driver reports no changes; `.closed`.
    public func watchControls() throws -> any ControlWatch {
        try reporting {
            let watch = try V4L2ControlWatch(name, calls: calls)
            let isClosed = state.withLock { state in
                state.watches = state.watches.filter { $0.watch != nil } + [WeakWatch(watch: watch)]
                return state.isClosed
            }
            guard !isClosed else { throw CameraError(.closed, "watching the controls", subject: name) }
            return watch
        }
    }

    /// Whether the driver fills buffers.
    var isRunning: Bool { state.withLock { $0.run != nil } }

    /// The device, opened again if it had to be closed.
    func openDevice() throws -> VideoDevice {
        let (present, isClosed) = state.withLock { ($0.device, $0.isClosed) }
        if let present { return present }
        guard !isClosed else { throw CameraError(.closed, "using the camera", subject: name) }
        let opened = try Self.open(name, calls)
        return state.withLock { state in
            if let present = state.device { return present }
            state.device = opened
            return opened
        }
    }

    /// Runs a body and says for users what its errors mean.
    func reporting<Value>(_ body: () throws -> Value) throws(CameraError) -> Value {
        try Self.reporting(calls, name, body)
    }

    private static func reporting<Value>(
        _ calls: SystemCalls, _ name: String, _ body: () throws -> Value
    ) throws(CameraError) -> Value {
        do {
            return try body()
        } catch let error as DeviceError {
            throw CameraError(error, calls: calls)
        } catch {
            throw CameraError(wrapping: error, as: .device, "using the camera", subject: name)
        }
    }

    private static func open(_ path: String, _ calls: SystemCalls) throws -> VideoDevice {
        let device = try VideoDevice(path, calls: calls)
        guard device.isCamera else {
            throw CameraError(
                .unsupported, "opening the camera", subject: path,
                reason: "this node of '\(device.capabilities.card)' does not deliver pictures; try another one")
        }
        return device
    }

    private func closeDevice() {
        state.withLock { $0.device.take() }?.close()
    }

    /// What the driver filled next; nil when the wait goes on.
    private func take(from run: V4L2Run) throws(DeviceError) -> SourceEvent? {
        switch try run.take() {
        case .lent(let frame), .converted(let frame): return .frame(frame)
        case .copied(let frame):
            counters.withLock { $0.framesCopied += 1 }
            return .frame(frame)
        case .dropped:
            counters.withLock { $0.framesNotCopied += 1 }
            return nil
        case .damaged: return .damaged(1)
        case .none: return nil
        }
    }

    /// The error that the driver gives with its sign of failure.
    private func failure(of run: V4L2Run) -> CameraError {
        var errno: DeviceError?
        do throws(DeviceError) {
            _ = try run.take()
        } catch {
            errno = error
        }
        return CameraError(
            .deviceLost, "waiting for a frame", subject: name,
            reason: "the driver reports that the device failed or was unplugged", systemError: errno?.errno)
    }

    /// What is new of the signal; nil when nothing is.
    private func signalNews() -> SourceEvent? {
        state.withLock { state in
            guard state.hasSignal != state.toldSignal else { return nil }
            state.toldSignal = state.hasSignal
            return state.hasSignal ? .signalRegained : .signalLost
        }
    }

    private func handleEvents(of device: VideoDevice) throws {
        while let event = try device.nextEvent() {
            guard event.kind == .sourceChange else { continue }
            let input = try device.input()
            let hasSignal = input?.hasSignal ?? true
            if hasSignal {
                // A driver that can measure neither standard nor timings is believed that the signal has changed.
                let isMeasured = input.map { $0.hasTimings || $0.standards != 0 } ?? false
                guard let input, isMeasured, try !device.signalDiffers(from: input) else {
                    throw CameraError(
                        .device, "waiting for a frame", subject: name,
                        reason: "the signal at its input has changed its size or rate; open the camera again")
                }
            }
            state.withLock { $0.hasSignal = hasSignal }
        }
    }
}

extension VideoDevice {
    /// Whether it delivers pictures in a way that this package can take.
    var isCamera: Bool {
        capabilities.flags.contains(.streaming)
            && !capabilities.flags.isDisjoint(with: [.videoCapture, .videoCapturePlanes])
    }

    /// The queue that its pictures come from; where it has both kinds, the one without planes.
    var captureType: BufferType {
        capabilities.flags.contains(.videoCapture) ? .videoCapture : .videoCapturePlanes
    }
}

extension VideoDevice {
    /// Sets the device to the signal at its input, unless another program streams from it as it is.
    fileprivate func adoptSignalUnlessBusy() throws(DeviceError) {
        do throws(DeviceError) {
            try adoptSignal()
        } catch {
            guard error.errno == .resourceBusy else { throw error }
        }
    }
}
