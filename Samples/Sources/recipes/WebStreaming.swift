// SPDX-License-Identifier: MIT

import CameraKit
import CameraServer
import Foundation
import FoundationNetworking

func webStreaming(_ selection: CameraSelection) async throws {
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
    guard let url = URL(string: server.address + "snapshot.jpg") else { return }
    let (picture, _) = try await URLSession.shared.data(from: url)
    try picture.write(to: URL(filePath: "from-the-web.jpg"))
    try await server.stop()
}
