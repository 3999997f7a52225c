// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization

/// Adds up where the blocks of the last pictures went.
final class GestureWatch: MotionAnalysis, @unchecked Sendable {
    // Unchecked because the superclass is open; what this class adds is behind a lock.
    private let sums = Mutex<[(x: Double, y: Double)]>([])

    override func analyze(_ field: MotionField) {
        var (x, y) = (0.0, 0.0)
        for row in 0..<field.rows {
            for column in 0..<field.columns {
                // A vector leads back to where the block was.
                x -= Double(field[row, column].x)
                y -= Double(field[row, column].y)
            }
        }
        let blocks = Double(field.rows * field.columns)
        sums.withLock { $0 = $0.suffix(9) + [(x / blocks, y / blocks)] }
    }

    var gesture: String {
        let (x, y) = sums.withLock { $0.reduce((0, 0)) { ($0.0 + $1.x, $0.1 + $1.y) } }
        if max(abs(x), abs(y)) < 1 { return "nothing moves" }
        if abs(x) > abs(y) { return x > 0 ? "to the right" : "to the left" }
        return y > 0 ? "downwards" : "upwards"
    }
}

func detectingGestures(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let watch = GestureWatch()
    try camera.startRecording(to: "/dev/null", format: .yuv420, motionOutput: .output(watch))
    for _ in 1...4 {
        try camera.waitRecording(.milliseconds(500))
        print(watch.gesture)
    }
    try camera.stopRecording()
}
