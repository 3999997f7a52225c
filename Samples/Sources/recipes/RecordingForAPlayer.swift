// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func recordingForAPlayer(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let listener = try Listener()
    // Stands for a player on another machine.
    let port = listener.port
    let player = Background {
        try connect(to: port).readToEnd()?.write(to: URL(filePath: "played.h264"))
    }
    // Whoever connects is sent the video from then on.
    let connection = try listener.accept()
    let output = PipeOutput(descriptor: connection.fileDescriptor, name: "player")
    try camera.startRecording(to: .output(output), format: .h264)
    try camera.waitRecording(.seconds(1))
    try camera.stopRecording()
    try connection.close()
    try player.result()
}
