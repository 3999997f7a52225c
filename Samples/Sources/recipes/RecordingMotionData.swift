// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func recordingMotionData(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    try camera.startRecording(to: "moving.h264", motionOutput: "moving.motion")
    try camera.waitRecording(.seconds(2))
    try camera.stopRecording()

    // A record for each picture: rows of vectors of four bytes.
    let bytes = try Array(Data(contentsOf: URL(filePath: "moving.motion")))
    let shape = MotionField.shape(of: camera.resolution)
    let recordSize = shape.rows * shape.columns * MotionField.bytesPerVector
    let last = Array(bytes.suffix(recordSize))
    let field = try MotionField(record: last.span.bytes, size: camera.resolution)
    print("\(bytes.count / recordSize) records; in the middle of the last: \(field[field.rows / 2, field.columns / 2])")
}
