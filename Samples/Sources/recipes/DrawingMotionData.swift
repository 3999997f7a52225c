// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func drawingMotionData(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    // Only the vectors are of interest: the pictures go nowhere.
    let motion = MotionArray()
    try camera.startRecording(to: "/dev/null", format: .yuv420, frameLimit: 10, motionOutput: .output(motion))
    try camera.waitRecording()
    try camera.stopRecording()

    // A grey picture for each field of vectors, with a pixel for each block: what is bright has moved.
    for (number, field) in motion.all.enumerated() {
        var picture = Data("P5 \(field.columns) \(field.rows) 255\n".utf8)
        for row in 0..<field.rows {
            for column in 0..<field.columns { picture.append(UInt8(min(field[row, column].length * 16, 255))) }
        }
        try picture.write(to: URL(filePath: "motion-\(number).pgm"))
    }
}
