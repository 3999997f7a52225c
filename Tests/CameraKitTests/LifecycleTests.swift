// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Opening, setting up, starting and closing from several threads at once, and from callbacks.
@Suite(.timeLimit(.minutes(10))) struct LifecycleTests {
    @Test func settingUpFromSeveralThreadsLeavesOneDeviceThread() throws {
        let source = CrowdedSource()
        let camera = try Camera(.source(source))
        try onThreads(4) { number in
            for _ in 0..<50 { try? camera.setResolution(Resolution(16 + 16 * number, 16)) }
        }
        let output = MemoryOutput()
        try camera.capture(to: .output(output), format: .yuv420)
        #expect(output.data.count == camera.resolution.pixelCount * 3 / 2)
        camera.close()
        #expect(source.mostInside == 1)
        #expect(source.starts == source.stops)
    }

    /// Who would record meanwhile waits for its turn, and gives up in the end.
    @Test func nothingIsRecordedWhileTheCameraIsSetUp() throws {
        let source = SetUpSource()
        let camera = try Camera(.source(source), stopTimeout: .milliseconds(500))
        defer { camera.close() }
        let code = Mutex<CameraError.Code?>(nil)
        source.whileSettingUp { [weak camera] in
            do throws(CameraError) {
                try camera?.startRecording(to: .output(MemoryOutput()), format: .yuv420)
            } catch {
                code.withLock { $0 = error.code }
            }
        }
        try camera.setResolution(Resolution(32, 16))
        #expect(code.withLock { $0 } == .timedOut)
        #expect(!camera.isRecording)
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
    }

    /// The source is in the hands of who sets it up, and is closed when that is over.
    @Test func aSourceIsNotClosedWhileItIsSetUp() throws {
        let source = SetUpSource()
        let camera = try Camera(.source(source), stopTimeout: .milliseconds(500))
        source.whileSettingUp { [weak camera] in camera?.close() }
        try? camera.setResolution(Resolution(32, 16))
        camera.close()
        let steps = source.steps
        let begin = try #require(steps.lastIndex(of: "setting up"))
        #expect(begin > 0 && steps[begin + 1] == "set up", "\(steps)")
        #expect(steps.count { $0 == "start" } == steps.count { $0 == "stop" }, "\(steps)")
        #expect(steps.count { $0 == "close" } == 1 && steps.last == "close", "\(steps)")
    }

    /// A start that was under way when the camera began to close is refused, though the closing is not over.
    @Test func aStartThatMeetsTheClosingIsRefused() throws {
        let camera = try Camera(.source(CrowdedSource()))
        let slow = HeldOutput()
        try camera.startRecording(to: .output(slow), format: .yuv420)
        slow.hasWritten.wait { $0 ? () : nil }
        let (isStarting, mayStart) = (Monitor(false), Monitor(false))
        let code = Mutex<CameraError.Code?>(nil)
        let starting = try WorkerThread("starting") {
            do throws(CameraError) {
                try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420, splitterPort: 2) {
                    try HeldEncoder($0, isStarting, mayStart)
                }
            } catch {
                code.withLock { $0 = error.code }
            }
        }
        isStarting.wait { $0 ? () : nil }
        let closing = try WorkerThread("closing") { camera.close() }
        // From here on the closing has seen which recordings there are.
        slow.isEnding.wait { $0 ? () : nil }
        mayStart.update { $0 = true }
        starting.join()
        #expect(code.withLock { $0 } == .closed)
        slow.mayEnd.update { $0 = true }
        closing.join()
        #expect(!camera.isRecording)
    }

    /// A start is refused by a camera that is closed, or is ended by its closing.
    @Test func nothingRunsOnAfterClosing() throws {
        for round in 0..<60 {
            let camera = try Camera(.source(round % 2 == 0 ? CrowdedSource() : NumberedSource()))
            let isStarted = Atomic(false)
            try onThreads(3) { number in
                if number > 0 {
                    usleep(useconds_t(round * 20))
                    return camera.close()
                }
                do throws(CameraError) {
                    try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
                    isStarted.store(true, ordering: .relaxed)
                } catch {
                    #expect(error.code == .closed, "\(error)")
                }
                do throws(CameraError) {
                    // One that was stopped meanwhile has ended.
                    #expect(try camera.waitRecording() == .ended)
                } catch {
                    #expect(error.code == .closed, "\(error)")
                }
            }
            #expect(camera.isClosed && !camera.isRecording, "\(isStarted.load(ordering: .relaxed))")
        }
    }

    @Test func framesEndWhenTheCameraIsClosed() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        let frames = try camera.frames()
        source.sendFrame()
        var count = 0
        for try await _ in frames {
            count += 1
            Thread.detachNewThread { camera.close() }
        }
        #expect(count == 1)
    }

    /// Closing within an output's write: another thread closes, and the second call waits for that.
    @Test func closingFromACallbackEndsTheRecording() throws {
        for _ in 0..<20 {
            let camera = try Camera(.source(CrowdedSource()))
            let isClosed = Monitor(false)
            let output = ClosureOutput { _, _ in
                camera.close()
                isClosed.update { $0 = true }
            }
            try camera.startRecording(to: .output(output), format: .yuv420)
            isClosed.wait { $0 ? () : nil }
            #expect(camera.isClosed)
            camera.close()
            #expect(!camera.isRecording)
            let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
            #expect(error?.code == .closed)
        }
    }

    /// A source of the user's may look at its camera in whatever it is asked, which no lock forbids.
    @Test(arguments: [true, false]) func aSourceMayAskItsCamera(canWait: Bool) throws {
        let source = AskingSource(canWait: canWait)
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        source.ask { [weak camera] in
            _ = (camera?.statistics, camera?.isRecording, camera?.isClosed)
        }
        try camera.startRecording(to: .output(ClosureOutput { _, _ in }), format: .yuv420, frameLimit: 5)
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        // A camera's frames are now ones that nobody takes.
        let count = source.questions
        #expect(canWait || eventually { source.questions > count + 10 })
        camera.close()
        #expect(source.questions > 0)
    }

    /// Outputs of the user's may look at their recording while they write, which no lock forbids.
    @Test func anOutputMayAskItsRecording() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let asked = Mutex(0)
        let output = ClosureOutput { [weak camera] _, _ in
            let recording = try camera?.recording()
            _ = (recording?.outputs, recording?.statistics, recording?.frame, recording?.state, camera?.statistics)
            try recording?.requestKeyFrame()
            asked.withLock { $0 += 1 }
        }
        try camera.startRecording(to: .output(output), format: .yuv420, frameLimit: 5)
        #expect(try camera.waitRecording() == .ended)
        #expect(asked.withLock { $0 } == 5)
    }

    @Test func oneOfTwoStartsOfAnEncoderIsRefused() throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        for _ in 0..<100 {
            let encoder = try RawVideoEncoder(
                EncoderConfiguration(parent: camera.encoderParent, splitterPort: 5, format: .yuv420))
            let codes = Mutex<[CameraError.Code?]>([])
            try onThreads(2) { _ in
                var code: CameraError.Code?
                do throws(CameraError) {
                    try encoder.start(.output(ClosureOutput { _, _ in }))
                } catch {
                    code = error.code
                }
                codes.withLock { $0.append(code) }
            }
            #expect(Set(codes.withLock { $0 }) == [nil, .alreadyRecording])
            try encoder.close()
            #expect(!encoder.isActive)
        }
    }

    /// A recording keeps what it needs of its camera, and not the camera.
    @Test func aCameraThatNobodyHoldsIsClosed() throws {
        let source = CrowdedSource()
        let output = MemoryOutput()
        weak var held: Camera?
        do {
            let camera = try Camera(.source(source))
            held = camera
            try camera.startRecording(to: .output(output), format: .yuv420)
            #expect(eventually { !output.data.isEmpty })
        }
        #expect(held == nil)
        #expect(source.isClosed)
        let count = output.data.count
        #expect(source.starts == source.stops)
        #expect(output.data.count == count)
    }

    /// What waits has stopped before it throws: the output is closed, and the encoder does not run.
    @Test func anErrorIsThrownByWhatHasEnded() throws {
        for _ in 0..<100 {
            let camera = try Camera(.source(NumberedSource()))
            defer { camera.close() }
            let output = FailingOutput(after: 3)
            try camera.startRecording(to: .output(output), format: .yuv420)
            let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
            #expect(error?.code == .output)
            #expect(output.hasEnded && !camera.isRecording)
        }
    }
}

/// A camera of 1000 frames a second that notes how many threads are in it.
private final class CrowdedSource: VideoSource {
    let name = "crowded"
    let canWait = false
    private let pool = BytePool()
    private let state = Monitor(State())

    private struct State {
        var size = Resolution(16, 16)
        var number: UInt64 = 0
        var inside = 0
        var mostInside = 0
        var starts = 0
        var stops = 0
        var isInterrupted = false
        var isClosed = false
    }

    var mostInside: Int { state.withLock(\.mostInside) }
    var starts: Int { state.withLock(\.starts) }
    var stops: Int { state.withLock(\.stops) }
    var isClosed: Bool { state.withLock(\.isClosed) }

    var streams: [VideoStream] {
        [VideoStream(format: .yuv420, size: state.withLock(\.size), frameRate: 1000, color: .bt601)]
    }

    func configure(_ request: SourceConfiguration) { state.withLock { $0.size = request.resolution ?? $0.size } }

    func start() {
        state.withLock {
            $0.starts += 1
            $0.isInterrupted = false
        }
    }

    func next(timeout: Duration?) throws -> SourceEvent {
        let number = state.withLock { state in
            state.inside += 1
            state.mostInside = max(state.mostInside, state.inside)
            state.number += 1
            return state.number
        }
        usleep(1000)
        return state.withLock { state in
            state.inside -= 1
            guard !state.isInterrupted else { return .interrupted }
            let stream = VideoStream(format: .yuv420, size: state.size, frameRate: 1000, color: .bt601)
            return .frame(NumberedSource.frame(number, of: stream, from: pool, at: .now))
        }
    }

    func interrupt() { state.withLock { $0.isInterrupted = true } }
    func stop() { state.withLock { $0.stops += 1 } }
    func close() { state.withLock { $0.isClosed = true } }
}

/// A camera that can be looked into while it is set up, and notes what is done with it.
private final class SetUpSource: VideoSource {
    private let base = CrowdedSource()
    private let body = Mutex<(@Sendable () -> Void)?>(nil)
    private let noted = Mutex<[String]>([])

    var steps: [String] { noted.withLock { $0 } }

    /// Does something the next time that the camera is set up.
    func whileSettingUp(_ body: @escaping @Sendable () -> Void) { self.body.withLock { $0 = body } }

    private func note(_ step: String) { noted.withLock { $0.append(step) } }

    var name: String { base.name }
    var canWait: Bool { base.canWait }
    var streams: [VideoStream] { base.streams }

    func configure(_ request: SourceConfiguration) {
        note("setting up")
        base.configure(request)
        body.withLock { $0.take() }?()
        note("set up")
    }

    func start() {
        note("start")
        base.start()
    }

    func next(timeout: Duration?) throws -> SourceEvent { try base.next(timeout: timeout) }
    func interrupt() { base.interrupt() }

    func stop() {
        note("stop")
        base.stop()
    }

    func close() {
        note("close")
        base.close()
    }
}

/// An output that ends when it is told to.
private final class HeldOutput: Output {
    let hasWritten = Monitor(false)
    let isEnding = Monitor(false)
    let mayEnd = Monitor(false)

    func write(_ bytes: RawSpan, _ info: PacketInfo) { hasWritten.update { $0 = true } }

    func end() {
        isEnding.update { $0 = true }
        mayEnd.wait { $0 ? () : nil }
    }
}

/// An encoder that starts when it is told to.
private final class HeldEncoder: RawVideoEncoder, @unchecked Sendable {
    private let isStarting: Monitor<Bool>
    private let mayStart: Monitor<Bool>

    init(_ configuration: EncoderConfiguration, _ isStarting: Monitor<Bool>, _ mayStart: Monitor<Bool>) throws {
        self.isStarting = isStarting
        self.mayStart = mayStart
        try super.init(configuration)
    }

    override func willStart() {
        isStarting.update { $0 = true }
        mayStart.wait { $0 ? () : nil }
    }
}

/// A source that looks at its camera whenever it is asked something.
private final class AskingSource: VideoSource {
    private let base: NumberedSource
    private let isWaiting: Bool
    private let asking = Mutex<(@Sendable () -> Void)?>(nil)
    private let count = Atomic(0)

    init(canWait: Bool) {
        base = NumberedSource()
        isWaiting = canWait
    }

    var questions: Int { count.load(ordering: .relaxed) }

    func ask(_ body: @escaping @Sendable () -> Void) { asking.withLock { $0 = body } }

    private func answer<Value>(_ value: Value) -> Value {
        if let ask = asking.withLock({ $0 }) {
            count.add(1, ordering: .relaxed)
            ask()
        }
        return value
    }

    var name: String { answer(base.name) }
    var canWait: Bool { answer(isWaiting) }
    var streams: [VideoStream] { answer(base.streams) }

    func configure(_ request: SourceConfiguration) { answer(base.configure(request)) }
    func start() { answer(base.start()) }
    func next(timeout: Duration?) -> SourceEvent { answer(base.next(timeout: timeout)) }
    func interrupt() { answer(base.interrupt()) }
    func stop() { answer(base.stop()) }
    func close() { answer(base.close()) }
}

/// An output that takes so many pictures and then fails, and takes its time to end.
private final class FailingOutput: Output {
    private let limit: Int
    private let state = Mutex((count: 0, hasEnded: false))

    init(after limit: Int) { self.limit = limit }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
        let count = state.withLock { state in
            state.count += 1
            return state.count
        }
        if count > limit { throw CameraError(.output, "writing", reason: "it is full") }
    }

    func end() {
        usleep(2000)
        state.withLock { $0.hasEnded = true }
    }
}
