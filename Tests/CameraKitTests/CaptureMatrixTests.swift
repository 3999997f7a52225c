// SPDX-License-Identifier: MIT

import CameraKit
import Foundation
import TestSupport
import Testing

/// picamera's test_capture.py on the test camera.
@Suite struct CaptureMatrixTests {
    /// A row of picamera's table of pictures (`CAPTURE_CASES` in its test_capture.py) for one of the two ports.
    struct Case: CustomTestStringConvertible, Sendable {
        let format: MediaFormat
        let useVideoPort: Bool
        let resize: Resolution?
        let options: EncoderOptions

        static let all = [false, true].flatMap { useVideoPort in
            [
                Case(.jpeg, useVideoPort, quality: 95),
                Case(.jpeg, useVideoPort),
                Case(.jpeg, useVideoPort, resize: Resolution(640, 480)),
                Case(.jpeg, useVideoPort, quality: 50),
            ]
                // As in picamera's table, which leaves PNG out; it takes seconds for the largest pictures.
                + Codecs.available.map(\.format).filter { [.gif, .bmp].contains($0) }.map { Case($0, useVideoPort) }
                + MediaFormat.raw.map { Case($0, useVideoPort) }
        }

        /// Those of pictures that are taken one by one, for which the port makes no difference.
        static let single = all.filter { !$0.useVideoPort }

        init(_ format: MediaFormat, _ useVideoPort: Bool, resize: Resolution? = nil, quality: Int? = nil) {
            self.format = format
            self.useVideoPort = useVideoPort
            self.resize = resize
            self.options = EncoderOptions { $0.quality = quality }
        }

        var testDescription: String {
            [
                "\(format)", options.quality.map { "of quality \($0)" }, resize.map { "at \($0)" },
                useVideoPort ? "from the video port" : nil,
            ].compactMap(\.self).joined(separator: " ")
        }

        var fileExtension: String { format == .jpeg ? ".jpg" : format.isRaw ? ".data" : ".\(format)" }

        /// What a path needs to be told; nil where its extension tells it.
        var formatOfPath: MediaFormat? { format.isRaw ? format : nil }

        /// Expects whole pictures, each of a later frame than the one before.
        func expectWhole(_ paths: [String], mode: PicameraMode) throws {
            let size = resize ?? mode.size
            var numbers: [UInt32?] = []
            if let layout = format.pixelFormat {
                for path in paths {
                    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                    #expect(bytes.count == layout.byteCount(of: size))
                    numbers += NumberedVideo.numbers(in: bytes, size: size, format: layout)
                }
            } else if format == .jpeg {
                numbers = try expectJPEGs(paths, size: size)
            } else {
                numbers = try expectPictures(paths, format, size: size)
            }
            let known = numbers.compactMap(\.self)
            #expect(known.count == paths.count)
            #expect(zip(known, known.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test(
        arguments: PicameraMode.rows(
            Case.single, inAllSizes: [Case(.jpeg, false), Case(.bmp, false), Case(.rgb24, false)]))
    func capturesToFile(mode: PicameraMode, item: Case) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let path = folder.path("test\(item.fileExtension)")
        try camera.capture(
            to: .path(path), format: item.formatOfPath, resize: item.resize,
            options: item.options)
        try item.expectWhole([path], mode: mode)
    }

    #if Pictures
    @Test(arguments: PicameraMode.all) func capturesPNG(mode: PicameraMode) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        try camera.capture(to: .path(folder.path("test.png")))
        try Case(.png, false).expectWhole([folder.path("test.png")], mode: mode)
    }
    #endif

    @Test(arguments: PicameraMode.small, Case.single) func capturesToStream(mode: PicameraMode, item: Case) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let stream = MemoryOutput()
        try camera.capture(
            to: .output(stream), format: item.format, resize: item.resize,
            options: item.options)
        try item.expectWhole(try folder.files(of: [stream]), mode: mode)
    }

    @Test(arguments: PicameraMode.small, Case.single)
    func capturesContinuouslyToFiles(mode: PicameraMode, item: Case) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let series = try camera.captureContinuous(
            to: folder.path("image{counter:02d}\(item.fileExtension)"), format: item.formatOfPath,
            resize: item.resize, options: item.options)
        let names = try (1...4).map { number in
            let name = try #require(try series.next())
            #expect(name == folder.path("image0\(number)\(item.fileExtension)"))
            return name
        }
        try item.expectWhole(names, mode: mode)
    }

    /// The same stream again and again: what was in it is taken out before it is asked for the next time.
    @Test(arguments: PicameraMode.small, Case.all)
    func capturesContinuouslyToStream(mode: PicameraMode, item: Case) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let stream = MemoryOutput()
        var pictures: [[UInt8]] = []
        let series = (0..<4).lazy.map { number -> any Output in
            if number > 0 { pictures.append(stream.removeAll()) }
            return stream
        }
        try camera.captureSequence(
            to: series, format: item.format, useVideoPort: item.useVideoPort, resize: item.resize,
            options: item.options)
        pictures.append(stream.removeAll())
        #expect(pictures.count == 4)
        #expect(Set(pictures).count == 4, "no picture comes twice")
        try item.expectWhole(try folder.files(of: pictures), mode: mode)
    }

    @Test(arguments: PicameraMode.small, Case.all) func capturesSequenceToFiles(mode: PicameraMode, item: Case) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let paths = (1...3).map { folder.path("\($0)\(item.fileExtension)") }
        try camera.captureSequence(
            to: paths, format: item.format, useVideoPort: item.useVideoPort, resize: item.resize,
            options: item.options)
        try item.expectWhole(paths, mode: mode)
    }

    @Test(arguments: PicameraMode.small, Case.all)
    func capturesSequenceToStreams(mode: PicameraMode, item: Case) throws {
        let folder = try TemporaryFolder()
        let camera = try mode.camera()
        defer { camera.close() }
        let streams = (1...3).map { _ in MemoryOutput() }
        try camera.captureSequence(
            to: streams, format: item.format, useVideoPort: item.useVideoPort, resize: item.resize,
            options: item.options)
        try item.expectWhole(try folder.files(of: streams), mode: mode)
    }

    @Test func badFormats() throws {
        let folder = try TemporaryFolder()
        let camera = try PicameraMode.all[0].camera()
        defer { camera.close() }
        let foo = MediaFormat(rawValue: "foo")
        let tiff = MediaFormat(rawValue: "tiff")
        for (name, format) in [("test.foo", nil), ("test.jpg", foo), ("test.tiff", nil), ("test.jpg", tiff)] {
            let error = #expect(throws: CameraError.self) {
                try camera.capture(to: .path(folder.path(name)), format: format)
            }
            #expect(error?.code == .invalidFormat)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    #if !Pictures
    /// The error says what is missing.
    @Test(arguments: [MediaFormat.gif, .png]) func formatsWithoutCodec(format: MediaFormat) throws {
        let folder = try TemporaryFolder()
        let camera = try PicameraMode.all[0].camera()
        defer { camera.close() }
        let stream = MemoryOutput()
        let errors = [
            #expect(throws: CameraError.self) { try camera.capture(to: .path(folder.path("test.\(format)"))) },
            #expect(throws: CameraError.self) { try camera.capture(to: .output(stream), format: format) },
        ]
        for error in errors {
            #expect(error?.code == .unsupported)
            #expect(error?.subject == "\(format)")
            #expect(error?.reason?.contains("Pictures") == true)
        }
        #expect(stream.count == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }
    #endif
}
