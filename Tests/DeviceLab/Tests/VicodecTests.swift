// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import CameraDevices
import Foundation
import Synchronization
import TestSupport
import Testing
import V4L2

extension DeviceLab {
    /// The kernel's virtual encoder: what scripted ones play, beside a real driver.
    @Suite struct VicodecTests {
        @Test(arguments: EncoderConformance.edges) func followsTheStateMachine(_ edge: EncoderConformance.Case) throws {
            try edge.body(try DeviceLab.vicodec())
        }

        @Test(arguments: EncoderConformance.drains) func drains(_ drain: EncoderConformance.Case) throws {
            try drain.body(try DeviceLab.vicodec())
        }
    }

    /// The node of vicodec that makes FWHT of raw frames, or that makes raw frames of FWHT.
    static func vicodec(decoder: Bool = false) throws -> String {
        let fwht = PixelFormat(fourCC: "FWHT")
        let nodes = try FileManager.default.contentsOfDirectory(atPath: "/dev").filter { $0.hasPrefix("video") }.sorted()
        let found = try nodes.map { "/dev/\($0)" }.first { path in
            guard let device = try? VideoDevice(path), device.capabilities.driver == "vicodec" else { return false }
            defer { device.close() }
            let types = device.encoderTypes
            return try device.formats(of: decoder ? types.raw : types.coded).contains { $0.pixelFormat == fwht }
        }
        return try #require(found, "the lab has no vicodec")
    }

    /// The suite of all encoders for vicodec.
    static func vicodec() throws -> EncoderConformance {
        let path: String = try vicodec()
        let frames = try NumberedFrames(Resolution(640, 360), count: 4)
        return EncoderConformance(
            wish: EncoderWish(
                coded: PixelFormat(fourCC: "FWHT"), raw: .nv12, size: Resolution(640, 360), frameRate: 30),
            patience: V4L2Camera.patience, open: { try VideoDevice(path) }, frame: { frames[$0 % 4] })
    }
}

/// The first pictures of the test camera, with their numbers.
struct NumberedFrames: Sendable {
    private let frames: [Frame]

    init(_ size: Resolution, count: Int) throws {
        let camera = try TestCamera(
            resolution: size, frameRate: 30, format: .nv12, pacing: .none, numbered: true, frameLimit: count)
        camera.start()
        defer { camera.close() }
        var frames: [Frame] = []
        while case .frame(let frame) = camera.next(timeout: nil) { frames.append(frame) }
        self.frames = frames
    }

    var count: Int { frames.count }

    subscript(number: Int) -> Frame { frames[number] }
}
