// SPDX-License-Identifier: MIT

import CameraCodecs
import CameraCore
import Foundation
import Synchronization
import TestSupport
import Testing

/// A codec with options, for the suite that every codec must pass.
struct CodecCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let frames: TestFrames
    let configuration: CodecConfiguration
    /// How ffmpeg calls the layout of the decoded pictures.
    let decoded: String

    init(
        _ name: String, _ format: MediaFormat, _ input: PixelFormat, decoded: String,
        size: Resolution = Resolution(176, 144), padding: Int = 0, _ set: (inout EncoderOptions) -> Void
    ) {
        testDescription = "\(format) \(name)"
        frames = TestFrames(
            format: input, size: size, color: [.h264, .h265].contains(format) ? .bt709 : .jpeg, padding: padding)
        configuration = CodecConfiguration(format, frames, set)
        self.decoded = decoded
    }

    /// The decoded pictures of a stream.
    func decode(_ stream: Data) throws -> [Data] {
        try CameraCodecsTests.decode(
            stream, configuration.format, as: decoded, pictureByteCount: frames.packed(0).count)
    }

    static let all = h264 + h265 + jpeg + pictures

    static let pictures =
        [
            CodecCase("of odd size", .bmp, .bgr24, decoded: "bgr24", size: Resolution(175, 143), padding: 5) { _ in }
        ] + pictureLibraries

    #if Pictures
    private static let pictureLibraries = [
        CodecCase("of R, G, B", .png, .rgb24, decoded: "rgb24", size: Resolution(175, 143), padding: 7) { _ in },
        CodecCase("of B, G, R", .png, .bgr24, decoded: "bgr24") { _ in },
        CodecCase("of odd size", .gif, .rgb24, decoded: "rgb24", size: Resolution(175, 143), padding: 7) { _ in },
    ]
    #else
    private static let pictureLibraries: [CodecCase] = []
    #endif

    static let jpeg = [
        CodecCase("defaults", .mjpeg, .yuv420, decoded: "yuvj420p") { _ in },
        CodecCase("of NV12 by one thread", .mjpeg, .nv12, decoded: "yuvj420p") { $0.threads = 1 },
        CodecCase("of NV12 with padding by three threads", .mjpeg, .nv12, decoded: "yuvj420p", padding: 13) {
            $0.threads = 3
        },
        CodecCase("4:2:2", .mjpeg, .yuv422, decoded: "yuvj422p", padding: 32) { $0.threads = 4 },
        CodecCase("grey", .mjpeg, .grey, decoded: "gray", padding: 1) { $0.threads = 2 },
        CodecCase("with a bit rate", .mjpeg, .yuv420, decoded: "yuvj420p") {
            $0.bitRate = 3_000_000
            $0.threads = 2
        },
        CodecCase("of odd size", .mjpeg, .nv12, decoded: "yuvj420p", size: Resolution(175, 143), padding: 3) { _ in },
        CodecCase("with restart markers", .mjpeg, .nv12, decoded: "yuvj420p", size: Resolution(175, 143)) {
            $0.restartInterval = 2
            $0.threads = 2
        },
        CodecCase("single", .jpeg, .yuv420, decoded: "yuvj420p") { $0.quality = 95 },
    ]

    #if X264
    static let h264 = [
        CodecCase("defaults", .h264, .nv12, decoded: "yuv420p") { $0.bitRate = 1_000_000 },
        CodecCase("planar with padding", .h264, .yuv420, decoded: "yuv420p", padding: 16) { $0.quality = 23 },
        CodecCase("NV12 with padding", .h264, .nv12, decoded: "yuv420p", padding: 48) { $0.quality = 23 },
        CodecCase("with lookahead and B-frames", .h264, .nv12, decoded: "yuv420p") {
            $0.preset = "medium"
            $0.tune = "none"
            $0.bitRate = 1_000_000
        },
        CodecCase("with frame threads", .h264, .yuv420, decoded: "yuv420p") {
            $0.preset = "veryfast"
            $0.tune = "film"
            $0.threads = 3
            $0.quality = 20
        },
        CodecCase("with slice threads", .h264, .nv12, decoded: "yuv420p") {
            $0.preset = "superfast"
            $0.threads = 2
            $0.bitRate = 1_000_000
        },
        CodecCase("with intra refresh", .h264, .nv12, decoded: "yuv420p") {
            $0.intraRefresh = .cyclic
            $0.keyFrameInterval = 10
            $0.quality = 20
        },
        CodecCase("with intra refresh and lookahead", .h264, .nv12, decoded: "yuv420p") {
            $0.intraRefresh = .cyclic
            $0.keyFrameInterval = 10
            $0.preset = "faster"
            $0.tune = "none"
            $0.quality = 20
        },
        CodecCase("without messages", .h264, .nv12, decoded: "yuv420p") {
            $0.sei = false
            $0.quality = 20
        },
        CodecCase("without key frames", .h264, .nv12, decoded: "yuv420p") {
            $0.keyFrameInterval = 0
            $0.preset = "veryfast"
            $0.quality = 20
        },
        CodecCase("lossless", .h264, .yuv420, decoded: "yuv420p") { $0.quality = 0 },
    ]
    #else
    static let h264: [CodecCase] = []
    #endif

    #if X265
    static let h265 = [
        CodecCase("defaults", .h265, .yuv420, decoded: "yuv420p") { $0.bitRate = 1_000_000 },
        CodecCase("with padding by one thread", .h265, .yuv420, decoded: "yuv420p", padding: 16) {
            $0.quality = 20
            $0.threads = 1
        },
        CodecCase("with lookahead, B-frames and frame threads", .h265, .yuv420, decoded: "yuv420p") {
            $0.preset = "fast"
            $0.tune = "none"
            $0.quality = 20
            $0.threads = 3
            $0.parameters = ["frame-threads": "2"]
        },
        CodecCase("without messages and headers", .h265, .yuv420, decoded: "yuv420p") {
            $0.sei = false
            $0.quality = 20
        },
        CodecCase("without key frames", .h265, .yuv420, decoded: "yuv420p") {
            $0.keyFrameInterval = 0
            $0.quality = 20
        },
    ]
    #else
    static let h265: [CodecCase] = []
    #endif
}

/// What every codec must do.
@Suite struct CodecConformanceTests {
    @Test(arguments: CodecCase.all)
    func deliversEveryFrameOnceAndWhatWasPutIn(_ test: CodecCase) throws {
        let count = 50
        let run = try CodecRun(test.configuration, test.frames, count: count)
        let packets = run.packets
        #expect(packets.map(\.index).sorted() == (0..<count).map(Int64.init))
        #expect(packets.first?.type == .key)
        #expect(packets.first?.index == 0)
        #expect(packets.allSatisfy { $0.decodeIndex <= $0.index })
        #expect(zip(packets, packets.dropFirst()).allSatisfy { $0.decodeIndex < $1.decodeIndex })
        #expect(packets.allSatisfy { $0.headerByteCount < $0.bytes.count })
        // A GIF file ends with its first picture.
        let streams = test.configuration.format == .gif ? packets.map(\.bytes) : [run.stream]
        let pictures = try streams.flatMap(test.decode)
        #expect(pictures.count == count)
        for (number, picture) in pictures.enumerated() {
            #expect(psnr(picture, test.frames.packed(number)) > 30, "picture \(number)")
        }
    }

    @Test(arguments: CodecCase.all)
    func makesKeyFramesWhereDemanded(_ test: CodecCase) throws {
        let demanded: Set = [1, 7, 8, 23, 39]
        let run = try CodecRun(test.configuration, test.frames, count: 40, keyFrames: demanded)
        let keys = Set(run.packets.filter { $0.type == .key }.map { Int($0.index) })
        #expect(keys.isSuperset(of: demanded))
        // The types of slices and, among them, of IDR slices (H.264 table 7-1, H.265 table 7-1).
        let known: [MediaFormat: (slices: ClosedRange<Int>, key: ClosedRange<Int>)] = [
            .h264: (1...5, 5...5), .h265: (0...31, 19...20),
        ]
        guard let (sliceTypes, keyTypes) = known[test.configuration.format] else { return }
        // The decoder's view: an access unit is a key frame exactly when its slices are IDR slices.
        let units = try nalUnitTypes(run.stream, test.configuration.format)
        #expect(units.count == run.packets.count)
        for (packet, types) in zip(run.packets, units) {
            let slices = types.filter(sliceTypes.contains)
            #expect(!slices.isEmpty)
            #expect(slices.allSatisfy { keyTypes.contains($0) == (packet.type == .key) }, "frame \(packet.index)")
        }
        // Decoding can start at each of them.
        for start in demanded {
            guard let first = run.packets.firstIndex(where: { $0.index == Int64(start) }) else { continue }
            let rest = run.packets[first...].reduce(Data()) { $0 + $1.bytes }
            #expect(try test.decode(rest).count == 40 - start)
        }
    }

    @Test(arguments: CodecCase.all, [0, 1, 2])
    func drainsFewFrames(_ test: CodecCase, count: Int) throws {
        #expect(try CodecRun(test.configuration, test.frames, count: count).packets.count == count)
    }

    @Test(arguments: CodecCase.all)
    func closesAtAnyTimeAndForGood(_ test: CodecCase) throws {
        let deliveries = Deliveries()
        let codec = try Codecs.make(for: test.configuration.format)
        _ = try codec.configure(test.configuration) { deliveries.take($0) }
        for number in 0..<5 { try codec.encode(test.frames.frame(number), index: Int64(number), asKeyFrame: false) }
        codec.close()
        let delivered = deliveries.count
        codec.close()
        let error = #expect(throws: CameraError.self) {
            try codec.encode(test.frames.frame(5), index: 5, asKeyFrame: false)
        }
        #expect(error?.code == .closed)
        #expect(throws: CameraError.self) { try codec.setBitRate(1_000_000) }
        try codec.drain()
        #expect(deliveries.count == delivered)
    }

    @Test(arguments: CodecCase.all)
    func takesNoFramesAfterDraining(_ test: CodecCase) throws {
        let codec = try Codecs.make(for: test.configuration.format)
        _ = try codec.configure(test.configuration) { _ in }
        try codec.encode(test.frames.frame(0), index: 0, asKeyFrame: false)
        try codec.drain()
        let error = #expect(throws: CameraError.self) {
            try codec.encode(test.frames.frame(1), index: 1, asKeyFrame: false)
        }
        #expect(error?.code == .closed)
        try codec.drain()
    }

    @Test(arguments: CodecCase.all)
    func isFreedWithoutBeingClosed(_ test: CodecCase) throws {
        var codec: (any Codec)? = try Codecs.make(for: test.configuration.format)
        _ = try codec?.configure(test.configuration) { _ in }
        try codec?.encode(test.frames.frame(0), index: 0, asKeyFrame: false)
        weak let weakly = codec
        codec = nil
        #expect(weakly == nil)
    }

    @Test(arguments: CodecCase.all)
    func wantsToBeConfiguredOnce(_ test: CodecCase) throws {
        let codec = try Codecs.make(for: test.configuration.format)
        let frame = test.frames.frame(0)
        #expect(throws: CameraError.self) { try codec.encode(frame, index: 0, asKeyFrame: false) }
        _ = try codec.configure(test.configuration) { _ in }
        #expect(throws: CameraError.self) { try codec.configure(test.configuration) { _ in } }
        try codec.encode(frame, index: 0, asKeyFrame: false)
        codec.close()
    }

    /// A slow output holds the codec back: it never has more frames inside than it may.
    @Test(
        arguments: CodecCase.jpeg + (CodecCase.h264 + CodecCase.h265).filter { $0.testDescription.contains("defaults") }
    )
    func isHeldBackBySlowDeliveries(_ test: CodecCase) throws {
        let threads = test.configuration.options.threads ?? 4
        let gate = Gate()
        let codec = try Codecs.make(for: test.configuration.format)
        let deliveries = Deliveries()
        _ = try codec.configure(test.configuration) { result in
            gate.pass()
            deliveries.take(result)
        }
        let count = 30
        let frames = (0..<count).map(test.frames.frame)
        let mostInside = Mutex(0)
        let feeder = try WorkerThread("feeder") {
            for (number, frame) in frames.enumerated() {
                guard (try? codec.encode(frame, index: Int64(number), asKeyFrame: false)) != nil else { return }
                let inside = number + 1 - deliveries.count
                mostInside.withLock { $0 = max($0, inside) }
            }
        }
        // One delivery at a time is let through, while the feeder pushes as hard as it may.
        for _ in 0..<count { gate.admitOne() }
        feeder.join()
        try codec.drain()
        codec.close()
        #expect(try deliveries.packets().map(\.index) == (0..<count).map(Int64.init))
        #expect(mostInside.withLock { $0 } <= threads + 1)
    }

    @Test(arguments: CodecCase.all)
    func refusesFramesThatDoNotFitAndGoesOn(_ test: CodecCase) throws {
        let codec = try Codecs.make(for: test.configuration.format)
        let deliveries = Deliveries()
        _ = try codec.configure(test.configuration) { deliveries.take($0) }
        var other = test.frames
        other.size = Resolution(64, 48)
        let short = Frame(
            format: test.frames.format, size: test.frames.size, color: .bt709, info: test.frames.frame(0).info,
            planes: (0..<test.frames.format.planeCount).map { other.frame(0).plane($0) }, owner: other.frame(0))
        for bad in [other.frame(0), TestFrames(format: .rgba, size: test.frames.size).frame(0), short] {
            let error = #expect(throws: CameraError.self) { try codec.encode(bad, index: 0, asKeyFrame: false) }
            #expect(error?.code == .invalidValue)
        }
        try codec.encode(test.frames.frame(0), index: 0, asKeyFrame: false)
        try codec.drain()
        #expect(deliveries.count == 1)
        codec.close()
    }

    @Test(arguments: CodecCase.all, [Resolution(0, 0), Resolution(-16, 16), Resolution(20000, 20000)])
    func refusesImpossibleSizes(_ test: CodecCase, size: Resolution) throws {
        var configuration = test.configuration
        configuration.size = size
        let codec = try Codecs.make(for: configuration.format)
        let error = #expect(throws: CameraError.self) { try codec.configure(configuration) { _ in } }
        #expect(error?.code == .invalidValue)
        #expect(error?.description.contains("\(size)") == true)
    }

    @Test(arguments: Codecs.available.map(\.format))
    func refusesWhatItDoesNotTake(_ format: MediaFormat) throws {
        let frames = TestFrames(format: .rgba)
        #expect(throws: CameraError.self) {
            try Codecs.make(for: format).configure(CodecConfiguration(format, frames) { _ in }) { _ in }
        }
        for rate in [FrameRate(0), FrameRate(-30), FrameRate(2000)] {
            #expect(throws: CameraError.self) {
                try Codecs.make(for: format).configure(
                    CodecConfiguration(format, TestFrames(), frameRate: rate) { _ in }
                ) { _ in }
            }
        }
    }
}

/// Lets through as many as are admitted.
private final class Gate: Sendable {
    private let state = Monitor((admitted: 0, waiting: 0))

    /// Waits to be admitted.
    func pass() {
        state.update { $0.waiting += 1 }
        _ = state.waitAndUpdate { state -> Void? in
            guard state.admitted > 0 else { return nil }
            state.admitted -= 1
            state.waiting -= 1
            return ()
        }
    }

    /// Waits until somebody wants to pass, and lets one through.
    func admitOne() {
        _ = state.waitAndUpdate { state -> Void? in
            guard state.waiting > state.admitted else { return nil }
            state.admitted += 1
            return ()
        }
    }
}
