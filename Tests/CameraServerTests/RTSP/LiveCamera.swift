// SPDX-License-Identifier: MIT

import CameraCore
import CameraKit
import CameraServer
import Foundation
import TestSupport

/// A camera that is served as "lobby", and what tests need to know of it.
final class LiveCamera: Sendable {
    let source: UnevenCamera
    let camera: Camera
    let server: CameraServer
    private let path: String

    /// Begins to serve.
    ///
    /// - Parameters:
    ///   - format: What clients get; ``url`` names the stream.
    ///   - size: The pictures' size.
    ///   - frameRate: How often they come.
    ///   - change: Changes the server's options.
    /// - Throws: What the camera and the server throw.
    init(
        _ format: MediaFormat, size: Resolution = UnevenCamera.size, frameRate: FrameRate = 50,
        _ change: (inout CameraServer.Options) -> Void = { _ in }
    ) throws {
        source = UnevenCamera(size: size, frameRate: frameRate)
        camera = try Camera(.source(source))
        var served = ServedCamera(camera, name: "lobby")
        if format != .mjpeg { served.format = format }
        path = format == .mjpeg ? "lobby/mjpeg" : "lobby"
        // A key frame comes when it is asked for, or else rarely.
        served.options.keyFrameInterval = 1000
        var options = CameraServer.Options()
        (options.port, options.rtspPort) = (0, 0)
        change(&options)
        server = try CameraServer([served], options: options)
    }

    /// The stream's address, with the user and password where one is given.
    func url(_ user: String = "") -> String {
        let address = server.rtspAddress ?? ""
        return "rtsp://\(user.isEmpty ? "" : user + "@")\(address.dropFirst("rtsp://".count))\(path)"
    }

    /// What the server has done.
    var counts: RTSPCounts.Values { server.rtsp?.counts.values ?? RTSPCounts.Values() }

    /// Ends all, on a thread of its own.
    func close() async throws {
        try await server.stop()
        _ = await onThreadOfItsOwn("close") { [camera] () throws(CameraError) in camera.close() }
    }

    /// Serves a camera while a test's body runs.
    static func with(_ camera: LiveCamera, _ body: (LiveCamera) async throws -> Void) async throws {
        do {
            try await body(camera)
        } catch {
            try? await camera.close()
            throw error
        }
        try await camera.close()
    }
}

/// Does something that waits without holding a thread of the tasks' pool.
func aside<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    let result = await onThreadOfItsOwn("aside") { () throws(CameraError) -> Result<Value, any Error> in
        Result { try body() }
    }
    return try result.get().get()
}
