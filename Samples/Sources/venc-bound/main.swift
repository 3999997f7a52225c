// SPDX-License-Identifier: MIT

// The first example of the K230's VENC manual: a camera bound to an encoder channel, 200 streams written to a file.
// Usage: venc-bound [CAMERA [test.264|test.265]]; Ctrl-C ends it earlier.

import CameraKit
import Foundation
import SampleCamera

let path = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "test.264"
let formats: [String: MediaFormat] = ["264": .h264, "265": .h265]
guard let format = formats[path.split(separator: ".").last.map(String.init) ?? ""] else {
    print("Unknown file extension; name it .264 or .265")
    exit(64)
}

func record(_ format: MediaFormat, to path: String) throws {
    // sensor.set_framesize: 800x480.
    let camera = try openCamera(resolution: Resolution(800, 480))
    defer { camera.close() }

    // encoder.SetOutBufs, ChnAttrStr and encoder.Create: the manual's defaults, and eight buffers.
    var attributes = ChannelAttributes.k230
    attributes.format = format
    attributes.profile = "main"
    attributes.size = camera.resolution
    attributes.outputBufferCount = 8
    let channel = try EncoderChannel(attributes)
    defer { channel.close() }

    // MediaManager.link, then encoder.Start.
    let link = try camera.link(to: channel)
    defer { link.end() }
    try channel.start()

    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    var count = 0
    while count < 200, !Interruption.isRequested {
        guard let stream = try channel.receive(timeout: .seconds(5)) else {
            if let error = link.error { throw error }
            break
        }
        for pack in stream.packs {
            try file.write(contentsOf: pack.bytes.span.withUnsafeBytes { Data($0) })
            print("stream size: \(pack.bytes.count), stream type: \(pack.type)")
        }
        // ReleaseStream: the memory goes back with the last reference to the stream.
        count += 1
    }
    print("\(path): \(count) streams, frames dropped: \(link.framesDropped)")
}

Interruption.watch()
do {
    try record(format, to: path)
} catch {
    Camera.exit(withError: error)
}
