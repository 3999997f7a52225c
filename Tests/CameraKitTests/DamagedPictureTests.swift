// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

/// Pictures of a camera that cannot be decoded: each is its own loss only.
@Suite struct DamagedPictureTests {
    private static let size = Resolution(64, 48)

    /// A JPEG picture; `width` and `height` are what its header says then.
    static func picture(_ size: Resolution = size, options: [String] = ["-restart", "1"]) throws -> [UInt8] {
        let pixels = (0..<size.pixelCount).flatMap { place -> [UInt8] in
            let (x, y) = (place % size.width, place / size.width)
            return [UInt8(x * 3 % 256), UInt8(y * 5 % 256), UInt8((x + y) * 2 % 256)]
        }
        let ppm = Data("P6 \(size.width) \(size.height) 255\n".utf8) + Data(pixels)
        let result = try run("cjpeg", ["-quality", "80", "-sample", "2x1"] + options, input: ppm)
        try #require(result.status == 0, "\(result.errors)")
        return [UInt8](result.output)
    }

    /// Pictures with a fault of each kind, and one whose camera only pads.
    private struct Faults {
        let whole: [UInt8]
        let padded: [UInt8]
        let damaged: [(kind: PictureFault.Kind, bytes: [UInt8])]

        init() throws {
            let whole = try picture()
            let frame = try #require(whole.indices.dropLast().first { whole[$0] == 0xFF && whole[$0 + 1] == 0xC0 })
            func changed(_ offset: Int, _ byte: UInt8) -> [UInt8] {
                var bytes = whole
                bytes[frame + offset] = byte
                return bytes
            }
            self.whole = whole
            padded = Array(whole.dropLast(2)) + [0x55, 0x55, 0xFF, 0xD9]
            damaged = [
                (.incomplete, Array(whole.prefix(whole.count * 2 / 3))), (.otherSize, changed(6, 24)),
                (.otherSize, changed(8, 200)), (.unsupported, changed(11, 0x13)), (.malformed, changed(9, 2)),
                (.unsupported, changed(4, 12)), (.malformed, [0x12, 0x34]),
            ]
        }
    }

    /// What is made of a camera's pictures on the ways that decode them.
    enum Way: String, CaseIterable, CustomTestStringConvertible {
        case h264, resized, quality, text, raw, motion
        var testDescription: String { rawValue }

        var request: RecordingRequest {
            var request = RecordingRequest(to: .output(MemoryOutput()), format: .mjpeg)
            switch self {
            case .h264: request.format = .h264
            case .resized: request.resize = Resolution(32, 24)
            case .quality: request.options = EncoderOptions { $0.quality = 50 }
            case .text: break
            case .raw: request.format = .rgb24
            case .motion:
                request.options = EncoderOptions { $0.quality = 50 }
                request.motionOutput = .output(MemoryOutput())
            }
            return request
        }
    }

    private static var ways: [Way] {
        #if X264
        let hasH264 = true
        #else
        let hasH264 = false
        #endif
        #if Text
        let hasText = true
        #else
        let hasText = false
        #endif
        return Way.allCases.filter { ($0 != .h264 || hasH264) && ($0 != .text || hasText) }
    }

    @Test(arguments: ways) func eachIsItsOwnLossOnly(_ way: Way) throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        #if Text
        if way == .text { try camera.setAnnotation(Annotation("text")) }
        #endif
        // Good ones first and last, and one in between.
        for fault in faults.damaged {
            source.sendPicture(faults.whole)
            source.sendPicture(fault.bytes)
        }
        source.sendPicture(faults.padded)
        source.send(.success(.ended))
        try camera.startRecordings([way.request])
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let counts = try #require(camera.statistics.encoders[1])
        let count = faults.damaged.count
        #expect(counts.framesReceived == 2 * count + 1)
        #expect(counts.packetsWritten == count + 1)
        #expect(counts.framesDamaged == count)
        let kinds = Dictionary(faults.damaged.map { ($0.kind.rawValue, 1) }, uniquingKeysWith: +)
        #expect(counts.framesDamagedByKind == kinds)
        #expect(counts.framesDropped + counts.packetsDropped == 0)
    }

    @Test func anotherPortAndAChannelLoseThemAsWell() throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Self.size))
        try channel.start()
        let link = try camera.link(to: channel)
        var requests = [Way.resized.request, Way.quality.request]
        requests[1].splitterPort = 2
        try camera.startRecordings(requests)
        for fault in faults.damaged {
            source.sendPicture(fault.bytes)
            source.sendPicture(faults.whole)
        }
        source.send(.success(.ended))
        var received = 0
        while try channel.receive() != nil { received += 1 }
        for port in 1...2 {
            #expect(try camera.waitRecording(splitterPort: port) == .ended)
            try camera.stopRecording(splitterPort: port)
            #expect(camera.statistics.encoders[port]?.packetsWritten == faults.damaged.count)
        }
        #expect(link.error == nil)
        #expect(received == faults.damaged.count)
        #expect(link.framesDropped == faults.damaged.count)
    }

    // MARK: Stills

    @Test func aStillTakesTheNextGoodFrame() throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg)
        let camera = try Camera(.source(source), stallLimit: .seconds(3600))
        defer { camera.close() }
        for (kind, bytes) in faults.damaged {
            let output = MemoryOutput()
            let taking = try WorkerThread("taking") {
                do { try camera.capture(to: .output(output), format: .jpeg) } catch {
                    Issue.record("\(kind): \(error)")
                }
            }
            // Whenever the capture begins, it meets damaged pictures first.
            #expect(
                eventually {
                    source.sendPicture(bytes)
                    return camera.statistics.source.framesCaptured - camera.statistics.source.framesUnused >= 2
                })
            #expect(
                eventually {
                    source.sendPicture(faults.whole)
                    return output.count > 0
                })
            taking.join()
            #expect(try jpegPictures(in: output.data).map(\.size) == [Self.size])
        }
    }

    @Test func aStillOfASourceThatWaitsTakesTheNextGoodFrame() throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
        for fault in faults.damaged { source.sendPicture(fault.bytes) }
        source.sendPicture(faults.whole)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.capture(to: .output(output), format: .jpeg)
        #expect(try jpegPictures(in: output.data).count == 1)
    }

    @Test func theErrorOfAStillNamesTheDamage() throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
        source.sendPicture(faults.damaged[0].bytes)
        let camera = try Camera(.source(source))
        defer { camera.close() }
        let folder = try TemporaryFolder()
        let path = folder.path("still.jpg")
        // Nothing comes any more, and then the source ends.
        let late = #expect(throws: CameraError.self) { try camera.capture(to: .path(path), timeout: .seconds(1)) }
        #expect(late?.code == .timedOut)
        source.sendPicture(faults.damaged[0].bytes)
        source.send(.success(.ended))
        let ended = #expect(throws: CameraError.self) { try camera.capture(to: .path(path)) }
        #expect(ended?.code == .sourceEnded)
        for error in [late, ended] {
            #expect(error?.description.contains("Premature end of JPEG file") == true, "\(String(describing: error))")
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// Shots of a camera that gives nothing but damaged pictures are missed, told as such, and the series goes on.
    @Test func aSeriesTellsOfMissedShots() async throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg)
        let camera = try Camera(.source(source), stallLimit: .milliseconds(200))
        let events = camera.events
        let folder = try TemporaryFolder()
        let series = try camera.captureContinuous(to: folder.path("{counter}.jpg"), every: .milliseconds(50))
        let isBroken = Mutex(true)
        let isDone = Mutex(false)
        let sending = try WorkerThread("sending") {
            while !isDone.withLock({ $0 }) {
                source.sendPicture(isBroken.withLock { $0 } ? faults.damaged[0].bytes : faults.whole)
                _ = eventually { source.waiting == 0 }
            }
        }
        // Waiting for a shot holds a thread: one of its own, since those of tasks are as few as processors.
        let name = Mutex<String?>(nil)
        let taking = try WorkerThread("taking") {
            name.withLock { $0 = try? series.next() }
            isDone.withLock { $0 = true }
            camera.close()
        }
        var missed: [CameraError] = []
        for await case .shotsMissed(_, let error?) in events {
            missed.append(error)
            isBroken.withLock { $0 = false }
        }
        taking.join()
        sending.join()
        #expect(name.withLock { $0 } == folder.path("1.jpg"))
        let error = missed.first
        #expect(error?.code == .timedOut)
        #expect(error?.description.contains("Premature end of JPEG file") == true, "\(String(describing: error))")
    }

    // MARK: Nothing that can be used

    /// Sends a picture again and again until a recording has ended.
    private func send(_ bytes: [UInt8], _ source: LiveSource, until isOver: () -> Bool) {
        let isOver = eventually {
            if source.waiting == 0 { source.sendPicture(bytes) }
            return isOver()
        }
        #expect(isOver)
    }

    @Test(arguments: [Way.resized, .quality]) func nothingUsableForTheStallLimitIsAnError(_ way: Way) throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg)
        let camera = try Camera(.source(source), stallLimit: .milliseconds(300))
        defer { camera.close() }
        try camera.startRecordings([way.request])
        send(faults.damaged[1].bytes, source) { (try? camera.waitRecording(.zero)) == nil }
        let error = #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(error?.code == .timedOut)
        let text = error?.description ?? ""
        #expect(text.contains("64x24") && text.contains("64x48"), "\(text)")
        let counts = try #require(camera.statistics.encoders[1])
        #expect(counts.framesReceived == counts.framesDamaged + counts.framesDropped)
    }

    @Test func nothingButDamagedFramesOfTheDriverIsAStall() throws {
        let source = LiveSource()
        let camera = try Camera(.source(source), stallLimit: .milliseconds(300))
        defer { camera.close() }
        try camera.startRecording(to: .output(MemoryOutput()), format: .yuv420)
        source.sendFrame()
        #expect(
            eventually {
                if source.waiting == 0 { source.send(.success(.damaged(1))) }
                return (try? camera.waitRecording(.zero)) == nil
            })
        let error = #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(error?.code == .timedOut)
        #expect(error?.description.contains("damaged") == true, "\(String(describing: error))")
        #expect(camera.statistics.encoders[1]?.packetsWritten == 1)
    }

    @Test func nothingUsableEndsALink() throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg)
        let camera = try Camera(.source(source), stallLimit: .milliseconds(300))
        defer { camera.close() }
        let channel = try EncoderChannel(ChannelAttributes(format: .mjpeg, size: Self.size))
        try channel.start()
        let link = try camera.link(to: channel)
        send(faults.damaged[0].bytes, source) { link.error != nil }
        #expect(link.error?.code == .timedOut)
        #expect(link.error?.description.contains("Premature end of JPEG file") == true)
        // Who receives hears of it too.
        let error = #expect(throws: CameraError.self) { try channel.receive() }
        #expect(error?.code == .timedOut)
    }

    // MARK: Telling

    @Test func damageIsToldOnceASecondAtMost() async throws {
        let faults = try Faults()
        let source = LiveSource(size: Self.size, format: .mjpeg, canWait: true)
        let camera = try Camera(.source(source))
        let events = camera.events
        for _ in 0..<100 {
            source.sendPicture(faults.whole)
            source.sendPicture(faults.damaged[0].bytes)
            source.send(.success(.damaged(2)))
        }
        source.send(.success(.ended))
        let start = Timestamp.now
        try camera.startRecordings([Way.resized.request])
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        let seconds = Int((Timestamp.now - start) / .seconds(1))
        camera.close()
        var (pictures, frames): ([Int], [Int]) = ([], [])
        for await event in events {
            switch event {
            case .picturesDamaged(let port, let count, let error):
                #expect(port == 1)
                #expect(error.description.contains("Premature end of JPEG file"))
                pictures.append(count)
            case .framesDamaged(let count): frames.append(count)
            default: break
            }
        }
        #expect(pictures.reduce(0, +) == 100)
        #expect(frames.reduce(0, +) == 200)
        // The first, one for each second that passed, and the rest at the end.
        #expect(pictures.count <= seconds + 2 && frames.count <= seconds + 2, "\(pictures), \(frames)")
    }
}
