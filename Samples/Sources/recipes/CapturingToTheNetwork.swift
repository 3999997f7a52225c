// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func capturingToTheNetwork(_ selection: CameraSelection) throws {
    // The receiver: four bytes tell the length of each picture, and a length of 0 the end.
    let listener = try Listener()
    let receiver = Background {
        let connection = try listener.accept()
        var count = 0
        while let length = try connection.read(upToCount: 4), length.contains(where: { $0 > 0 }) {
            let size = length.reduce(0) { $0 << 8 | Int($1) }
            count += 1
            try connection.read(upToCount: size)?.write(to: URL(filePath: "received-\(count).jpg"))
        }
        return count
    }

    // The sender.
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    let connection = try connect(to: listener.port)
    for _ in 1...3 {
        let picture = MemoryOutput()
        try camera.capture(to: .output(picture), format: .jpeg)
        try connection.write(contentsOf: withUnsafeBytes(of: UInt32(picture.count).bigEndian) { Data($0) })
        try connection.write(contentsOf: picture.data)
    }
    try connection.write(contentsOf: Data(count: 4))
    print("\(try receiver.result()) pictures were received")
}
