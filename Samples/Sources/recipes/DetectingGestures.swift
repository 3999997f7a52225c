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
        sums.withLock { sums in
            sums.append((x / blocks, y / blocks))
            if sums.count > 10 { sums.removeFirst() }
        }
    }

    var gesture: String {
        let last = sums.withLock { $0 }
        let x = last.reduce(0) { $0 + $1.x }
        let y = last.reduce(0) { $0 + $1.y }
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
