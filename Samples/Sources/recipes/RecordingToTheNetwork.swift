// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func recordingToTheNetwork(_ selection: CameraSelection) throws {
    // The receiver keeps what comes, until the sender hangs up.
    let listener = try Listener()
    let receiver = Background {
        let bytes = try listener.accept().readToEnd() ?? Data()
        try bytes.write(to: URL(filePath: "received.ts"))
        return bytes.count
    }

    // The sender needs an address for a path.
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    try camera.startRecording(to: "tcp://127.0.0.1:\(listener.port)")
    try camera.waitRecording(.seconds(2))
    try camera.stopRecording()
    print("\(try receiver.result()) bytes were received")
}
