// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func rapidStreaming(_ selection: CameraSelection) throws {
    // The receiver: four bytes tell the length of each picture.
    let listener = try Listener()
    let receiver = Background {
        let connection = try listener.accept()
        var count = 0
        while let length = try connection.read(upToCount: 4), length.count == 4 {
            let size = length.reduce(0) { 256 * $0 + Int($1) }
            count += 1
            try connection.read(upToCount: size)?.write(to: URL(filePath: "streamed-\(count).jpg"))
        }
        return count
    }

    // The sender: as a video, pictures come as fast as the camera takes them.
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let connection = try connect(to: listener.port)
    let output = PipeOutput(descriptor: connection.fileDescriptor, name: "receiver")
    let sender = OutputTarget.writing { bytes, info in
        let length = withUnsafeBytes(of: UInt32(bytes.byteCount).bigEndian) { Array($0) }
        try output.write(length.span.bytes, info)
        try output.write(bytes, info)
    }
    try camera.startRecording(to: sender, format: .mjpeg)
    try camera.waitRecording(.seconds(2))
    try camera.stopRecording()
    try connection.close()
    print("\(try receiver.result()) pictures in two seconds")
}
