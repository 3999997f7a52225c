// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func capturingToTheNetwork(_ selection: CameraSelection) throws {
    // The receiver: four bytes tell the length of each picture, until the sender hangs up.
    let listener = try Listener()
    let receiver = Background {
        let connection = try listener.accept()
        var count = 0
        while let length = try connection.read(upToCount: 4), length.count == 4 {
            let size = length.reduce(0) { 256 * $0 + Int($1) }
            count += 1
            try connection.read(upToCount: size)?.write(to: URL(filePath: "received-\(count).jpg"))
        }
        return count
    }

    // The sender.
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    let connection = try connect(to: listener.port)
    let output = PipeOutput(descriptor: connection.fileDescriptor, name: "receiver")
    let sender = OutputTarget.writing { bytes, info in
        let length = withUnsafeBytes(of: UInt32(bytes.byteCount).bigEndian) { Array($0) }
        try output.write(length.span.bytes, info)
        try output.write(bytes, info)
    }
    for _ in 1...3 { try camera.capture(to: sender, format: .jpeg) }
    try connection.close()
    print("\(try receiver.result()) pictures were received")
}
