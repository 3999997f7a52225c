// SPDX-License-Identifier: MIT

import CameraKit
import CameraServer
import Foundation

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
    let browser = Process()
    browser.executableURL = URL(filePath: "/usr/bin/curl")
    browser.arguments = ["-sf", "-o", "from-the-web.jpg", server.address + "snapshot.jpg"]
    try browser.run()
    browser.waitUntilExit()
    try await server.stop()
}
