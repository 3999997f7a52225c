// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct MotionRecordingTests {
    private static let size = Resolution(328, 248)
    private static let recordSize = 16 * 22 * 4

    /// A way to make the pictures of a recording.
    struct Kind: CustomTestStringConvertible, Sendable {
        let fileExtension: String
        let options: EncoderOptions
        let testDescription: String

        static let all: [Kind] = {
            var kinds = [
                Kind(fileExtension: "mjpeg", options: EncoderOptions(), testDescription: "mjpeg"),
                Kind(fileExtension: "nv12", options: EncoderOptions(), testDescription: "nv12"),
                Kind(fileExtension: "rgb24", options: EncoderOptions(), testDescription: "rgb24"),
            ]
            #if X264
            kinds.append(Kind(fileExtension: "h264", options: EncoderOptions(), testDescription: "h264"))
            let reordered = EncoderOptions { options in
                options.preset = "medium"
                options.tune = "film"
                options.threads = 2
            }
            kinds.append(Kind(fileExtension: "h264", options: reordered, testDescription: "h264 with B-frames"))
            #endif
            return kinds
        }()

        /// Whether the luma that is searched is the camera's own.
        var keepsLuma: Bool { !["mjpeg", "rgb24"].contains(fileExtension) }

        /// Pictures in a file, by another program's or simple arithmetic's count.
        func count(in path: String) throws -> Int {
            let raw = ["nv12": size.width * size.height * 3 / 2, "rgb24": size.width * size.height * 3]
            if let pictureSize = raw[fileExtension] {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).count
                #expect(bytes % pictureSize == 0)
                return bytes / pictureSize
            }
            return try probe(path).count
        }

        /// The packets of a file, as ffprobe has them.
        func probe(_ path: String) throws -> [[String: String]] {
            let entries = "packet=size,pos,flags"
            let result = try run(
                "ffprobe",
                ["-v", "error", "-f", fileExtension == "mjpeg" ? "mjpeg" : "h264", "-show_entries", entries]
                    + ["-of", "compact=p=0", path])
            #expect(result.errors == "")
            return result.text.split(separator: "\n").map { line in
                Dictionary(
                    line.split(separator: "|").compactMap { field in
                        let parts = field.split(separator: "=").map(String.init)
                        return parts.count == 2 ? (parts[0], parts[1]) : nil
                    }, uniquingKeysWith: { $1 })
            }
        }
    }

    private func camera(frames: Int? = nil) throws -> Camera {
        try Camera(
            .source(
                TestCamera(
                    resolution: Self.size, frameRate: 30, pacing: .none, numbered: true, frameLimit: frames)))
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    // MARK: picamera's rows

    /// test_motion_record.
    @Test(arguments: PicameraMode.all) func recordsAreAsLongAsPicameras(mode: PicameraMode) throws {
        let camera = try mode.camera()
        defer { camera.close() }
        let lengths = Mutex<[Int]>([])
        try camera.startRecording(
            to: .writing { _, _ in }, format: .mjpeg,
            motionOutput: .writing { bytes, _ in lengths.withLock { $0.append(bytes.byteCount) } })
        try camera.waitRecording(pictures: 3)
        try camera.stopRecording()
        let expected = ((mode.size.width + 15) / 16 + 1) * ((mode.size.height + 15) / 16) * 4
        #expect(lengths.withLock { $0.allSatisfy { $0 == expected } && $0.count >= 3 })
    }

    /// motion_array1 and motion_array2.
    @Test(arguments: PicameraMode.all, [false, true]) func arraysHaveAllFrames(mode: PicameraMode, isHalf: Bool) throws
    {
        let camera = try mode.camera()
        defer { camera.close() }
        let half = mode.size.width > 2000 ? Resolution(640, 480) : Resolution(mode.size.width / 2, mode.size.height / 2)
        let array = MotionArray()
        try camera.startRecording(
            to: .writing { _, _ in }, format: .mjpeg, resize: isHalf ? half : nil, motionOutput: .output(array))
        try camera.waitRecording(pictures: 3)
        try camera.stopRecording()
        let size = isHalf ? half : mode.size
        #expect(array.count == camera.statistics.encoders[1]?.packetsWritten)
        #expect(array.all.allSatisfy { $0.rows == (size.height + 15) / 16 && $0.columns == (size.width + 15) / 16 + 1 })
        #expect(array.all.map { $0.info?.index } == array.all.indices.map { Int64($0) })
        // The first picture has nothing before it; the others show something that moves.
        #expect(array[0] == array[0].still)
        #expect(array[2].bytes != array[0].bytes)
    }

    private final class Shapes: MotionAnalysis, @unchecked Sendable {
        let shapes = Mutex<[[Int]]>([])
        override func analyze(_ field: MotionField) throws {
            shapes.withLock { $0.append([field.rows, field.columns]) }
        }
    }

    /// motion_analysis1 and motion_analysis2.
    @Test(arguments: PicameraMode.all, [false, true]) func analysisSeesEachFrame(mode: PicameraMode, isHalf: Bool)
        throws
    {
        let camera = try mode.camera()
        defer { camera.close() }
        let size = isHalf ? Resolution(mode.size.width / 2, mode.size.height / 2) : mode.size
        let analysis = Shapes()
        try camera.startRecording(
            to: .writing { _, _ in }, format: .mjpeg, resize: isHalf ? size : nil, motionOutput: .output(analysis))
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        let shapes = analysis.shapes.withLock { $0 }
        #expect(shapes.count == camera.statistics.encoders[1]?.packetsWritten)
        #expect(shapes.allSatisfy { $0 == [(size.height + 15) / 16, (size.width + 15) / 16 + 1] })
    }

    // MARK: Cuts

    /// Forty files by a rule: as many records as pictures in each, and in all the vectors of a recording in one file.
    @Test(arguments: Kind.all) func fortyFilesHaveARecordForEachPicture(kind: Kind) throws {
        let folder = try TemporaryFolder()
        let lengths = Array(repeating: 5, count: 39) + [2]
        let camera = try camera(frames: lengths.reduce(0, +))
        defer { camera.close() }
        try camera.startRecording(
            to: .path(folder.path("{counter:02d}.\(kind.fileExtension)")), splitting: .every(.frames(5)),
            motionOutput: "\(folder.path("{counter:02d}.motion"))",
            metadataOutput: "\(folder.path("{counter:02d}.jsonl"))", options: kind.options)
        #expect(try camera.waitRecording() == .ended)
        try camera.stopRecording()
        var records: [UInt8] = []
        for (index, length) in lengths.enumerated() {
            let name = String(format: "%02d", index + 1)
            #expect(try kind.count(in: folder.path("\(name).\(kind.fileExtension)")) == length)
            let motion = try bytes(folder.path("\(name).motion"))
            #expect(motion.count == length * Self.recordSize, "\(name)")
            #expect(try bytes(folder.path("\(name).jsonl")).count { $0 == 10 } == length)
            records += motion
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 3 * lengths.count)
        // In the order of display and cut at the same pictures, whatever the codec does with their order.
        if kind.keepsLuma { #expect(records == (try Self.wholeMotion.get())) }
    }

    /// The vectors of the same frames as raw video, which has no order of its own.
    private static let wholeMotion = Result {
        let camera = try Camera(
            .source(TestCamera(resolution: size, frameRate: 30, pacing: .none, numbered: true, frameLimit: 197)))
        defer { camera.close() }
        let output = MemoryOutput()
        try camera.startRecording(to: .writing { _, _ in }, format: .yuv420, motionOutput: .output(output))
        try camera.waitRecording()
        try camera.stopRecording()
        #expect(output.count == 197 * recordSize)
        return output.data
    }

    /// Splits by hand of the pictures and the vectors, of one of them, and of none.
    @Test(arguments: Kind.all) func splitsByHandCutWhatTheyName(kind: Kind) throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        let pictures = (0..<3).map { folder.path("\($0).\(kind.fileExtension)") }
        let motion = (0..<3).map { folder.path("\($0).motion") }
        try camera.startRecording(to: .path(pictures[0]), motionOutput: .path(motion[0]), options: kind.options)
        try camera.waitRecording(pictures: 3)
        let first = try camera.splitRecording(to: .path(pictures[1]), motionOutput: .path(motion[1])).index
        try camera.waitRecording(pictures: 3)
        let redirected = try camera.splitRecording(to: nil, motionOutput: .path(motion[2]))
        try camera.waitRecording(pictures: 3)
        let last = try camera.splitRecording(to: .path(pictures[2])).index
        try camera.waitRecording(pictures: 3)
        let error = #expect(throws: CameraError.self) { try camera.splitRecording(to: nil) }
        #expect(error?.code == .invalidValue)
        try camera.stopRecording()
        let written = Int64(try #require(camera.statistics.encoders[1]?.packetsWritten))
        #expect(camera.statistics.encoders[1]?.splits == 2)
        let counts = try pictures.map { Int64(try kind.count(in: $0)) }
        #expect(counts == [first, last - first, written - last])
        let records = try motion.map { Int64(try bytes($0).count) }
        let middle = redirected.index
        #expect(records == [first, middle - first, written - middle].map { $0 * Int64(Self.recordSize) })
        // The redirection does not disturb the file that the pictures go on in.
        #expect(redirected.splitSize > redirected.frameSize)
    }

    /// A recording that begins without vectors gets them by a split; the first record is zero as at a start.
    @Test func vectorsMayBeginLater() throws {
        let camera = try camera()
        defer { camera.close() }
        let array = MotionArray()
        try camera.startRecording(to: .writing { _, _ in }, format: .yuv420)
        try camera.waitRecording(pictures: 2)
        let frame = try camera.splitRecording(to: nil, motionOutput: .output(array))
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        #expect(array[0].info?.index == frame.index)
        #expect(array[0] == array[0].still)
        #expect(Int64(array.count) == Int64(camera.statistics.encoders[1]?.packetsWritten ?? 0) - frame.index)
    }

    /// One file of vectors for all files of a rule, and outputs of the user's, stay in use.
    @Test func namesWithoutAPlaceStayInUse() throws {
        let folder = try TemporaryFolder()
        let camera = try camera(frames: 20)
        defer { camera.close() }
        let lines = MemoryOutput()
        try camera.startRecording(
            to: .path(folder.path("{counter}.nv12")), splitting: .every(.frames(5)),
            motionOutput: "\(folder.path("all.motion"))",
            metadataOutput: .output(try MetadataOutput(to: .output(lines))))
        try camera.waitRecording()
        try camera.stopRecording()
        #expect(try bytes(folder.path("all.motion")).count == 20 * Self.recordSize)
        #expect(lines.data.count { $0 == 10 } == 20)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 5)
    }

    // MARK: Failures

    private struct Refusal: Error {}

    /// An output of vectors that fails ends the recording with its error; the pictures until then are safe.
    @Test func aFailingMotionOutputEndsTheRecording() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        let path = folder.path("clip.nv12")
        let output = ClosureOutput { _, info in if info.index == 4 { throw Refusal() } }
        try camera.startRecording(to: .path(path), motionOutput: .output(output))
        for _ in 0..<2 {
            let error = #expect(throws: CameraError.self) { try camera.waitRecording() }
            #expect(error?.underlying is Refusal)
            #expect(error?.code == .output)
        }
        #expect(throws: CameraError.self) { try camera.splitRecording(to: .path(folder.path("next.nv12"))) }
        #expect(throws: CameraError.self) { try camera.stopRecording() }
        #expect(try bytes(path).count == 5 * Self.size.width * Self.size.height * 3 / 2)
        let statistics = camera.statistics
        let counts = try #require(statistics.encoders[1])
        #expect(counts.packetsWritten == 5)
        #expect(counts.framesReceived == counts.packetsWritten + counts.packetsDropped + counts.framesDropped)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["clip.nv12"])
    }

    private final class Reluctant: Output {
        func begin(_ stream: StreamDescription) throws { throw Refusal() }
        func write(_ bytes: RawSpan, _ info: PacketInfo) throws {}
    }

    /// A split whose motion output cannot be opened, or refuses to begin, leaves nothing; the recording goes on.
    @Test func aFailedSplitLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        let motion = folder.path("0.motion")
        try camera.startRecording(to: .path(folder.path("0.nv12")), motionOutput: .path(motion))
        for target in [OutputTarget.path(folder.path("no/1.motion")), .path(motion), .output(Reluctant())] {
            #expect(throws: CameraError.self) {
                try camera.splitRecording(to: .path(folder.path("1.nv12")), motionOutput: target)
            }
        }
        let shared = MemoryOutput()
        let error = #expect(throws: CameraError.self) {
            try camera.splitRecording(to: .output(shared), motionOutput: .output(shared))
        }
        #expect(error?.code == .busy)
        try camera.waitRecording(pictures: 2)
        try camera.stopRecording()
        let written = try #require(camera.statistics.encoders[1]?.packetsWritten)
        #expect(try bytes(motion).count == written * Self.recordSize)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted() == ["0.motion", "0.nv12"])
    }

    @Test func aFailedStartLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        let camera = try camera()
        defer { camera.close() }
        let path = folder.path("clip.nv12")
        for motion in [folder.path("no/clip.motion"), path] {
            #expect(throws: CameraError.self) {
                try camera.startRecording(to: .path(path), motionOutput: .path(motion))
            }
        }
        #expect(!camera.isRecording)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    #if X264
    /// Pictures that the camera encoded as H.264 are not decoded here.
    @Test func codedPicturesAreRefused() throws {
        let camera = try Camera(.source(try CodedCamera(CodedCamera.Manner())))
        defer { camera.close() }
        let array = MotionArray()
        let error = #expect(throws: CameraError.self) {
            try camera.startRecording(to: .writing { _, _ in }, format: .h264, motionOutput: .output(array))
        }
        #expect(error?.code == .unsupported)
        try camera.startRecording(to: .writing { _, _ in }, format: .h264)
        let later = #expect(throws: CameraError.self) {
            try camera.splitRecording(to: nil, motionOutput: .output(array))
        }
        #expect(later?.code == .unsupported)
        try camera.stopRecording()
    }
    #endif

    // MARK: Metadata

    /// The lines as Python reads them say of each picture what ffprobe says.
    @Test(arguments: Kind.all.filter { !["nv12", "rgb24"].contains($0.fileExtension) })
    func metadataMatchesWhatIsInTheFiles(kind: Kind) throws {
        let folder = try TemporaryFolder()
        let camera = try camera(frames: 50)
        defer { camera.close() }
        let clip = folder.path("{counter}.\(kind.fileExtension)")
        try camera.startRecording(
            to: .path(clip), splitting: .every(.frames(20)), metadataOutput: "\(folder.path("{counter}.jsonl"))",
            options: kind.options)
        try camera.waitRecording()
        try camera.stopRecording()
        let script = """
            import json, sys, datetime
            for line in open(sys.argv[1]):
                d = json.loads(line)
                datetime.datetime.fromisoformat(d["wallTime"].replace("Z", "+00:00"))
                print(d["index"], round(d["timestamp"] * 30), d["size"], d["offset"], int(d["keyFrame"]), d["type"])
            """
        var indexes: [Int] = []
        for number in 1...3 {
            let result = try run("python3", ["-c", script, folder.path("\(number).jsonl")])
            #expect(result.errors == "")
            let lines = result.text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            let packets = try kind.probe(folder.path("\(number).\(kind.fileExtension)"))
            try #require(lines.count == packets.count)
            for (line, packet) in zip(lines, packets) {
                #expect(line[0] == line[1])
                #expect(line[2] == packet["size"])
                #expect(line[3] == packet["pos"])
                #expect((line[4] == "1") == (packet["flags"]?.hasPrefix("K") ?? false))
                #expect((line[5] == "key") == (line[4] == "1"))
            }
            indexes += lines.compactMap { Int($0[0]) }
        }
        #expect(indexes.sorted() == Array(0..<50))
        if kind.testDescription.hasSuffix("B-frames") { #expect(indexes != Array(0..<50)) }
    }

    /// A file of times is made by the same way.
    @Test func timesGoBesideARecordingToo() throws {
        let folder = try TemporaryFolder()
        let camera = try camera(frames: 3)
        defer { camera.close() }
        let times = try PTSOutput(path: folder.path("clip.pts"))
        try camera.startRecording(to: .path(folder.path("clip.nv12")), metadataOutput: .output(times))
        try camera.waitRecording()
        try camera.stopRecording()
        try times.close()
        let text = String(decoding: try bytes(folder.path("clip.pts")), as: UTF8.self)
        #expect(text == "# timestamp format v2\n0.000\n33.333\n66.667\n")
    }
}

extension MotionField {
    /// The same without any movement.
    fileprivate var still: MotionField {
        var field = self
        for row in 0..<rows {
            for column in 0..<columns { field[row, column] = .zero }
        }
        return field
    }
}
