// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func recordingToANamedPipe(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    unlink("video.pipe")
    guard mkfifo("video.pipe", 0o600) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    defer { unlink("video.pipe") }
    // Stands for another program, such as `ffplay video.pipe`.
    let reader = Background {
        let pipe = try FileHandle(forReadingFrom: URL(filePath: "video.pipe"))
        try pipe.readToEnd()?.write(to: URL(filePath: "from-pipe.h264"))
    }
    try camera.startRecording(to: "video.pipe", format: .h264)
    try camera.waitRecording(.seconds(1))
    try camera.stopRecording()
    try reader.result()
}
