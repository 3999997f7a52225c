// SPDX-License-Identifier: MIT

/// What happens inside, by counting.
extension Rows {
    private func perFrame(_ options: String) -> PerFrame {
        let (film, programs) = (hd1080, programs)
        return PerFrame(programs: programs, runner: runner) {
            programs.camera(film, $0, to: "/dev/null", options)
        }
    }

    var instructions: Row {
        let (frames, raw) = (max(frames(50), 20), perFrame("--format nv12"))
        return Row(
            name: "instructions", title: "Instructions a raw frame", frames: frames,
            contenders: [Contender("camera", .ours) { try raw.instructions(frames: frames) }], goals: [])
    }

    func allocations(_ format: String, _ codecs: [String]) -> Row {
        let frames = max(frames(1000), 50)
        let command = perFrame("--format \(format)" + (format == "h264" ? " --bitrate 8M --threads 1" : ""))
        return Row(
            name: "allocations-\(format)", title: "Calls of malloc a frame to \(format), without the codec's",
            frames: frames,
            contenders: [
                Contender("camera", .ours) { try command.allocations(frames: frames, except: codecs) }
            ],
            // A hundredth of a call is what runs differ by in starting.
            goals: [Goal("calls a frame", .atMost(0.01)) { $0.ours("allocations") }])
    }
}
