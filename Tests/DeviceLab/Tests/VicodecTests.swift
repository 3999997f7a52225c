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
            try edge.body(try DeviceLab.vicodecConformance())
        }

        @Test(arguments: EncoderConformance.drains) func drains(_ drain: EncoderConformance.Case) throws {
            try drain.body(try DeviceLab.vicodecConformance())
        }

        private static let size = Resolution(640, 360)

        /// The codec's pictures are as good as those that v4l2-ctl has the same driver make of the same frames.
        @Test func picturesAreAsGoodAsThoseOfV4L2ctl() throws {
            let folder = try TemporaryFolder()
            let frames = try NumberedFrames(Self.size, count: 4)
            let raw = (0..<frames.count).reduce(into: Data()) { $0 += packedBytes(frames[$1]) }
            try raw.write(to: folder.file("raw"))
            try VicodecRun(frames.count, Self.size) { frames[$0] }.stream.write(to: folder.file("ours"))
            try DeviceLab.encode("raw", to: "theirs", Self.size, folder)
            for name in ["ours", "theirs"] { try DeviceLab.decode(name, Self.size, folder) }
            let ours = try quality("ours.nv12", folder)
            let theirs = try quality("theirs.nv12", folder)
            #expect(theirs > 20)
            #expect(abs(ours - theirs) <= 1, "\(ours) dB against \(theirs)")
        }

        /// The mean ratio of signal and noise of a raw video, in decibels, by ffmpeg.
        private func quality(_ name: String, _ folder: TemporaryFolder) throws -> Double {
            let layout = ["-f", "rawvideo", "-pix_fmt", "nv12", "-s", "\(Self.size)"]
            let result = try run(
                "ffmpeg",
                ["-nostdin"] + layout + ["-i", name] + layout + ["-i", "raw", "-lavfi", "psnr", "-f", "null", "-"],
                in: folder.url)
            let field = result.errors.split(whereSeparator: \.isWhitespace).last { $0.hasPrefix("average:") }
            return try #require(field.flatMap { Double($0.dropFirst(8)) }, "\(result.errors)")
        }

        @Test func threeHundredFramesComeOutInOrder() throws {
            let count = 300
            let folder = try TemporaryFolder()
            let camera = try TestCamera(
                resolution: Self.size, frameRate: 30, format: .nv12, pacing: .none, numbered: true, frameLimit: count)
            camera.start()
            defer { camera.close() }
            let run = try VicodecRun(count, Self.size) { _ in try camera.nextFrame() }
            #expect(run.frames.map(\.index) == (0..<count).map(Int64.init))
            #expect(run.frames.allSatisfy { $0.loss == nil })
            try run.stream.write(to: folder.file("fwht"))
            try DeviceLab.decode("fwht", Self.size, folder)
            let pictures = try Data(contentsOf: folder.file("fwht.nv12"), options: .alwaysMapped)
            #expect(
                NumberedVideo.numbers(in: pictures, size: Self.size, format: .nv12) == (0..<count).map { UInt32($0) })
        }

        /// vicodec has no control for it: the codec drains, and starts its coded queue anew.
        @Test func keyFramesComeWhereTheyAreDemanded() throws {
            let frames = try NumberedFrames(Self.size, count: 12)
            let options = EncoderOptions { $0.keyFrameInterval = 10 }
            let demanded: Set = [3, 4, 9]
            let run = try VicodecRun(12, Self.size, options, keyFrames: demanded) { frames[$0] }
            #expect(run.frames.map(\.index) == (0..<12).map(Int64.init))
            #expect(run.frames.filter { $0.type == .key }.map(\.index) == [0, 3, 4, 9])
            let folder = try TemporaryFolder()
            try run.stream.write(to: folder.file("fwht"))
            try DeviceLab.decode("fwht", Self.size, folder)
            let pictures = try Data(contentsOf: folder.file("fwht.nv12"))
            #expect(NumberedVideo.numbers(in: pictures, size: Self.size, format: .nv12) == (0..<12).map { UInt32($0) })
        }

        /// 360 rows are none either; these make vicodec add rows and columns, which the crop takes away again.
        @Test(arguments: [Resolution(642, 362), Resolution(650, 374)])
        func sizesThatAreNoMultipleOf16(_ size: Resolution) throws {
            let frames = try NumberedFrames(size, count: 3)
            let run = try VicodecRun(3, size) { frames[$0] }
            let folder = try TemporaryFolder()
            try run.stream.write(to: folder.file("fwht"))
            try DeviceLab.decode("fwht", size, folder)
            let pictures = try Data(contentsOf: folder.file("fwht.nv12"))
            #expect(pictures.count == 3 * size.pixelCount * 3 / 2)
            #expect(NumberedVideo.numbers(in: pictures, size: size, format: .nv12) == [0, 1, 2])
        }

        /// What the device cannot do is told by the tool in a line, before a file is there.
        @Test func theToolNamesWhatTheDeviceMakes() throws {
            let folder = try TemporaryFolder()
            let node = try DeviceLab.vicodec()
            let tool = Bundle.main.bundleURL.appendingPathComponent("camera").path
            let result = try run(
                tool, ["record", "out.h264", "--camera", "test", "--frames", "1", "--codec-device", node],
                in: folder.url)
            #expect(result.status != 0)
            #expect(result.errors.split(separator: "\n").count == 1)
            #expect(result.errors.contains(node) && result.errors.contains("FWHT"), "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.path("out.h264")))
        }
    }

    /// Has v4l2-ctl encode a file of NV12 with vicodec.
    fileprivate static func encode(_ name: String, to result: String, _ size: Resolution, _ folder: TemporaryFolder)
        throws
    {
        let (width, height) = (size.width, size.height)
        try stream(
            name, to: result, node: try vicodec(),
            [
                "--set-fmt-video-out=width=\(width),height=\(height),pixelformat=NV12",
                // Without it v4l2-ctl takes the rows that the driver adds for rows of the file.
                "--set-selection-output=target=crop,top=0,left=0,width=\(width),height=\(height)",
            ], folder)
    }

    /// Has v4l2-ctl decode a file of FWHT with vicodec, into one of NV12.
    fileprivate static func decode(_ name: String, _ size: Resolution, _ folder: TemporaryFolder) throws {
        try stream(
            name, to: name + ".nv12", node: try vicodec(decoder: true),
            [
                "--set-fmt-video-out=width=\(size.width),height=\(size.height),pixelformat=FWHT",
                "--set-fmt-video=pixelformat=NV12",
            ], folder)
    }

    private static func stream(
        _ name: String, to result: String, node: String, _ formats: [String], _ folder: TemporaryFolder
    ) throws {
        let made = try run(
            "v4l2-ctl",
            ["-d", node] + formats
                + ["--stream-mmap", "--stream-out-mmap", "--stream-from", name, "--stream-to", result], in: folder.url)
        #expect(made.status == 0, "\(made.errors)")
    }

    /// The node of vicodec that makes FWHT of raw frames, or that makes raw frames of FWHT.
    static func vicodec(decoder: Bool = false) throws -> String {
        let fwht = PixelFormat(fourCC: "FWHT")
        let nodes = try FileManager.default.contentsOfDirectory(atPath: "/dev").filter { $0.hasPrefix("video") }
            .sorted()
        let found = try nodes.map { "/dev/\($0)" }.first { path in
            guard let device = try? VideoDevice(path), device.capabilities.driver == "vicodec" else { return false }
            defer { device.close() }
            let types = device.encoderTypes
            return try device.formats(of: decoder ? types.raw : types.coded).contains { $0.pixelFormat == fwht }
        }
        return try #require(found, "the lab has no vicodec")
    }

    /// The suite of all encoders for vicodec.
    static func vicodecConformance() throws -> EncoderConformance {
        let path = try vicodec()
        let frames = try NumberedFrames(Resolution(640, 360), count: 4)
        return EncoderConformance(
            wish: EncoderWish(
                coded: PixelFormat(fourCC: "FWHT"), raw: .nv12, size: Resolution(640, 360), frameRate: 30),
            patience: V4L2Camera.patience, keepsState: false, open: { try VideoDevice(path) }, frame: { frames[$0 % 4] }
        )
    }
}

/// What came of encoding frames with vicodec.
private struct VicodecRun {
    let frames: [EncodedFrame]

    /// Encodes `count` frames, drains and closes.
    init(
        _ count: Int, _ size: Resolution, _ options: EncoderOptions = EncoderOptions(), keyFrames: Set<Int> = [],
        frame: (Int) throws -> Frame
    ) throws {
        let codec = try V4L2Codec(try DeviceLab.vicodec(), format: .fwht)
        defer { codec.close() }
        let taken = Mutex<[Result<EncodedFrame, CameraError>]>([])
        _ = try codec.configure(
            CodecConfiguration(
                format: .fwht, inputFormat: .nv12, size: size, frameRate: 30, color: .bt601, options: options)
        ) { result in taken.withLock { $0.append(result) } }
        for number in 0..<count {
            try codec.encode(try frame(number), index: Int64(number), asKeyFrame: keyFrames.contains(number))
        }
        try codec.drain()
        codec.close()
        frames = try taken.withLock { $0 }.map { try $0.get() }
    }

    /// All packets, one after the other.
    var stream: Data {
        frames.reduce(into: Data()) { stream, frame in
            frame.bytes.span.withUnsafeBytes { stream.append(contentsOf: $0) }
        }
    }
}

extension TestCamera {
    /// The next frame.
    fileprivate func nextFrame() throws -> Frame {
        guard case .frame(let frame) = next(timeout: nil) else { throw V4L2Camera.NoFrame() }
        return frame
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
