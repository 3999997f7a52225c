// SPDX-License-Identifier: MIT

#if X264 && Containers
import Foundation
import TestSupport
import Testing

/// A recording of more than a thousand MP4 files.
@Suite struct ManySplitsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Makes a movie whose pictures come at uneven times.
    private func makeSource(_ name: String, count: Int) throws {
        let times = "settb=1/90000,setpts='3000*N+mod(N*N*37,1500)'"
        let made = try run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=64x48:rate=30,\(times)", "-frames:v", "\(count)",
                "-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000", "-c:v",
                "libx264", "-preset", "ultrafast", "-bf", "0", folder.path(name),
            ])
        try #require(made.status == 0, "\(made.errors)")
    }

    /// When the pictures of files are shown, in ticks of 1/90000 s, as ffmpeg reads them.
    private func times(of names: [String]) throws -> [[Int]] {
        var times: [[Int]] = []
        for start in stride(from: 0, to: names.count, by: 60) {
            let scratch = try TemporaryFolder()
            let some = names[start..<min(start + 60, names.count)]
            var (inputs, outputs): ([String], [String]) = ([], [])
            for (index, name) in some.enumerated() {
                inputs += ["-i", folder.path(name)]
                outputs += ["-map", "\(index):v", "-c", "copy", "-f", "framecrc", scratch.path("\(index)")]
            }
            let result = try run("ffmpeg", ["-v", "error", "-xerror", "-nostdin", "-copyts"] + inputs + outputs)
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
            for index in 0..<some.count {
                let lines = try String(contentsOf: scratch.file("\(index)"), encoding: .utf8).split(separator: "\n")
                #expect(lines.contains("#tb 0: 1/90000"))
                times.append(
                    lines.filter { !$0.hasPrefix("#") }.compactMap { line in
                        Int(line.split(separator: ",")[2].drop { $0 == " " })
                    })
            }
        }
        return times
    }

    /// Records the movie in files of two pictures; what the tool's memory came to, in kilobytes, and its open files.
    private func record(_ count: Int, into prefix: String) throws -> (memory: Int, files: Int) {
        let last = String(format: "\(prefix)-%04d.mp4", count / 2)
        let facts = "grep VmHWM /proc/$PPID/status; ls /proc/$PPID/fd | wc -l"
        let words = [
            "record", "\(prefix)-{counter:04d}.mp4", "--camera", "in.mp4", "--pace", "none", "--split", "2frames",
            "--frames", "\(count)", "--on-file", "test $CAMERA_FILE != \(last) || { \(facts); } > \(prefix).log",
            "--stop-timeout", "60s",
        ]
        let quoted = ([Tool.path] + words).map { "'\($0)'" }.joined(separator: " ")
        // Files that stay open would be too many.
        let result = try TestSupport.run("sh", ["-c", "ulimit -n 64; exec \(quoted)"], in: folder.url)
        #expect(result.status == 0, "\(result.errors)")
        let log = try String(contentsOf: folder.file("\(prefix).log"), encoding: .utf8)
        let numbers = log.split { !$0.isNumber }.compactMap { Int($0) }
        try #require(numbers.count == 2, "\(log)")
        return (numbers[0], numbers[1])
    }

    @Test func allTimesAreThoseOfTheSource() throws {
        try makeSource("in.mp4", count: 2202)
        let few = try record(200, into: "few")
        let many = try record(2202, into: "many")
        let names = folder.names.filter { $0.hasPrefix("many-") }
        try #require(names.count == 1101)
        let source = try #require(try times(of: ["in.mp4"]).first)
        try #require(source.count == 2202)
        var expected: [[Int]] = []
        for start in stride(from: 0, to: source.count, by: 2) {
            expected.append([0, source[start + 1] - source[start]])
        }
        let found = try times(of: names)
        let isSame = found == expected
        #expect(isSame, "\(zip(found, expected).first { $0 != $1 } ?? ([], []))")
        #expect(many.files == few.files, "\(few) \(many)")
        // A sanitizer keeps memory of its own for what the program has and had.
        #expect(Machine.isSanitized || many.memory < few.memory + 4096, "\(few) \(many)")
    }
}
#endif
