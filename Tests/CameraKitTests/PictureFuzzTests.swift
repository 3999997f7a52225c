// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Mutated pictures of a camera that compresses: whatever they are, recordings live to their end and lose nothing uncounted.
@Suite struct PictureFuzzTests {
    private static let size = Resolution(96, 80)
    private static let perRound = 250

    /// Pictures of all kinds that cameras send.
    private static func seeds() throws -> [[UInt8]] {
        let samplings = [
            ["-sample", "2x1"], ["-sample", "2x2"], ["-sample", "1x1"], ["-sample", "1x2"], ["-grayscale"],
        ]
        let codings = [[], ["-restart", "1"], ["-progressive"], ["-arithmetic"], ["-optimize"]]
        return try samplings.flatMap { sampling in
            try codings.map { try DamagedPictureTests.picture(size, options: sampling + $0) }
        }
    }

    /// Every way in which pictures are decoded, each on a port of its own.
    private func requests(_ folder: TemporaryFolder) -> [RecordingRequest] {
        func request(_ port: Int, _ name: String, _ change: (inout RecordingRequest) -> Void = { _ in })
            -> RecordingRequest
        {
            var request = RecordingRequest(to: .path(folder.path(name)), splitterPort: port)
            change(&request)
            return request
        }
        var requests = [
            request(1, "text.mjpeg") { $0.options = EncoderOptions { $0.quality = 60 } },
            request(2, "small.mjpeg") { $0.resize = Resolution(48, 32) },
            request(3, "raw.rgb24") { $0.motionOutput = .output(MemoryOutput()) },
        ]
        #if X264
        requests.append(request(4, "clip.h264") { $0.resize = Resolution(64, 48) })
        #endif
        return requests
    }

    @Test func mutatedPicturesCostThemselvesOnly() throws {
        let seeds = try Self.seeds()
        var (stills, damaged) = (0, 0)
        try FuzzRun("pictures").rounds { random, repeating in
            let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
            for _ in 1..<Self.perRound {
                let seed = seeds.randomElement(using: &random) ?? []
                let isWhole = Int.random(in: 0..<20, using: &random) == 0
                source.sendPicture(isWhole ? seed : seed.mutatedPicture(&random))
            }
            source.sendPicture(seeds[0])
            source.send(.success(.ended))
            let folder = try TemporaryFolder()
            let camera = try Camera(.source(source))
            defer { camera.close() }
            #if Text
            try camera.setAnnotation(Annotation("text"))
            #endif
            let requests = requests(folder)
            try camera.startRecordings(requests)
            let taken = Mutex<[[UInt8]]>([])
            let taking = try WorkerThread("taking") {
                do throws(CameraError) {
                    while true {
                        let output = MemoryOutput()
                        try camera.capture(to: .output(output), format: .jpeg)
                        taken.withLock { $0.append(output.data) }
                    }
                } catch {
                    #expect(error.code == .sourceEnded, "\(repeating): \(error)")
                }
            }
            for request in requests {
                let port = request.splitterPort
                do {
                    #expect(try camera.waitRecording(splitterPort: port) == .ended, "\(repeating)")
                    try camera.stopRecording(splitterPort: port)
                } catch {
                    Issue.record("\(repeating), port \(port): \(error)")
                }
                let counts = try #require(camera.statistics.encoders[port])
                #expect(counts.framesReceived == Self.perRound, "\(repeating)")
                #expect(counts.packetsWritten + counts.framesDamaged == Self.perRound, "\(repeating), port \(port)")
                #expect(counts.framesDamaged == counts.framesDamagedByKind.values.reduce(0, +), "\(repeating)")
                damaged += port == 1 ? counts.framesDamaged : 0
            }
            taking.join()
            for still in taken.withLock({ $0 }) {
                #expect(try jpegPictures(in: still).map(\.size) == [Self.size], "\(repeating)")
                stills += 1
            }
            let raw = try Data(contentsOf: folder.file("raw.rgb24")).count
            #expect(
                raw == (camera.statistics.encoders[3]?.packetsWritten ?? -1) * Self.size.pixelCount * 3, "\(repeating)")
            return Self.perRound
        }
        print("fuzz pictures: \(damaged) were damaged, \(stills) stills")
    }
}
