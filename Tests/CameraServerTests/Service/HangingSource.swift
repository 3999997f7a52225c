// SPDX-License-Identifier: MIT

import CameraCore
import TestSupport

/// A camera whose driver keeps the device thread for as long as the test wants, whatever time it was given.
final class HangingSource: VideoSource {
    private let source = LiveSource()
    private let hangs = Monitor(false)

    let name = "hanging"
    let canWait = false
    var streams: [VideoStream] { source.streams }

    /// Whether the next call hangs, and those that hang go on to.
    var isHanging: Bool {
        get { hangs.withLock(\.self) }
        set { hangs.update { $0 = newValue } }
    }

    /// Sends the next frame, unless many wait for a driver that hangs.
    func sendFrame() {
        if source.waiting < 30 { source.sendFrame() }
    }

    func configure(_ request: SourceConfiguration) {}

    func start() { source.start() }

    func next(timeout: Duration?) throws -> SourceEvent {
        _ = hangs.wait(until: .now + .seconds(60)) { $0 ? nil : true }
        return try source.next(timeout: timeout)
    }

    func interrupt() { source.interrupt() }

    func stop() {}

    func close() {}
}
