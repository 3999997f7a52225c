// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func capturingToAStream(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    // Memory has no name that could tell the format.
    let memory = MemoryOutput()
    try camera.capture(to: .output(memory), format: .jpeg)
    print("\(memory.count) bytes in memory")

    // A file that the program has opened: the camera flushes it, and the program closes it.
    let file = try FileOutput(path: "opened.jpg")
    try camera.capture(to: .output(file))
    try file.close()
    try Data(memory.data).write(to: URL(filePath: "from-memory.jpg"))
}
