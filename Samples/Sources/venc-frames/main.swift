// SPDX-License-Identifier: MIT

// The second example of the K230's VENC manual: pictures taken one by one, and sent to an encoder channel frame by frame.
// Usage: venc-frames [CAMERA [test.264|test.265]]; Ctrl-C ends it earlier.

import CameraKit
import Foundation
import SampleCamera

let path = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "test.264"
let formats: [String: MediaFormat] = ["264": .h264, "265": .h265]
guard let format = formats[path.split(separator: ".").last.map(String.init) ?? ""] else {
    print("Unknown file extension; name it .264 or .265")
    exit(64)
}

func record(_ format: MediaFormat, to path: String) async throws {
    let camera = try openCamera(resolution: Resolution(800, 480))
    defer { camera.close() }

    var attributes = ChannelAttributes.k230
    attributes.format = format
    attributes.profile = "main"
    attributes.size = camera.resolution
    let channel = try EncoderChannel(attributes)
    defer { channel.close() }
    try channel.start()

    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    var count = 0
    // sensor.snapshot: frames of any layout; the channel converts what its encoder does not take.
    for try await frame in try camera.frames() {
        try await channel.send(frame)
        guard let stream = try await channel.receive(timeout: .seconds(5)) else { break }
        for pack in stream.packs {
            try file.write(contentsOf: pack.bytes.span.withUnsafeBytes { Data($0) })
            print("stream size: \(pack.bytes.count), stream type: \(pack.type)")
        }
        count += 1
        if count == 200 || Interruption.isRequested { break }
    }
    print("\(path): \(count) streams")
}

Interruption.watch()
do {
    try await record(format, to: path)
} catch {
    Camera.exit(withError: error)
}
