// SPDX-License-Identifier: MIT

import CameraKit

func recordingToAStream(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let memory = MemoryOutput()
    try camera.startRecording(to: .output(memory), format: .h264, options: EncoderOptions { $0.quality = 23 })
    try camera.waitRecording(.seconds(1))
    try camera.stopRecording()
    print("\(memory.count) bytes of H.264 in memory")
}
