// SPDX-License-Identifier: MIT

/// Many recordings, many cameras.
extension Rows {
    func recordings(_ count: Int) -> Row {
        let (film, frames) = (small, frames(1400))
        func ours(_ count: Int) -> [String] {
            [programs.workload, "recordings", "--file", film.file]
                + programs.words("--size \(film.size) --frames \(frames) --count \(count) --folder \(programs.outputs)")
        }
        let each = programs.ffmpegH264("ultrafast", 1000, threads: 1)
        let head = programs.ffmpeg(film, frames, to: "", "").dropLast(3)
        let outputs = (1...count).flatMap {
            programs.words("-map 0:v -frames:v \(frames) \(each)") + [programs.output("\($0).h264")]
        }
        let tee =
            programs.gstreamer(film, frames, to: "", "tee name=t").dropLast(3)
            + (1...count).flatMap {
                programs.words("t. ! queue ! \(programs.gstreamerH264("ultrafast", 1000, threads: 1)) ! filesink")
                    + ["location=\(programs.output("\($0).h264"))"]
            }
        return Row(
            name: "recordings-\(count)", title: "\(count) recordings of one camera, 360p", frames: frames,
            contenders: [
                Contender("camera", .ours, ours(count)), Contender("camera, one", .limit, ours(1)),
                Contender("ffmpeg", .peer, Array(head) + outputs), Contender("gstreamer", .peer, Array(tee)),
            ], goals: manyGoals(count))
    }

    func cameras(_ count: Int) -> Row {
        let (film, frames) = (small, frames(1400))
        func ours(_ count: Int) -> [String] {
            [programs.workload, "cameras", "--file", film.file]
                + programs.words("--size \(film.size) --frames \(frames) --count \(count) --folder \(programs.outputs)")
        }
        func together(_ command: (Int) -> [String]) -> [String] {
            let commands = (1...count).map { command($0).map { "'\($0)'" }.joined(separator: " ") + " &" }
            return ["sh", "-c", commands.joined(separator: "\n") + "\nwait"]
        }
        let each = programs.ffmpegH264("ultrafast", 1000, threads: 1)
        let gstreamer = programs.gstreamerH264("ultrafast", 1000, threads: 1)
        let peers = [
            Contender(
                "ffmpeg", .peer, together { programs.ffmpeg(film, frames, to: programs.output("\($0).h264"), each) }),
            Contender(
                "gstreamer", .peer,
                together { programs.gstreamer(film, frames, to: programs.output("\($0).h264"), gstreamer) }),
        ]
        return Row(
            name: "cameras-\(count)", title: "\(count) cameras in a process, \(count) processes of the peers, 360p",
            frames: frames,
            contenders: [Contender("camera", .ours, ours(count)), Contender("camera, one", .limit, ours(1))] + peers,
            goals: manyGoals(count, processes: count))
    }

    private func manyGoals(_ count: Int, processes: Int = 1) -> [Goal] {
        [
            Goal("cpu / \(count) times that of one", .atMost(1)) {
                $0.ours("cpu") / $0.of("camera, one", "cpu").map { $0 * Double(count) }
            },
            .peers("cpu", .atMost(1)),
            // What a shell waited for tells the memory of its largest process.
            Goal("rss / best peer's", .atMost(1)) {
                $0.ours("rss") / $0.bestPeer("rss").map { $0 * Double(processes) }
            },
        ]
    }
}
