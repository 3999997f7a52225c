// SPDX-License-Identifier: MIT

/// Many recordings, many cameras.
extension Rows {
    /// Recordings of one camera, against as many processes of the peers, and against one that does all.
    func recordings(_ count: Int) -> Row {
        let (film, frames) = (small, frames(1400))
        let head = programs.ffmpeg(film, frames, to: "", "").dropLast(3)
        let outputs = (1...count).flatMap {
            programs.words("-map 0:v -frames:v \(frames) \(ffmpegSmall)") + [programs.output("\($0).h264")]
        }
        let tee =
            programs.gstreamer(film, frames, to: "", "tee name=t").dropLast(3)
            + (1...count).flatMap {
                programs.words("t. ! queue ! \(gstreamerSmall) ! filesink")
                    + ["location=\(programs.output("\($0).h264"))"]
            }
        return Row(
            name: "recordings-\(count)", title: "\(count) recordings of one camera, 360p", frames: frames,
            contenders: many("recordings", count, frames) + [
                Contender("ffmpeg", .peer, Array(head) + outputs), Contender("gstreamer", .peer, Array(tee)),
            ],
            goals: manyGoals(count) + [.peers("cpu", .atMost(1)), .peers("rss", .atMost(1))])
    }

    func cameras(_ count: Int) -> Row {
        let frames = frames(1400)
        return Row(
            name: "cameras-\(count)", title: "\(count) cameras in a process, 360p", frames: frames,
            contenders: many("cameras", count, frames), goals: manyGoals(count))
    }

    private var ffmpegSmall: String { programs.ffmpegH264("ultrafast", 1000, threads: 1) }
    private var gstreamerSmall: String { programs.gstreamerH264("ultrafast", 1000, threads: 1) }

    /// Ours, one of ours, and as many processes of each peer and of the bare library.
    private func many(_ kind: String, _ count: Int, _ frames: Int) -> [Contender] {
        func ours(_ count: Int) -> [String] {
            [programs.workload, kind, "--file", small.file]
                + programs.words("--size \(small.size) --frames \(frames) --count \(count)")
                + ["--folder", programs.outputs]
        }
        let outputs = (1...count).map { programs.output("\($0).h264") }
        let loop = programs.limit("h264", small, frames, "--kilobits 1000")
        return [
            Contender("camera", .ours, ours(count)), Contender("camera, one", .limit, ours(1)),
            Contender("libx264, one", .limit, loop),
            Contender("\(count) of libx264", .limit, together: Array(repeating: loop, count: count)),
            Contender(
                "\(count) of ffmpeg", .peer,
                together: outputs.map { programs.ffmpeg(small, frames, to: $0, ffmpegSmall) }),
            Contender(
                "\(count) of gstreamer", .peer,
                together: outputs.map { programs.gstreamer(small, frames, to: $0, gstreamerSmall) }),
        ]
    }

    private func manyGoals(_ count: Int) -> [Goal] {
        [
            Goal("cpu / \(count) times that of one", .atMost(1)) {
                $0.ours("cpu") / $0.of("camera, one", "cpu").map { $0 * Double(count) }
            },
            // Two cores at work are slower than one, whatever they do.
            Goal("growth of cpu / that of libx264's processes", .atMost(1)) {
                ($0.ours("cpu") / $0.of("camera, one", "cpu"))
                    / ($0.of("\(count) of libx264", "cpu") / $0.of("libx264, one", "cpu"))
            },
            .peers("cpu", .atMost(1), processes: count), .peers("rss", .atMost(1), processes: count),
        ]
    }
}
