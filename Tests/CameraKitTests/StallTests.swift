// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization
import TestSupport
import Testing

/// How long a camera may give no frame.
@Suite struct StallTests {
    /// A camera whose first waits end without a frame, and which says how long it was waited for.
    private final class SlowSource: VideoSource {
        let name = "slow"
        let canWait = false
        let streams: [VideoStream]
        private let shutter: Duration?
        private let state: Mutex<(silent: Int, waits: [Duration])>
        private let frames: LiveSource

        init(frameRate: FrameRate, shutter: Duration? = nil, silent: Int = 0) {
            streams = [VideoStream(format: .yuv420, size: Resolution(16, 16), frameRate: frameRate, color: .bt601)]
            self.shutter = shutter
            state = Mutex((silent, []))
            frames = LiveSource(frameRate: frameRate)
        }

        /// The waits that ended without a frame.
        var waits: [Duration] { state.withLock { $0.waits } }

        func send() { frames.sendFrame() }
        func configure(_ request: SourceConfiguration) {}
        func start() { frames.start() }
        func interrupt() { frames.interrupt() }
        func stop() {}
        func close() {}

        func next(timeout: Duration?) throws -> SourceEvent {
            let isSilent = state.withLock { state in
                guard state.silent > 0, let timeout else { return false }
                state.silent -= 1
                state.waits.append(timeout)
                return true
            }
            return isSilent ? .timedOut : try frames.next(timeout: timeout)
        }

        func settings() -> [SettingDescription] {
            guard let shutter else { return [] }
            return [SettingDescription(.shutterSpeed, .durations(.zero ... .seconds(200)), value: .duration(shutter))]
        }
    }

    @Test(
        "Four frames or three seconds, whichever is longer, by rate and exposure",
        arguments: [
            (FrameRate(30), Duration?.none, Duration.seconds(3)), (FrameRate(1), nil, .seconds(4)),
            (0.1, nil, .seconds(40)), (30, .seconds(6), .seconds(24)), (30, .milliseconds(10), .seconds(3)),
            (0.1, .seconds(6), .seconds(40)),
        ])
    func limits(rate: FrameRate, shutter: Duration?, limit: Duration) throws {
        let source = SlowSource(frameRate: rate, shutter: shutter)
        #expect(FrameRouter(source: source, name: "cam") { _ in }.stallLimit == limit)
        let given = FrameRouter(source: source, name: "cam", stallLimit: .seconds(7)) { _ in }
        #expect(given.stallLimit == .seconds(7))
    }

    /// The exposure is asked for only when frames stay away, and may have been changed meanwhile.
    @Test func aLongExposureIsWaitedFor() throws {
        let source = SlowSource(frameRate: 30, shutter: .seconds(6), silent: 1)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecording(to: .output(output), format: .yuv420)
        #expect(eventually { source.waits.count == 1 })
        source.send()
        #expect(eventually { camera.statistics.encoders[1]?.packetsWritten == 1 })
        try camera.stopRecording()
        #expect(source.waits == [.seconds(3)])
        #expect(camera.statistics.source.stalls == 0)
    }

    /// What is given is kept to, and so is the longer wait.
    @Test(arguments: [Duration?.none, .seconds(5)]) func silenceIsAnError(given: Duration?) throws {
        let source = SlowSource(frameRate: 30, shutter: .seconds(6), silent: given == nil ? 2 : 1)
        let camera = try Camera(.source(source), stallLimit: given)
        defer { camera.close() }
        #expect(eventually { camera.statistics.source.stalls > 0 })
        #expect(source.waits == (given == nil ? [.seconds(3), .seconds(21)] : [.seconds(5)]))
    }

    @Test func noTimeAtAllIsRefused() {
        let error = #expect(throws: CameraError.self) { try Camera(.source(LiveSource()), stallLimit: .zero) }
        #expect(error?.code == .invalidValue)
    }
}
