// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization

/// Notes when something began to move.
final class MotionWatch: MotionAnalysis, @unchecked Sendable {
    // Unchecked because the superclass is open; what this class adds is behind a lock.
    private let state = Mutex((detector: MotionDetector(), time: Duration?.none))

    var firstMotion: Duration? { state.withLock { $0.time } }

    override func analyze(_ field: MotionField) {
        state.withLock { state in
            guard state.detector.add(field) == .began, state.time == nil else { return }
            state.time = field.info?.timestamp
        }
    }
}

func detectingMotion(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let watch = MotionWatch()
    try camera.startRecording(to: "until-motion.h264", motionOutput: .output(watch))
    // Until something moves, three seconds at most.
    for _ in 0..<30 where watch.firstMotion == nil { try camera.waitRecording(.milliseconds(100)) }
    try camera.stopRecording()
    print(watch.firstMotion.map { "something moved after \($0)" } ?? "nothing moved")
}
