// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct CaptureTests {
    private func numbers(_ data: [UInt8]) -> [UInt64] { NumberedSource.numbers(in: data, frameByteCount: 384) }

    @Test(arguments: [false, true]) func sequenceIsWalkedOnTheCallersThreadNeverAhead(useVideoPort: Bool) throws {
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let outputs = (0..<20).map { _ in MemoryOutput() }
        var asked = 0
        let series = outputs.enumerated().lazy.map { index, output -> any Output in
            asked += 1
            if index > 0 { #expect(self.numbers(outputs[index - 1].data).count == 1) }
            #expect(output.count == 0)
            return output
        }
        try camera.captureSequence(to: series, format: .yuv420, useVideoPort: useVideoPort)
        #expect(asked == 20)
        let taken = outputs.flatMap { numbers($0.data) }
        #expect(taken.count == 20)
        #expect(zip(taken, taken.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test(arguments: [false, true]) func sequenceOfFiles(useVideoPort: Bool) throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let paths = (0..<5).map { folder.path("burst-\($0).yuv420") }
        var previous: String?
        let lazyPaths = sequence(state: 0) { index -> String? in
            // The picture before is written and closed when the next name is asked for.
            if let previous { #expect((try? Data(contentsOf: URL(fileURLWithPath: previous)))?.count == 384) }
            guard index < paths.count else { return nil }
            defer { index += 1 }
            previous = paths[index]
            return paths[index]
        }
        try camera.captureSequence(to: lazyPaths, format: .yuv420, useVideoPort: useVideoPort)
        for path in paths { #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == 384) }
    }

    @Test(arguments: [false, true]) func sequenceMeetsTheEndOfTheSource(useVideoPort: Bool) throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource(limit: 3)))
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.captureSequence(
                to: (0..<5).map { folder.path("\($0).yuv420") }, format: .yuv420, useVideoPort: useVideoPort)
        }
        #expect(error?.code == .sourceEnded)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 3)
    }

    @Test func unopenableItemEndsTheSequence() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.captureSequence(
                to: [folder.path("1.yuv420"), folder.path("no/2.yuv420"), folder.path("3.yuv420")], format: .yuv420,
                useVideoPort: true)
        }
        #expect(error?.code == .output)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["1.yuv420"])
    }

    @Test func continuousPicturesAreTakenWhenAskedFor() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource(limit: 3)))
        defer { camera.close() }
        let series = try camera.captureContinuous(to: folder.path("lapse-{counter:04d}.yuv420"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
        var names: [String] = []
        while let name = try series.next() {
            #expect(try Data(contentsOf: URL(fileURLWithPath: name)).count == 384)
            names.append(name)
        }
        #expect(names == (1...3).map { folder.path(String(format: "lapse-%04d.yuv420", $0)) })
    }

    @Test func pictureThatDoesNotComeLeavesNoFile() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(LiveSource()), stallLimit: .seconds(3600))
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.capture(to: .path(folder.path("never.yuv420")), timeout: .milliseconds(50))
        }
        #expect(error?.code == .timedOut)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test func recordSequenceCutsWhereTheBodySays() throws {
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let paths = (0..<4).map { folder.path("hour-\($0).yuv420") }
        var bodies: [String] = []
        try camera.recordSequence(to: paths, format: .yuv420) { path in
            bodies.append(path)
            try camera.waitRecording(.milliseconds(2))
        }
        #expect(bodies == paths)
        #expect(!camera.isRecording)
        let all = try paths.flatMap { numbers([UInt8](try Data(contentsOf: URL(fileURLWithPath: $0)))) }
        #expect(all == Array(0..<UInt64(all.count)))
    }

    @Test func errorOfTheBodyStopsTheSequence() throws {
        struct Enough: Error {}
        let folder = try TemporaryFolder()
        let camera = try Camera(.source(NumberedSource()))
        defer { camera.close() }
        let error = #expect(throws: CameraError.self) {
            try camera.recordSequence(to: [folder.path("a.yuv420"), folder.path("b.yuv420")], format: .yuv420) { _ in
                throw Enough()
            }
        }
        #expect(error?.underlying is Enough)
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        try camera.stopRecording()
    }

    @Test func framesAreCopiesThatMayBeKept() async throws {
        let camera = try Camera(.source(NumberedSource(limit: 20)))
        var kept: [Frame] = []
        for try await frame in try camera.frames(bufferingNewest: 100) { kept.append(frame) }
        camera.close()
        #expect(kept.map(\.info.sequence) == Array(0..<20))
        for frame in kept {
            let bytes = frame.bytes(ofPlane: 0)
            #expect(bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self) == frame.info.sequence)
        }
    }

    @Test func aSourceThatWaitsStandsStillForTheReaderOfItsFrames() async throws {
        let source = NumberedSource(limit: 100)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        var numbers: [UInt64] = []
        for try await frame in try camera.frames(bufferingNewest: 2) {
            numbers.append(frame.info.sequence)
            // Time for the device thread to run ahead, if it did.
            try await Task.sleep(for: .milliseconds(1))
            #expect(source.delivered <= UInt64(numbers.count + 2))
        }
        #expect(numbers == Array(0..<100))
        #expect(camera.statistics.source.framesUnused == 0)
    }

    @Test func aReaderThatLeavesHoldsNobodyBack() async throws {
        let source = NumberedSource()
        let camera = try Camera(.source(source))
        defer { camera.close() }
        for try await _ in try camera.frames(bufferingNewest: 1) { break }
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        try camera.waitRecording(pictures: 100)
        try camera.stopRecording()
    }

    @Test func theNewestFramesOfACameraWaitForTheReader() async throws {
        let source = LiveSource()
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let frames = try camera.frames(bufferingNewest: 2)
        for _ in 0..<5 { source.sendFrame() }
        source.send(.success(.ended))
        #expect(eventually { camera.statistics.source.framesCaptured == 5 })
        var numbers: [UInt64] = []
        for try await frame in frames { numbers.append(frame.info.sequence) }
        #expect(numbers == [3, 4])
        #expect(throws: CameraError.self) { try camera.frames(bufferingNewest: 0) }
    }

    @Test func templates() throws {
        let time = WallTime(nanosecondsSince1970: 1_500_000_000_123_456_789)
        #expect(try FileTemplate("a{counter}").name(counter: 7) == "a7")
        #expect(try FileTemplate("a{counter:04d}-{counter}").name(counter: 7) == "a0007-7")
        #expect(try FileTemplate("{{x}}{counter:3d}").name(counter: 7) == "{x}  7")
        #expect(try FileTemplate("{timestamp:%f %%f}").name(counter: 1, at: time) == "123456 %f")
        #expect(try FileTemplate("{timestamp:%Y}").name(counter: 1, at: time) == "2017")
        #expect(try !FileTemplate("plain").isSeries)
        for bad in ["{", "}", "{count}", "{counter:x}", "{counter:99d}", "a{counter"] {
            #expect(throws: CameraError.self) { try FileTemplate(bad) }
        }
    }
}
