// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Glibc
import TestSupport
import Testing

/// Which threads of a recording let others finish their turn when they wake.
struct ThreadPolicyTests {
    private static let batch: Int32 = 3

    @Test func thoseOfAFileSinceNobodyWaitsForASingleFrame() throws {
        let policies = try policies(of: NumberedSource(), format: .yuv420, port: 171)
        #expect(policies == ["encode": Self.batch, "callback": Self.batch])
    }

    @Test func notTheOneThatFeedsTheWorkersOfACodec() throws {
        let policies = try policies(of: NumberedSource(), format: .mjpeg, port: 172)
        #expect(policies == ["encode": SCHED_OTHER, "callback": Self.batch])
    }

    @Test func noneOfALiveCamera() throws {
        let source = LiveSource()
        let policies = try policies(of: source, format: .yuv420, port: 173) { source.sendFrame() }
        #expect(policies == ["encode": SCHED_OTHER, "callback": SCHED_OTHER])
    }

    /// The policies of a recording's two threads, which carry the number of its port, while its output stands still.
    private func policies(
        of source: any VideoSource, format: MediaFormat, port: Int, sendFrame: () -> Void = {}
    ) throws -> [String: Int32] {
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        let output = BlockingOutput()
        try camera.startRecording(to: .output(output), format: format, splitterPort: port)
        defer { output.release() }
        sendFrame()
        output.waitUntilBlocked()
        var policies: [String: Int32] = [:]
        for thread in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task") {
            // Threads of other tests end meanwhile.
            let name = try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8)
            guard let name, let identity = pid_t(thread), name.hasPrefix("enc\(port)-") else { continue }
            policies[String(name.dropFirst("enc\(port)-".count).dropLast())] = sched_getscheduler(identity)
        }
        return policies
    }
}
