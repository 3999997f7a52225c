// SPDX-License-Identifier: MIT

import CameraKit
import CameraServer
import Foundation

func webStreaming(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    var options = CameraServer.Options()
    options.port = 0
    options.rtspPort = nil
    let page = "<!doctype html><title>Live</title><h1>Live</h1><img src=\"/stream.mjpg\">"
    options.pages["/plain.html"] = page
    let server = try CameraServer(camera, options: options)
    print("look at \(server.address)plain.html")
    // A program that serves waits here: `server.wait()`. This one looks at its own picture, and ends.
    let picture = try Data(contentsOf: try URL(server.address + "snapshot.jpg", strategy: .url))
    try picture.write(to: URL(filePath: "from-the-web.jpg"))
    try server.stop()
}
