// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Every public call of cameras, recordings, encoders, channels, series and rings, from eight threads and from callbacks, in
/// an order that a seed gives; `STORM_SEED` repeats one, `STORM_STEPS` makes it longer.
///
/// Each call must have one of three ends within half a minute: done, a clear error, or `.closed`. At the end nothing is left:
/// no camera, encoder, source or channel, and so no thread, since threads keep what they work for. Each recording that was
/// stopped has written or counted all that it received.
@Suite(.timeLimit(.minutes(10))) struct LifecycleStormTests {
    private static let size = Resolution(32, 32)

    @Test func everythingEndsInAnyOrder() async throws {
        // Not on a thread of the tasks' pool, which other tests want.
        try await onThreadOfItsOwn("storm", "the storm") { () throws(CameraError) in
            do {
                try runStorm()
            } catch {
                throw CameraError(wrapping: error, as: .system, "the storm")
            }
        }
    }

    private func runStorm() throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["STORM_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 0..<1_000_000_000)
        let steps = environment["STORM_STEPS"].flatMap(Int.init) ?? 10_000
        print("storm: STORM_SEED=\(seed)")
        let storm = try Storm(seed: seed)
        let threads = try (0..<8).map { number in
            try WorkerThread("storm\(number)") { storm.run(steps / 8, SeededRandom(seed: seed &+ UInt64(number))) }
        }
        let isOver = Atomic(false)
        // Under a sanitizer more code is generic at run time, and Swift's runtime makes each such type once, under a lock that
        // goes from thread to thread: two hundred threads that meet there for the first time take a minute.
        let limit = Duration.seconds(Machine.isSanitized ? 240 : 30)
        let watchdog = try WorkerThread("watchdog") {
            while !isOver.load(ordering: .relaxed) {
                usleep(200_000)
                if let stuck = storm.stuck(for: limit) {
                    fatalError("storm STORM_SEED=\(seed): these calls do not end: \(stuck)")
                }
            }
        }
        for thread in threads { thread.join() }
        let rest = storm.finish()
        isOver.store(true, ordering: .relaxed)
        watchdog.join()
        #expect(storm.complaints.withLock { $0 } == [], "STORM_SEED=\(seed)")
        // A storm of refusals alone would show nothing.
        for call in [
            "start", "start together", "split", "stop", "capture", "frames", "resolution", "link", "encoder",
            "outputs", "async wait", "async capture", "async receive", "async send", "async series",
        ] {
            #expect(storm.done.withLock { $0[call] ?? 0 } > 0, "STORM_SEED=\(seed): no '\(call)' was done")
        }
        print("storm: done \(storm.done.withLock { $0.sorted { $0.key < $1.key } })")
        #expect(eventually { rest.isGone }, "STORM_SEED=\(seed): \(rest.left)")
    }

    /// What was made, to see that it is gone in the end.
    private final class Made: Sendable {
        private let objects = Mutex<[Weak]>([])

        private struct Weak: Sendable {
            weak var object: (any AnyObject & Sendable)?
        }

        func note(_ object: any AnyObject & Sendable) {
            objects.withLock { objects in
                if objects.count % 256 == 0 { objects.removeAll { $0.object == nil } }
                objects.append(Weak(object: object))
            }
        }

        var left: [String] { objects.withLock { $0.compactMap { $0.object.map { "\(type(of: $0))" } } } }
        var isGone: Bool { left.isEmpty }
    }

    /// What the threads share.
    private final class Storm: Sendable {
        let complaints = Mutex<[String]>([])
        /// How often each call was done without an error.
        let done = Mutex<[String: Int]>([:])
        private let made = Made()
        private let folder: TemporaryFolder
        private let slots = Mutex<[Slot]>([])
        private let calls = Mutex<[Int: (name: String, start: Timestamp)]>([:])
        private let nextCall = Atomic(0)
        /// Where the async calls run.
        private let executor: ThreadExecutor

        private struct Slot: Sendable {
            var camera: Camera?
            var source: StormSource?
            var recordings: [Recording] = []
            var channel: EncoderChannel?
            var link: ChannelLink?
            var encoder: VideoEncoder?
            var series: CaptureSeries?
            var ring: CircularOutput?
            var clips: RingClips?
        }

        init(seed: UInt64) throws {
            folder = try TemporaryFolder()
            executor = try ThreadExecutor()
            slots.withLock { $0 = Array(repeating: Slot(), count: StormSource.Kind.allCases.count) }
        }

        func stuck(for time: Duration) -> [String]? {
            let names = calls.withLock { $0.values.filter { Timestamp.now - $0.start > time }.map(\.name) }
            return names.isEmpty ? nil : names
        }

        /// Makes a call, which may fail; what it may not do is take for ever, or fail by what no caller did.
        private func call(_ name: String, _ body: () throws -> Void) {
            let number = nextCall.add(1, ordering: .relaxed).oldValue
            calls.withLock { $0[number] = (name, .now) }
            defer { _ = calls.withLock { $0.removeValue(forKey: number) } }
            do {
                try body()
                done.withLock { $0[name, default: 0] += 1 }
            } catch {
                judge(error, of: name)
            }
        }

        /// Makes a call of async code, and cancels its task where that is wanted.
        private func callAsync(_ name: String, cancelling: Bool, _ body: @escaping @Sendable () async throws -> Void) {
            let number = nextCall.add(1, ordering: .relaxed).oldValue
            calls.withLock { $0[number] = (name, .now) }
            let task = Task(executorPreference: executor) {
                do {
                    try await body()
                    self.done.withLock { $0[name, default: 0] += 1 }
                } catch {
                    self.judge(error, of: name)
                }
                _ = self.calls.withLock { $0.removeValue(forKey: number) }
            }
            if cancelling { task.cancel() }
        }

        private func judge(_ error: any Error, of name: String) {
            let clear: Set<CameraError.Code> = [
                .closed, .notRecording, .alreadyRecording, .sourceEnded, .deviceLost, .timedOut, .queueFull,
                .notStarted, .wouldDeadlock, .unsupported, .nothingToCopy, .invalidValue, .codec, .busy, .output,
                .cancelled,
                .notFound,
            ]
            if let error = error as? CameraError, clear.contains(error.code) { return }
            complaints.withLock { $0.append("\(name): \(error)") }
        }

        func run(_ steps: Int, _ random: SeededRandom) {
            var random = random
            for _ in 0..<steps { step(&random) }
        }

        private func step(_ random: inout SeededRandom) {
            let index = Int.random(in: 0..<StormSource.Kind.allCases.count, using: &random)
            let slot = slots.withLock { $0[index] }
            guard let camera = slot.camera, !camera.isClosed || Int.random(in: 0..<4, using: &random) > 0 else {
                return call("open") { try open(index) }
            }
            let port = Int.random(in: 1...2, using: &random)
            let recording = slot.recordings.randomElement(using: &random)
            let number = Int.random(in: 0..<1000, using: &random)
            switch Int.random(in: 0..<49, using: &random) {
            case 0...3: call("start") { try start(camera, port, index, number) }
            case 4: call("start together") { try startTogether(camera, index) }
            case 5, 6: call("wait") { try recording?.wait(.milliseconds(number % 5)) }
            case 7, 8: call("split") { try recording?.split(to: .output(Self.nowhere)) }
            case 9: call("split file") { try recording?.split(to: .path(folder.path("\(number).yuv420"))) }
            case 10: call("begin split") { _ = try recording?.beginSplit(to: .output(Self.nowhere)) }
            case 11: call("key frame") { try recording?.requestKeyFrame() }
            case 12: call("bit rate") { try recording?.setBitRate(500_000) }
            case 13: call("pause") { try recording?.pause() }
            case 14, 15: call("resume") { try recording?.resume() }
            case 16, 17: call("stop") { try recording.map(stop) }
            case 18: call("stop port") { try camera.stopRecording(splitterPort: port) }
            case 19, 20:
                call("capture") {
                    try camera.capture(to: .output(MemoryOutput()), format: .yuv420, timeout: .milliseconds(50))
                }
            case 21: call("capture sequence") { try captureSequence(camera) }
            case 22: call("series") { _ = try slot.series?.next() }
            case 23: call("new series") { try makeSeries(camera, index, number) }
            case 24: call("frames") { try takeFrames(camera) }
            case 25: call("resolution") { try camera.setResolution(Resolution(16 + 16 * (number % 3), 32)) }
            case 26: call("rate") { try camera.setFrameRate(FrameRate(number % 2 == 0 ? 500 : 1000)) }
            case 27: call("link") { try link(camera, index) }
            case 28: call("end link") { slot.link?.end() }
            case 29: call("channel") { try useChannel(slot.channel, number) }
            case 30: call("encoder") { try useEncoder(camera, slot.encoder, index, number) }
            case 31:
                call("style") {
                    try camera.changeStyle(splitterPort: port) { $0.transform = Transform(hflip: number % 2 == 0) }
                }
            case 32: call("ring") { try useRing(slot.ring, slot.clips, number) }
            case 33: call("look") { _ = (camera.statistics, camera.isRecording, recording?.outputs, recording?.state) }
            case 34: call("wait for time") { try camera.wait(.milliseconds(1)) }
            case 35: slot.source?.fail(number % 2 == 0 ? .deviceLost : .codec)
            case 36: call("close") { camera.close() }
            case 37:
                callAsync("async wait", cancelling: number % 2 == 0) {
                    // Without an end only where it is cancelled: it keeps the camera.
                    try await recording?.wait(number % 2 == 0 ? nil : .milliseconds(3))
                }
            case 38:
                callAsync("async split", cancelling: number % 4 == 0) {
                    try await recording?.split(to: .output(Self.nowhere))
                }
            case 39: callAsync("async bit rate", cancelling: false) { try await recording?.setBitRate(500_000) }
            case 40: callAsync("async stop", cancelling: number % 4 == 0) { try await recording?.stop() }
            case 41: call("two cameras") { try startTwo(camera, index, number) }
            case 42: asyncPictures(camera, cancelling: number % 3 == 0, number)
            case 43: callAsync("async series", cancelling: number % 3 == 0) { _ = try await slot.series?.next() }
            case 44:
                callAsync("async wait for time", cancelling: number % 2 == 0) {
                    try await camera.wait(.milliseconds(2))
                }
            case 45, 46: useChannelAsync(slot.channel, cancelling: number % 3 == 0, number)
            case 47: call("outputs") { try changeOutputs(of: recording, number) }
            // Nobody holds it any more, but for calls that are under way.
            default: slots.withLock { $0[index] = Slot() }
            }
        }

        private func open(_ index: Int) throws {
            let source = StormSource(StormSource.Kind.allCases[index], size: size)
            let camera = try Camera(.source(source), stallLimit: .milliseconds(300), stopTimeout: .seconds(10))
            made.note(source)
            made.note(camera)
            slots.withLock { slots in
                var slot = Slot()
                (slot.camera, slot.source) = (camera, source)
                slots[index] = slot
            }
        }

        /// An output that keeps nothing; each is another object.
        private static var nowhere: any Output { ClosureOutput { _, _ in } }

        /// One in four calls something of its camera from its callback thread.
        private func output(_ camera: Camera, _ number: Int) -> any Output {
            guard number % 4 == 0 else { return Self.nowhere }
            let count = Atomic(0)
            let calls = CallbackCalls(camera: camera)
            return ClosureOutput { [weak self] _, _ in
                guard count.add(1, ordering: .relaxed).newValue == 3, let self, let camera = calls.camera else {
                    return
                }
                switch number % 7 {
                case 0: self.call("close in a callback") { camera.close() }
                case 1: self.call("stop in a callback") { try camera.stopRecording() }
                case 2: self.call("split in a callback") { try camera.splitRecording(to: .output(Self.nowhere)) }
                case 3: self.call("begin in a callback") { _ = try camera.beginSplit(to: .output(Self.nowhere)) }
                case 4: self.call("wait in a callback") { try camera.waitRecording(.milliseconds(1)) }
                case 5: self.call("set up in a callback") { try camera.setFrameRate(500) }
                default: throw CameraError(.output, "writing", reason: "as the storm wants it")
                }
            }
        }

        private final class CallbackCalls: Sendable {
            private let held: Mutex<Weak>

            private struct Weak: Sendable {
                weak var camera: Camera?
            }

            init(camera: Camera) {
                held = Mutex(Weak(camera: camera))
            }

            var camera: Camera? { held.withLock { $0.camera } }
        }

        private func start(_ camera: Camera, _ port: Int, _ index: Int, _ number: Int) throws {
            var target = OutputTarget.output(output(camera, number))
            if number % 5 == 1 {
                let ring = try CircularOutput(.frames(20), stopTimeout: .seconds(5))
                let clips = try RingClips(of: ring, to: folder.path("ring\(number)-{counter}.yuv420"))
                slots.withLock { ($0[index].ring, $0[index].clips) = (ring, clips) }
                target = .output(ring)
            }
            var request = RecordingRequest(
                to: target, format: number % 3 == 0 ? .mjpeg : .yuv420, splitterPort: port)
            if number % 6 == 0 { request.frameLimit = number % 30 + 1 }
            if number % 10 == 3 {
                request = RecordingRequest(
                    to: .path(folder.path("\(index)-\(number)-{counter}.yuv420")), splitterPort: port,
                    splitting: .every(.frames(7)))
                if number % 20 == 3 { request.retention = Retention(files: 3) }
            }
            if number % 10 == 7, slots.withLock({ $0[index].source })?.canWait == false {
                request = RecordingRequest(
                    to: .path(folder.path("\(index)-\(number)-{counter}.yuv420")), splitterPort: port)
                request.onDisconnect = .wait
            }
            if number % 8 == 2 { request.durationLimit = .milliseconds(number % 40 + 1) }
            if number % 8 == 4 { request.metadataOutput = .output(Self.nowhere) }
            if number % 8 == 5 { request.motionOutput = .output(Self.nowhere) }
            keep(try camera.startRecordings([request]), index)
        }

        /// Adds an output, a queued one at times, which may fail; or removes one.
        private func changeOutputs(of recording: Recording?, _ number: Int) throws {
            guard let recording else { return }
            if number % 3 == 0, let key = recording.outputs.keys.first(where: { $0.rawValue.hasPrefix("frame+") }) {
                return try recording.remove(key)
            }
            let written = Atomic(0)
            let output = ClosureOutput { _, _ in
                if number % 5 == 0, written.add(1, ordering: .relaxed).newValue == 4 {
                    throw CameraError(.output, "writing", reason: "as the storm wants it")
                }
            }
            guard number % 2 == 0 else { try recording.add(.output(output)); return }
            let reopening = number % 4 == 0 ? Reopening.backoff(from: .milliseconds(1), to: .milliseconds(5)) : .never
            let queued = QueuedOutput(name: "storm", reopening: reopening) { output }
            made.note(queued)
            try recording.add(.output(queued))
        }

        private func startTogether(_ camera: Camera, _ index: Int) throws {
            keep(
                try camera.startRecordings(
                    (3...4).map { RecordingRequest(to: .output(Self.nowhere), format: .yuv420, splitterPort: $0) }),
                index)
        }

        /// Starts a recording of this camera and of another together.
        private func startTwo(_ camera: Camera, _ index: Int, _ number: Int) throws {
            guard let other = slots.withLock({ $0.compactMap(\.camera).first { $0 !== camera } }) else { return }
            let recordings = try Camera.startRecordings(
                [camera, other].map {
                    ($0, RecordingRequest(to: .output(Self.nowhere), format: .yuv420, splitterPort: 5))
                })
            keep([recordings[0]], index)
        }

        private func keep(_ recordings: [Recording], _ index: Int) {
            slots.withLock { slots in
                let camera = slots[index].camera
                slots[index].recordings += recordings.filter { $0.camera === camera }
                slots[index].recordings = slots[index].recordings.suffix(6)
            }
        }

        /// All that a recording received was written or counted.
        private func stop(_ recording: Recording) throws {
            defer {
                // Asked in this order: two may stop at once, of which one throws before the other is done.
                let hasEnded = recording.state == .ended
                let counts = recording.statistics
                let known =
                    counts.packetsWritten + counts.framesDropped + counts.framesDamaged + counts.packetsDropped
                if hasEnded, counts.framesReceived != known {
                    complaints.withLock { $0.append("received \(counts.framesReceived), known \(known): \(counts)") }
                }
            }
            try recording.stop()
        }

        private func captureSequence(_ camera: Camera) throws {
            try camera.captureSequence(
                to: [MemoryOutput(), MemoryOutput()], format: .yuv420, timeout: .milliseconds(50))
        }

        private func makeSeries(_ camera: Camera, _ index: Int, _ number: Int) throws {
            let series = try camera.captureContinuous(
                to: folder.path("s\(number)-{counter}.yuv420"), timeout: .milliseconds(50))
            slots.withLock { if $0[index].camera === camera { $0[index].series = series } }
        }

        private func asyncPictures(_ camera: Camera, cancelling: Bool, _ number: Int) {
            if number % 2 == 0 {
                return callAsync("async capture", cancelling: cancelling) {
                    try await camera.capture(to: .output(MemoryOutput()), format: .yuv420, timeout: .milliseconds(50))
                }
            }
            callAsync("async capture sequence", cancelling: cancelling) {
                let outputs: [any Output] = [MemoryOutput(), MemoryOutput()]
                try await camera.captureSequence(to: outputs, format: .yuv420, timeout: .milliseconds(50))
            }
        }

        /// A task takes some frames and leaves the loop, or hears of the end.
        private func takeFrames(_ camera: Camera) throws {
            let frames = try camera.frames()
            Task {
                var count = 0
                do {
                    for try await _ in frames {
                        count += 1
                        if count == 3 { break }
                    }
                } catch {
                    // The camera has failed.
                }
            }
        }

        private func link(_ camera: Camera, _ index: Int) throws {
            let present = slots.withLock { $0[index].channel }
            let channel =
                try present ?? EncoderChannel(ChannelAttributes(format: .mjpeg, size: size, quality: 50))
            made.note(channel)
            let link = try camera.link(to: channel)
            made.note(link)
            slots.withLock { slots in
                guard slots[index].camera === camera else { return }
                (slots[index].channel, slots[index].link) = (channel, link)
            }
        }

        private func useChannel(_ channel: EncoderChannel?, _ number: Int) throws {
            guard let channel else { return }
            let frame = [UInt8](repeating: 100, count: size.pixelCount * 3 / 2)
            switch number % 9 {
            case 0, 1: try channel.start()
            case 2, 3: try channel.send(frame.span.bytes, at: .milliseconds(number), timeout: .milliseconds(2))
            case 4, 5: _ = try channel.receive(timeout: .milliseconds(2))
            case 6: try channel.drain()
            case 7: channel.stop()
            default: channel.close()
            }
        }

        private func useChannelAsync(_ channel: EncoderChannel?, cancelling: Bool, _ number: Int) {
            if number % 2 == 0 {
                return callAsync("async receive", cancelling: cancelling) {
                    _ = try await channel?.receive(timeout: .milliseconds(5))
                }
            }
            let stream = VideoStream(format: .yuv420, size: size, frameRate: 30, color: .bt601)
            let frame = NumberedSource.frame(1, of: stream, from: BytePool(), at: .now)
            callAsync("async send", cancelling: cancelling) {
                try await channel?.send(frame, at: .milliseconds(number), timeout: .milliseconds(5))
            }
        }

        private func useEncoder(_ camera: Camera, _ present: VideoEncoder?, _ index: Int, _ number: Int) throws {
            guard let present else {
                let encoder = try RawVideoEncoder(
                    EncoderConfiguration(parent: camera.encoderParent, splitterPort: 9, format: .yuv420))
                made.note(encoder)
                return slots.withLock { if $0[index].camera === camera { $0[index].encoder = encoder } }
            }
            switch number % 5 {
            case 0, 1: try present.start(.output(Self.nowhere))
            case 2: _ = try present.wait(timeout: .milliseconds(1))
            case 3: try present.stop()
            default: try present.close()
            }
        }

        private func useRing(_ ring: CircularOutput?, _ clips: RingClips?, _ number: Int) throws {
            switch number % 8 {
            case 5, 6: try clips?.trigger(after: .milliseconds(number % 100))
            case 4: try clips?.write(timeout: .seconds(1))
            case 7: if number % 3 == 0 { try clips?.close(timeout: .seconds(1)) }
            case 0: try ring?.copy(to: .output(MemoryOutput()))
            case 1: try ring?.startWriting(to: .output(Self.nowhere))
            case 2: _ = try ring?.stopWriting(timeout: .seconds(1))
            default: ring?.clear()
            }
        }

        /// Closes all that is open; what was made, of which nothing may be left.
        func finish() -> Made {
            for slot in slots.withLock({ $0 }) {
                call("closing") { slot.camera?.close() }
                call("closing the channel") { slot.channel?.close() }
                call("closing the encoder") { try slot.encoder?.close() }
            }
            slots.withLock { $0 = [] }
            // Tasks that are suspended need the executor to end; the watchdog tells of one that does not.
            while !calls.withLock({ $0.isEmpty }) { usleep(1000) }
            executor.close()
            return made
        }
    }
}
