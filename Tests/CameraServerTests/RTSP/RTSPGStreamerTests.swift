// SPDX-License-Identifier: MIT

import CameraKit
import CameraServer
import Foundation
import TestSupport
import Testing

/// The other player that judges.
private enum GStreamer {
    /// Whether its tools are here, with what reads RTSP.
    static let isInstalled = ["rtspsrc", "rtph264depay", "h264parse", "h265parse"].allSatisfy { element in
        (try? run("gst-inspect-1.0", ["--exists", element]).status) == 0
    }
}

/// What GStreamer's rtspsrc reads: each picture, at the sensor's times.
@Suite(
    .timeLimit(.minutes(5)),
    .enabled(if: GStreamer.isInstalled, "GStreamer is not installed; make test-players does that"))
struct RTSPGStreamerTests {
    private static let parts: [MediaFormat: (elements: String, demuxer: String)] = [
        .h264: ("rtph264depay ! h264parse ! video/x-h264,stream-format=byte-stream,alignment=au", "h264"),
        .h265: ("rtph265depay ! h265parse ! video/x-h265,stream-format=byte-stream,alignment=au", "hevc"),
        .mjpeg: ("rtpjpegdepay ! jpegparse", "mjpeg"),
    ]

    @Test(arguments: RTSPPlayerTests.formats, ["tcp", "udp"])
    func readsEachPicture(format: MediaFormat, transport: String) async throws {
        try await LiveCamera.with(LiveCamera(format) { $0.password = "secret" }) { camera in
            let folder = try TemporaryFolder()
            let part = try #require(Self.parts[format])
            // Without a buffer of its own, which would bend the times to this machine's clock.
            let line =
                "rtspsrc location=\(camera.url()) user-id=camera user-pw=secret protocols=\(transport) "
                + "buffer-mode=none ! \(part.elements) ! identity eos-after=301 silent=false ! filesink location=\(folder.path("got"))"
            let result = try await aside {
                try run("gst-launch-1.0", ["-v"] + line.split(separator: " ").map(String.init))
            }
            // Its status tells nothing: GStreamer 1.22 at times interrupts its own PAUSE at the end, and calls that an error.
            let video = try await aside {
                try NumberedVideo(decoding: folder.path("got"), size: UnevenCamera.size, input: ["-f", part.demuxer])
            }
            let first = try #require(video.numbers.first ?? nil, "\(result.errors) \(video.complaints)")
            #expect(video.numbers == (0..<300).map { first + $0 })
            #expect(video.complaints == "")
            let times = result.text.split(separator: "\n").compactMap { line -> Int64? in
                guard let time = line.firstMatch(of: #/chain .* pts: (\d+):(\d+):(\d+)\.(\d+),/#) else { return nil }
                let (hours, minutes, seconds) = (Int64(time.1) ?? 0, Int64(time.2) ?? 0, Int64(time.3) ?? 0)
                return ((hours * 60 + minutes) * 60 + seconds) * 1_000_000_000 + (Int64(time.4) ?? 0)
            }
            try #require(times.count >= 300)
            let start = camera.source.time(of: Int(first))
            for (index, time) in times.prefix(300).enumerated() {
                let expected = camera.source.time(of: Int(first) + index) - start
                // A tick of RTP, of which both ends are rounded.
                #expect(abs(time - times[0] - expected) <= 11_112)
            }
        }
    }
}
