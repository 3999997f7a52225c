// SPDX-License-Identifier: MIT

import CameraCore
import CameraKit
import Foundation
import TestSupport
import Testing

/// What players of others read: each picture, at the sensor's times.
@Suite(.timeLimit(.minutes(5))) struct RTSPPlayerTests {
    static let formats: [MediaFormat] = {
        var formats: [MediaFormat] = [.mjpeg]
        #if X264
        formats.append(.h264)
        #endif
        #if X265
        formats.append(.h265)
        #endif
        return formats
    }()

    /// The numbers must be those from the first on without a gap.
    private func expectAll(_ numbers: [UInt32?], _ count: Int, _ what: String) throws -> Int {
        let first = try #require(numbers.first ?? nil, "\(what)")
        #expect(numbers == (0..<UInt32(count)).map { first + $0 }, "\(what)")
        return Int(first)
    }

    private func run(_ arguments: [String]) async throws -> ProgramResult {
        try await aside { try TestSupport.run("ffmpeg", ["-v", "error", "-nostdin"] + arguments) }
    }

    /// ffmpeg decodes each picture, and tells the times as they came, in ticks.
    private func read(_ camera: LiveCamera, _ transport: String, count: Int, user: String = "") async throws {
        let folder = try TemporaryFolder()
        let result = try await run(
            [
                "-rtsp_transport", transport, "-i", camera.url(user),
                "-map", "0:v", "-frames:v", "\(count)", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt",
                "gray",
                folder.path("gray"), "-map", "0:v", "-frames:v", "\(count)", "-c", "copy", "-f", "framecrc",
                folder.path("times"),
            ])
        #expect(result.status == 0 && result.errors == "", "\(result.errors)")
        let size = UnevenCamera.size
        let numbers = NumberedVideo.numbers(
            in: (try? Data(contentsOf: folder.file("gray"))) ?? Data(), size: size, format: .grey)
        let first = try expectAll(numbers, count, "\(transport): \(result.errors)")
        let times = try String(contentsOf: folder.file("times"), encoding: .utf8).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .compactMap { Int64($0.split(separator: ",")[2].drop { $0 == " " }) }
        try #require(times.count == count)
        // ffmpeg tells no time for the first picture of H.264 and H.265, by its own packets as little as by ours.
        let start = camera.source.time(of: first + 1)
        for (index, time) in times.enumerated().dropFirst() {
            let expected = Double(camera.source.time(of: first + index) - start) * 9e-5
            #expect(abs(Double(time - times[1]) - expected) <= 1)
        }
    }

    @Test(arguments: formats, ["tcp", "udp"]) func ffmpegReadsEachPicture(format: MediaFormat, transport: String)
        async throws
    {
        try await LiveCamera.with(LiveCamera(format)) { try await read($0, transport, count: 300) }
    }

    /// Wrong credentials are refused, and so is who has none.
    @Test func ffmpegHasToKnowThePassword() async throws {
        try await LiveCamera.with(LiveCamera(.mjpeg) { $0.password = "s3cret: \"x\"" }) { camera in
            try await read(camera, "tcp", count: 10, user: "camera:s3cret%3A%20%22x%22")
            for user in ["", "camera:wrong", "admin:s3cret%3A%20%22x%22"] {
                let result = try await run(["-i", camera.url(user), "-f", "null", "-"])
                #expect(result.status != 0)
                #expect(result.errors.contains("401"), "\(result.errors)")
            }
            #expect(camera.counts.refusals >= 2)
        }
    }

    /// Twenty at once, of which each sees each picture from its first on.
    @Test func twentyReadAtOnce() async throws {
        try await LiveCamera.with(LiveCamera(.mjpeg)) { camera in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask { try await read(camera, index % 2 == 0 ? "tcp" : "udp", count: 60) }
                }
                try await group.waitForAll()
            }
            #expect(camera.counts.sessions == 20)
        }
    }
}
