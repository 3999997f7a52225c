// SPDX-License-Identifier: MIT

// What is put into the files is H.264 of our own.
#if X264
import CameraContainers
import CameraCore
import CameraOutputs
import Foundation
import Synchronization
import TestSupport
import Testing

/// An MP4 file as it was after each call that wrote to it, judged by ffmpeg.
@Suite struct MP4PrefixTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A file that remembers how long it was after each call.
    private final class LoggedFile: Output, FileBacked {
        let logged: FileOutput
        let lengths = Mutex<[Int]>([])

        init(_ path: String) throws { logged = try FileOutput(path: path) }

        var file: FileOutput? { logged }

        func begin(_ stream: StreamDescription) throws { try logged.begin(stream) }

        func write(_ bytes: RawSpan, _ info: PacketInfo) throws {
            try logged.write(bytes, info)
            lengths.withLock { $0.append(logged.bytesWritten) }
        }
    }

    /// Size and checksum of each picture that ffmpeg finds in each file, by few calls of it.
    private func pictures(in files: [Data]) throws -> [[Substring]] {
        var found: [[Substring]] = []
        for start in stride(from: 0, to: files.count, by: 50) {
            let scratch = try TemporaryFolder()
            let some = files[start..<min(start + 50, files.count)]
            var (inputs, outputs): ([String], [String]) = ([], [])
            for (index, file) in some.enumerated() {
                try file.write(to: scratch.file("\(index).mp4"))
                inputs += ["-err_detect", "explode", "-i", scratch.path("\(index).mp4")]
                outputs += ["-map", "\(index):v", "-c", "copy", "-f", "framecrc", scratch.path("\(index)")]
            }
            let result = try run("ffmpeg", ["-v", "error", "-xerror", "-nostdin"] + inputs + outputs)
            #expect(result.errors.isEmpty && result.status == 0, "from \(start): \(result.errors)")
            for index in some.indices {
                let lines = try String(contentsOf: scratch.file("\(index - start)"), encoding: .utf8).split(
                    separator: "\n")
                found.append(lines.filter { !$0.hasPrefix("#") }.map { $0.drop { $0 != "," }.dropFirst() })
            }
        }
        // Behind the times: they begin elsewhere in a file that is not finished, where there are B-frames.
        return found.map { file in
            file.map { line in line.split(separator: ",").suffix(2).joined(separator: ",")[...] }
        }
    }

    /// The file as it was after each single system call, the finishing ones too, has every picture that was written until
    /// then.
    @Test(arguments: [0, 3]) func everyPrefixPlays(bFrames: Int) throws {
        let stream = try CodedStream.make(times: (0..<300).map { .milliseconds(40 * $0) }, bFrames: bFrames)
        let log = try LoggedFile(folder.path("a.mp4"))
        let output = MP4Output(OpenedOutput(log, isOwned: false, name: "a.mp4"))
        try output.begin(stream.description)
        for packet in stream.packets { try output.write(packet.bytes.span.bytes, packet.info) }
        // A picture is one call.
        let lengths = log.lengths.withLock { $0 }
        #expect(lengths.count == 300)
        let open = try Data(contentsOf: folder.file("a.mp4"))
        try output.end()
        try log.logged.close()
        let whole = try Data(contentsOf: folder.file("a.mp4"))
        // The end: the movie behind all, then the head of one box over all pictures.
        let place = try #require(open.range(of: Data("free".utf8))).lowerBound - 4
        let last = open + whole[open.count...]
        #expect(last[..<place] == whole[..<place] && last[(place + 16)...] == whole[(place + 16)...])
        // A call can be cut short, and a long movie takes several.
        let cuts = Array(stride(from: open.count + 1, to: last.count, by: 97)) + [last.count]
        #expect(log.lengths.withLock { $0.last } == last.count && cuts.count > 30)

        let expected = try #require(pictures(in: [whole]).first)
        #expect(expected.count == 300 && Set(expected).count > 20)
        let states = (lengths + cuts).map { last.prefix($0) }
        let found = try pictures(in: states)
        for (index, pictures) in found.enumerated() {
            let isSame = pictures == Array(expected.prefix(index + 1))
            #expect(isSame, "after \(index + 1) calls there are \(pictures.count) pictures")
        }
        // Some of them by other programs: all of ffprobe's and ffmpeg's decoder.
        for index in Array(stride(from: 0, to: states.count, by: 30)) + [299, 300, states.count - 1] {
            try states[index].write(to: folder.file("b.mp4"))
            let count = min(index + 1, 300)
            let arguments = ["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts", "-of", "csv=p=0"]
            let probed = try run("ffprobe", arguments + [folder.path("b.mp4")])
            #expect(probed.errors.isEmpty && probed.text.split(separator: "\n").count == count, "\(index)")
            let decoded = try run("ffmpeg", ["-v", "error", "-i", folder.path("b.mp4"), "-f", "framecrc", "-"])
            #expect(decoded.errors.isEmpty && decoded.text.split { $0 == "\n" }.count { !$0.hasPrefix("#") } == count)
        }
    }
}
#endif
