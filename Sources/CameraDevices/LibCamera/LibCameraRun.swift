// SPDX-License-Identifier: MIT

internal import CLibCamera
internal import CameraCore
internal import DequeModule
internal import Synchronization
internal import SystemPackage

/// A camera's work from its start to its stop: makes frames of the requests that libcamera completes.
///
/// libcamera's thread hands over completed requests; the device thread takes them; frames give them back from any thread.
final class LibCameraRun: Sendable {
    private let mode: LibCameraMode
    private let layouts: [LibCameraLayout]
    private let pool: BytePool
    private let inbox: Monitor<LibCameraInbox>
    /// The buffers of each request, by stream.
    private let buffers: [[LibCameraBuffer]]
    private let counters: Mutex<Counters>
    private let state: Monitor<State>

    private struct Counters {
        var requests = SequenceCounter()
        var streams: [SequenceCounter]
    }

    private struct State {
        /// The camera; nil once it was stopped, so that frames do not keep it from others.
        var session: LibCameraSession?
        /// Requests that the camera has.
        var queuedCount = 0
        /// Calls that give requests back to the camera and are under way.
        var returnsUnderWay = 0
    }

    /// Requests that must stay with the camera, so that it can fill one while the other is exchanged.
    private static let leastQueued = 2

    /// Makes buffers and starts the camera.
    ///
    /// - Parameters:
    ///   - session: The camera, configured to `mode`.
    ///   - mode: What the frames are like.
    ///   - pool: Memory for copies.
    ///   - inbox: Where completed requests wait.
    /// - Throws: What libcamera gives as the reason.
    init(
        _ session: LibCameraSession, _ mode: LibCameraMode, pool: BytePool, inbox: Monitor<LibCameraInbox>
    ) throws(CameraError) {
        self.mode = mode
        self.pool = pool
        self.inbox = inbox
        layouts = zip(mode.streams, mode.strides).map(LibCameraLayout.init)
        counters = Mutex(Counters(streams: Array(repeating: SequenceCounter(), count: mode.streams.count)))
        state = Monitor(State(session: session))
        do throws(CameraError) {
            buffers = try session.prepare(streamCount: mode.streams.count)
        } catch {
            session.stop()
            throw error
        }
        // libcamera calls with this run's address until the session has stopped, and the camera keeps it that long.
        let listener = clc_listener(
            context: Unmanaged.passUnretained(self).toOpaque(),
            completed: { context, completion in
                guard let context else { return }
                Unmanaged<LibCameraRun>.fromOpaque(context).takeUnretainedValue().receive(completion.pointee)
            },
            lost: { context in
                guard let context else { return }
                Unmanaged<LibCameraRun>.fromOpaque(context).takeUnretainedValue().inbox.update { $0.isLost = true }
            })
        do throws(CameraError) {
            try session.start(frameDuration: mode.frameDuration, listener)
            for index in buffers.indices { try queue(index, session) }
        } catch {
            stop()
            throw error
        }
    }

    /// Stops the camera; frames that others keep stay valid.
    func stop() {
        let session = state.withLock { $0.session.take() }
        state.wait { $0.returnsUnderWay == 0 ? () : nil }
        session?.stop()
    }

    // MARK: libcamera's thread

    private func receive(_ completion: clc_completion) {
        let isRunning = state.withLock { state in
            state.queuedCount -= 1
            return state.session != nil
        }
        guard isRunning, !completion.is_cancelled else { return }
        inbox.update { $0.completions.append(completion) }
    }

    // MARK: Device thread

    /// What became of one stream's part of a request.
    enum Outcome {
        /// A frame in the camera's memory.
        case lent(Frame)
        /// A frame in the program's memory.
        case copied(Frame)
        /// There was no memory for a copy.
        case dropped
        /// The camera says that the contents are damaged.
        case damaged
    }

    /// Makes frames of a completed request, one for each stream that has a picture, the main one first.
    func take(_ completion: clc_completion) -> [Outcome] {
        var completion = completion
        let index = Int(completion.index)
        let loan = LibCameraLoan(self, index)
        let canLend = state.withLock { $0.queuedCount } >= Self.leastQueued
        let filled = withUnsafeBytes(of: &completion.streams) { bytes in
            Array(bytes.bindMemory(to: clc_filled.self).prefix(mode.streams.count))
        }
        let own = completion.sensor_timestamp
        let stamp = own != 0 ? own : Int64(clamping: filled[0].timestamp)
        let timestamp = LibCameraClock.present.monotonic(stamp)
        let request = counters.withLock { $0.requests.widen(completion.sequence) }
        var info = FrameInfo(
            timestamp: timestamp, wallTime: WallTime(timestamp), sequence: 0, request: request,
            metadata: FrameMetadata(completion.metadata))
        var outcomes: [Outcome] = []
        for (stream, result) in filled.enumerated() where Int(completion.stream_count) > stream {
            // Pictures from before the camera has settled are not for use.
            guard result.status == 0 || result.status == 1 else { continue }
            info.sequence = counters.withLock { $0.streams[stream].widen(result.sequence) }
            info.stream = stream
            guard result.status == 0, let planes = layouts[stream].planes(of: buffers[index][stream], result) else {
                outcomes.append(.damaged)
                continue
            }
            let description = mode.streams[stream]
            let frame = Frame(
                format: description.format, size: description.size, color: description.color, info: info,
                planes: planes, owner: loan, isLoan: true)
            if canLend {
                outcomes.append(.lent(frame))
            } else {
                // The loan ends with this call, and the request goes back to the camera.
                outcomes.append(frame.copy(from: pool).map(Outcome.copied) ?? .dropped)
            }
        }
        return outcomes
    }

    // MARK: Any thread

    fileprivate func beginReading(_ index: Int) {
        for buffer in buffers[index] { buffer.beginReading() }
    }

    /// Gives a request back that the program is done with, unless the camera was stopped.
    fileprivate func takeBack(_ index: Int) {
        for buffer in buffers[index] { buffer.endReading() }
        let session = state.withLock { state in
            if state.session != nil { state.returnsUnderWay += 1 }
            return state.session
        }
        guard let session else { return }
        do throws(CameraError) {
            try queue(index, session)
        } catch {
            // The last reference may go anywhere, so the error waits for the device thread.
            inbox.update { inbox in
                if inbox.failure == nil { inbox.failure = error }
            }
        }
        state.update { $0.returnsUnderWay -= 1 }
    }

    private func queue(_ index: Int, _ session: LibCameraSession) throws(CameraError) {
        // Counted first: it may come back before the call returns.
        state.withLock { $0.queuedCount += 1 }
        let result = session.queue(index)
        guard result < 0 else { return }
        state.withLock { $0.queuedCount -= 1 }
        throw session.shim.failure(result, "giving a buffer to the camera", subject: session.name)
    }
}

/// What libcamera's thread and others leave for the device thread.
struct LibCameraInbox {
    /// Requests in the order of their completion, at most as many as there are.
    var completions = Deque<clc_completion>()
    /// The events of the last request that are still to be delivered.
    var events = Deque<SourceEvent>()
    var isInterrupted = false
    var isLost = false
    var failure: CameraError?
}

/// A completed request, until the last frame of it is released.
private final class LibCameraLoan: Sendable {
    private let run: LibCameraRun
    private let index: Int

    init(_ run: LibCameraRun, _ index: Int) {
        self.run = run
        self.index = index
        run.beginReading(index)
    }

    deinit {
        run.takeBack(index)
    }
}

extension FrameMetadata {
    /// What libcamera tells of a request; nil when that is nothing.
    init?(_ source: clc_metadata) {
        guard source.known != 0 else { return nil }
        func value<Value>(_ bit: UInt32, _ value: Value) -> Value? { source.known & bit != 0 ? value : nil }
        self.init()
        exposureTime = value(CLC_KNOWS_EXPOSURE_TIME, .microseconds(source.exposure_time))
        frameDuration = value(CLC_KNOWS_FRAME_DURATION, .microseconds(source.frame_duration))
        analogGain = value(CLC_KNOWS_ANALOGUE_GAIN, source.analogue_gain)
        digitalGain = value(CLC_KNOWS_DIGITAL_GAIN, source.digital_gain)
        awbGains = value(
            CLC_KNOWS_COLOR_GAINS, AWBGains(red: Double(source.red_gain), blue: Double(source.blue_gain)))
        colorTemperature = value(CLC_KNOWS_COLOR_TEMPERATURE, Int(source.color_temperature))
        lux = value(CLC_KNOWS_LUX, source.lux)
        sensorTemperature = value(CLC_KNOWS_SENSOR_TEMPERATURE, source.sensor_temperature)
        lensPosition = value(CLC_KNOWS_LENS_POSITION, source.lens_position)
        focusMeasure = value(CLC_KNOWS_FOCUS_MEASURE, Int(source.focus_measure))
    }
}
