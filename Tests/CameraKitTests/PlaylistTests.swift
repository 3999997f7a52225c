// SPDX-License-Identifier: MIT

#if X264
import CameraKit
import Foundation
import TestSupport
import Testing

/// Playlists as outputs of recordings.
@Suite(.timeLimit(.minutes(10))) struct PlaylistTests {
    private let folder: TemporaryFolder
    private var playlist: String { folder.path("index.m3u8") }

    init() throws { folder = try TemporaryFolder() }

    /// The pictures that ffmpeg decodes.
    private func count() throws -> Int {
        // It would wait for more.
        try #require(try text().hasSuffix("#EXT-X-ENDLIST\n"))
        let result = try run(
            "ffmpeg", ["-v", "error", "-i", playlist, "-fps_mode", "passthrough", "-f", "framehash", "-"])
        #expect(result.errors.isEmpty, "\(result.errors)")
        return result.text.split(separator: "\n").count { !$0.hasPrefix("#") }
    }

    private func text() throws -> String { try String(contentsOf: folder.file("index.m3u8"), encoding: .utf8) }

    private func short(_ window: HLSOptions.Window = .segments(10)) throws -> HLSOutput {
        var options = HLSOptions()
        options.window = window
        options.segmentDuration = .milliseconds(200)
        return try HLSOutput(path: playlist, options: options)
    }

    @Test func aRecordingSplitsIntoAPlaylistAndOutOfIt() throws {
        let camera = try Camera(.source(NumberedSource(size: Resolution(64, 48))))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .path(folder.path("a.mp4")))
        let first = try recording.split(to: .output(try short(.all)))
        // What writes to it has it alone.
        let refused = #expect(throws: CameraError.self) { try recording.split(to: .path(playlist)) }
        #expect(refused?.code == .busy)
        #expect(throws: CameraError.self) { try recording.add(.path(playlist)) }
        let second = try recording.split(to: .path(folder.path("b.mp4")))
        #expect(try count() == Int(second.index - first.index))
        try recording.stop()
    }

    @Test func aCameraThatIsBackGoesOnInTheSameList() throws {
        let source = ReturningLiveSource()
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        var request = RecordingRequest(to: .path(folder.path("c-{counter}.h264")))
        request.onDisconnect = .wait
        let recording = try camera.startRecordings([request])[0]
        try recording.add(.output(try short()))
        var sent = 0
        func send(_ count: Int) {
            for _ in 0..<count {
                source.live.sendFrame(at: Timestamp(nanoseconds: 1 + 33_333_333 * Int64(sent)))
                sent += 1
                #expect(
                    eventually {
                        source.live.waiting == 0
                            && camera.statistics.encoders.values.allSatisfy { $0.frameQueueDepth == 0 }
                    })
            }
        }
        send(40)
        #expect(eventually { recording.statistics.packetsWritten == 40 })
        source.unplug()
        #expect(eventually { recording.outputs[.frame] == nil })
        source.plugIn()
        send(40)
        #expect(eventually { recording.statistics.packetsWritten == 80 })
        try recording.stop()
        #expect(try count() == 80)
    }

    @Test func pausesPlay() throws {
        let camera = try Camera(.source(NumberedSource(size: Resolution(64, 48))))
        defer { camera.close() }
        let recording = try camera.startRecording(to: .output(try short()))
        for _ in 0..<3 {
            let before = recording.statistics.packetsWritten
            #expect(eventually { recording.statistics.packetsWritten > before + 20 })
            try recording.pause()
            try recording.resume()
        }
        try recording.stop()
        #expect(try count() > 0)
    }

    @Test func whatAPlaylistCannotBeIsSaid() throws {
        let camera = try Camera(.source(NumberedSource(size: Resolution(64, 48))))
        defer { camera.close() }
        let series = folder.path("l-{counter}.m3u8")
        let split = #expect(throws: CameraError.self) {
            try camera.startRecording(to: .path(series), splitting: .every(.seconds(1)))
        }
        #expect(split?.code == .unsupported && split?.description.contains("without splitting") == true)
        let ring = try CircularOutput(.time(.seconds(1)))
        #expect(throws: CameraError.self) { try RingClips(of: ring, to: series) }
        let live = #expect(throws: CameraError.self) { try ring.startWriting(to: .path(playlist)) }
        #expect(live?.code == .unsupported && live?.description.contains("HLSOutput") == true)
        let jpeg = #expect(throws: CameraError.self) {
            try camera.startRecording(to: .path(playlist), format: .mjpeg)
        }
        #expect(jpeg?.code == .invalidFormat)
        #expect(folder.names.isEmpty)
    }
}
#endif
